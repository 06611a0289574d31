"""A run as plain data: lenses by type, what is simulated, what pretraining saw, what failed."""

import pandas as pd
import pytest
from tests.made_up.engine import DETAILS, FOLDED, NOTHING, NUMBERS, Found, engine_summary

from ecglens.errors import StoreError
from ecglens.lenses.thresholds import Thresholds

FAILURE = pd.DataFrame([("probe", "x", "OSError: gone")], columns=["stage", "cell", "error"])


def facts(name: str, simulated: bool = False) -> dict:
    return {"card": {"name": name}, "summary": {"simulated": simulated}}


def test_what_a_lens_found_is_looked_up_by_its_class() -> None:
    summary = engine_summary()
    assert isinstance(summary.of(Found), Found)
    with pytest.raises(LookupError, match="no lens of this study gives Thresholds"):
        summary.of(Thresholds)


def test_settings_are_those_of_the_study_and_defaults() -> None:
    found = engine_summary({"thresholds": {"rope": 0.02}}).settings("thresholds", Thresholds)
    assert (found.rope, found.difference) == (0.02, Thresholds().difference)


def test_settings_of_another_version_are_refused_by_name() -> None:
    summary = engine_summary({"thresholds": {"no_such_limit": 0.4}})
    with pytest.raises(
        StoreError, match=r"another version of ecglens \(thresholds.no_such_limit\). Run the study again"
    ):
        summary.settings("thresholds", Thresholds)


def test_tables_and_frames_are_in_the_order_of_places() -> None:
    summary = engine_summary()
    assert [section.name for section in summary.sections] == ["findings", "numbers"]
    assert summary.tables == (FOLDED, NUMBERS, DETAILS, NOTHING)


def test_names_and_sizes_are_those_of_the_study_in_their_order() -> None:
    grid = engine_summary().grid
    assert (grid.sizes, grid.tasks, grid.shuffled) == (("S", "L"), ("af",), ("conv",))
    assert engine_summary().tasks == {"af": "atrial fibrillation"}


@pytest.mark.parametrize(
    ("datasets", "origin", "shown"),
    [
        (("here", "there"), "", {"here": "here", "there": "there"}),
        (("mine", "there"), "some records are simulated", {"mine": "mine (simulated)", "there": "there"}),
        (("mine", "simulated-chn"), "simulated records", {"simulated-chn": "simulated-chn"}),
    ],
)
def test_what_is_simulated_says_so(datasets, origin, shown) -> None:
    study = {"datasets": [{"name": name} for name in datasets]}
    summary = engine_summary(study, records={"mine": facts("ptb-xl", simulated=True), "there": facts("there")})
    assert summary.origin == origin
    assert summary.heading("F1", "af") == "F1: atrial fibrillation" + (f" ({origin})" if origin else "")
    assert {name: summary.shown(name) for name in shown} == shown


def test_pretraining_that_is_unknown_is_never_clean() -> None:
    cards = {"conv": ["ptb-xl"], "features": None, "age-sex": []}
    study = {"datasets": [{"name": n} for n in ("a", "b", "c")], "encoders": [{"name": n} for n in cards]}
    encoders = {name: {"card": {"pretraining": seen}} for name, seen in cards.items()}
    records = {"a": facts("ptb-xl"), "b": facts("chn"), "c": facts("ptb-xl", simulated=True)}
    found = engine_summary(study, records=records, provenance={"encoders": encoders}).exposure
    seen = found.set_index(["encoder", "dataset"])["seen"].to_dict()
    assert [seen["conv", name] for name in "abc"] == ["seen", "not seen", "simulated"]
    assert [seen["features", name] for name in "ab"] == ["unknown"] * 2
    assert [seen["age-sex", name] for name in "ab"] == ["not seen"] * 2


def test_an_encoder_that_never_ran_is_unknown_and_no_baseline() -> None:
    assert set(engine_summary().exposure["seen"]) == {"unknown"}
    assert engine_summary().baselines == ()
    cards = {"conv": {"card": {"n_parameters": 5}}, "features": {"card": {"n_parameters": 0}}}
    assert engine_summary(provenance={"encoders": cards}).baselines == ("features",)


def test_problems_are_those_of_lenses_and_what_failed() -> None:
    assert engine_summary().problems == ("Nothing worked.",)
    one, two = (engine_summary(failures=pd.concat([FAILURE] * n)).problems for n in (1, 2))
    assert one[1].startswith("1 cell or probe failed: ")
    assert two[1].startswith("2 cells or probes failed: ")


def test_notes_of_the_run_come_before_those_of_lenses() -> None:
    notes = [(note.subject, note.text) for note in engine_summary().notes]
    assert notes[-1] == ("conv", "A note & a sign.")
    assert notes[0][0] == "af"
