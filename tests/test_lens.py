"""The contract of a lens: columns of rows, and the order in which lenses are loaded."""

import sys
from importlib import invalidate_caches
from types import ModuleType

import pytest

from ecglens.errors import ConfigError
from ecglens.lens import LENSES, Lens, Row, Stage, load_lenses


@pytest.fixture
def shelf(monkeypatch):
    """Puts lenses into a module, from which they are named ``shelf:attribute``."""
    module = ModuleType("shelf")
    monkeypatch.setitem(sys.modules, "shelf", module)

    def place(**lenses: object) -> None:
        for name, lens in lenses.items():
            setattr(module, name, lens)

    return place


def order(*names: str) -> list[str]:
    return [lens.name for lens in load_lenses(names)]


class Base(Row):
    encoder: str
    value: float


class Derived(Base):
    n: int
    note: str


class Unlike(Row):
    kind: "str"
    maybe: str | None
    LIMIT = 5


def test_a_row_that_extends_another_has_the_columns_of_both() -> None:
    assert set(Derived.columns()) == {"encoder", "value", "n", "note"}
    assert Derived.texts() == {"encoder", "note"}
    assert Base.columns() == ("encoder", "value")


def test_only_annotated_fields_are_columns_and_only_str_is_text() -> None:
    assert Unlike.columns() == ("kind", "maybe")
    assert Unlike.texts() == {"kind"}


def test_a_stage_has_its_own_table_and_those_beside_it_but_no_raw_values() -> None:
    stage = Stage(name="own", row=Base, cells=list, compute=list, beside={"other": Derived}, raw={"fits": Unlike})
    assert stage.tables == {"own": Base, "other": Derived}


def test_every_lens_follows_those_that_it_needs() -> None:
    loaded = load_lenses()
    assert {lens.name for lens in loaded} >= set(LENSES.builtins)
    for number, lens in enumerate(loaded):
        assert set(lens.needs) <= {before.name for before in loaded[:number]}


@pytest.mark.parametrize("names", [("overlap", "scores"), ("scores", "overlap"), ("overlap", "overlap")])
def test_a_lens_is_loaded_once_however_often_it_is_named_or_needed(names) -> None:
    assert order(*names) == ["scores", "overlap"]


def test_needs_of_needs_come_first(shelf) -> None:
    shelf(top=Lens(name="top", needs=("shelf:middle", "shelf:low")), middle=Lens(name="middle", needs=("shelf:low",)))
    shelf(low=Lens(name="low"))
    assert order("shelf:top") == ["low", "middle", "top"]
    assert order("records", "shelf:top") == ["records", "low", "middle", "top"]


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        ({"a": "a"}, "lenses need each other: shelf:a -> shelf:a$"),
        ({"a": "b", "b": "a"}, "lenses need each other: shelf:a -> shelf:b -> shelf:a$"),
        ({"a": "b", "b": "c", "c": "b"}, "shelf:a -> shelf:b -> shelf:c -> shelf:b$"),
    ],
    ids=str,
)
def test_lenses_that_need_each_other_are_refused_with_the_circle(shelf, needs, message) -> None:
    shelf(**{name: Lens(name=name, needs=(f"shelf:{needed}",)) for name, needed in needs.items()})
    with pytest.raises(ConfigError, match=message):
        load_lenses(["shelf:a"])


def test_an_unknown_lens_is_refused_with_the_closest_name() -> None:
    with pytest.raises(ConfigError, match=r"unknown lens 'score'\. Did you mean 'scores'\? Known: records, scores"):
        load_lenses(["score"])


def test_a_lens_that_needs_an_unknown_one_is_refused(shelf) -> None:
    shelf(a=Lens(name="a", needs=("nowhere",)))
    with pytest.raises(ConfigError, match="unknown lens 'nowhere'"):
        load_lenses(["shelf:a"])


def test_two_lenses_of_one_name_are_refused(shelf) -> None:
    shelf(a=Lens(name="scores"))
    with pytest.raises(ConfigError, match="'shelf:a' is another lens named 'scores': rename one of them"):
        load_lenses(["scores", "shelf:a"])
    assert order("shelf:a", "shelf:a") == ["scores"]


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"settings": {"geometry": Base}}, "'separability' and 'own' both add the field 'geometry'"),
        ({"stages": (Stage(name="probe", row=Base, cells=list, compute=list),)}, "both add the table 'probe'"),
        (
            {"stages": (Stage(name="own", row=Base, cells=list, compute=list, raw={"prediction": Base}),)},
            "'scores' and 'own' both add the table 'prediction'",
        ),
    ],
    ids=["field", "table", "raw table"],
)
def test_lenses_that_add_the_same_name_are_refused(shelf, own, message) -> None:
    shelf(own=Lens(name="own", **own))
    with pytest.raises(ConfigError, match=message):
        load_lenses(["separability", "scores", "shelf:own"])


def test_what_is_no_lens_is_refused_by_its_type(shelf) -> None:
    shelf(cls=Lens, module=sys)
    with pytest.raises(ConfigError, match=r"lens 'shelf:cls' is a type, not an ecglens\.lens\.Lens"):
        load_lenses(["shelf:cls"])
    with pytest.raises(ConfigError, match="lens 'shelf:module' is a module"):
        load_lenses(["shelf:module"])


def test_an_installed_package_adds_lenses_and_replaces_no_built_in(shelf, tmp_path, monkeypatch) -> None:
    shelf(own=Lens(name="own", needs=("scores",)), scores=Lens(name="scores"))
    metadata = tmp_path / "strangers-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[ecglens.lens]\nown = shelf:own\nscores = shelf:scores\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    invalidate_caches()
    assert order("own") == ["scores", "own"]
    assert order() == [*LENSES.builtins, "own"]
    assert load_lenses(["scores"])[0].stages
