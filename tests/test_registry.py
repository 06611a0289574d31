import pytest

from ecglens.errors import ConfigError
from ecglens.registry import Registry

NUMBERS = Registry("number", {"pi": "math:pi", "broken": "no_such_module:x"})


def test_loads_by_name_and_by_path() -> None:
    import math

    assert NUMBERS.load("pi") is math.pi
    assert NUMBERS.load("math:tau") is math.tau


def test_unknown_name_lists_the_legal_ones() -> None:
    with pytest.raises(ConfigError, match=r"unknown number 'tau'\. Known: pi, broken"):
        NUMBERS.load("tau")


@pytest.mark.parametrize("name", ["broken", "math:no_such_constant", "no_such_module:x", ":x", "raises_on_import:x"])
def test_what_cannot_be_imported_is_a_configuration_error(name: str, tmp_path, monkeypatch) -> None:
    (tmp_path / "raises_on_import.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match="cannot import"):
        NUMBERS.load(name)


def test_entry_points_add_names(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    points = [EntryPoint("tau", "math:tau", "ecglens.number")]
    monkeypatch.setattr("ecglens.registry.entry_points", lambda group: points if group == "ecglens.number" else [])
    assert NUMBERS.load("tau") == pytest.approx(6.283, abs=1e-3)
    assert NUMBERS.names() == ["pi", "broken", "tau"]


def test_a_built_in_name_keeps_its_place_and_its_object(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    points = [EntryPoint("e", "math:e", "ecglens.number"), EntryPoint("pi", "math:tau", "ecglens.number")]
    monkeypatch.setattr("ecglens.registry.entry_points", lambda group: points)
    assert NUMBERS.names() == ["pi", "broken", "e"]
    assert NUMBERS.load("pi") == pytest.approx(3.142, abs=1e-3)
