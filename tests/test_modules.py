"""Modules of the user's own: where they are found, and what is said when they are broken."""

import subprocess
import sys
from pathlib import Path

import pytest

from ecglens.errors import ConfigError
from ecglens.modules import add_folder, import_object


@pytest.fixture
def own_path(monkeypatch):
    """Restore ``sys.path`` and forget the modules that a test imports."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)
    yield sys.path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_the_working_directory_joins_the_path_only_for_a_module_that_it_holds(tmp_path, monkeypatch, own_path) -> None:
    (tmp_path / "in_working_directory.py").write_text("x = 5")
    monkeypatch.chdir(tmp_path)
    before = list(own_path)
    assert import_object("math", "pi") > 3
    with pytest.raises(ConfigError, match="there is no module 'nowhere_at_all'"):
        import_object("nowhere_at_all", "x")
    assert own_path == before
    assert import_object("in_working_directory", "x") == 5
    assert own_path == [*before, str(tmp_path)]


def test_what_is_installed_comes_before_the_working_directory(tmp_path, monkeypatch, own_path) -> None:
    (tmp_path / "colorsys.py").write_text("ONE_THIRD = 'planted'")
    monkeypatch.chdir(tmp_path)
    assert import_object("colorsys", "ONE_THIRD") == pytest.approx(1 / 3)


def test_commands_import_nothing_from_where_they_are_called(tmp_path) -> None:
    for name in ("numexpr", "bottleneck", "pytz", "lz4", "psutil", "dill"):
        (tmp_path / f"{name}.py").write_text(f"open('RAN', 'a').write('{name} ')\n")
    ecglens = Path(sys.executable).with_name("ecglens")
    assert subprocess.run([ecglens, "data", "list"], cwd=tmp_path, capture_output=True).returncode == 0
    assert not (tmp_path / "RAN").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import math\nimport no_such_thing\n", r"broken\.py, line 2: ModuleNotFoundError: No module named 'no_such_t"),
        ("x = 1\ndef f(:\n", r"broken\.py, line 2: SyntaxError"),
        ("\n\n1 / 0\n", r"broken\.py, line 3: ZeroDivisionError"),
        ("import broken_helper\n", r"broken_helper\.py, line 2: ZeroDivisionError"),
        ("import sys\nsys.exit(3)\n", r"broken\.py, line 2: SystemExit: 3"),
        ("class Encoder: ...\n", r"the module broken \(.*broken\.py\) has no 'Encodr'\. Did you mean 'Encoder'\?"),
        ("def __getattr__(name):\n    1 / 0\ndef __dir__():\n    return ['Encodr']\n", r"broken\.py, line 2: ZeroDiv"),
    ],
)
def test_a_broken_module_shows_its_file_and_line(tmp_path, own_path, text: str, message: str) -> None:
    (tmp_path / "broken.py").write_text(text)
    (tmp_path / "broken_helper.py").write_text("\n1 / 0\n")
    add_folder("broken", tmp_path)
    with pytest.raises(ConfigError, match=message):
        import_object("broken", "Encodr")


@pytest.mark.parametrize("module", ["", ".", "a b", "a\0b", "../x", "1a"])
def test_what_is_no_name_of_a_module(module: str) -> None:
    with pytest.raises(ConfigError, match="is not the name of a module"):
        import_object(module, "x")


def test_two_modules_of_one_name_are_refused(tmp_path, own_path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "models_of_mine.py").write_text(f"x = '{folder}'")
    add_folder("models_of_mine", tmp_path / "one")
    assert import_object("models_of_mine", "x") == "one"
    add_folder("models_of_mine", tmp_path / "one")
    with pytest.raises(ConfigError, match=r"two modules 'models_of_mine': .*one.*two"):
        add_folder("models_of_mine", tmp_path / "two")
