"""What a reader of the numbers has to know."""

import pytest
from tests.made_up.small import GRID, small_results

from ecglens.report.gaps import Grid
from ecglens.report.notes import encoder_card, find_notes, published_name


def said(study: dict | None = None, simulated: frozenset[str] = frozenset(), grid: Grid = GRID, **changes) -> list:
    return [(note.subject, note.text) for note in find_notes(small_results(study, **changes), grid, simulated)]


def encoders(**parameters: int) -> dict:
    return {"encoders": {name: {"card": {"name": name, "n_parameters": n}} for name, n in parameters.items()}}


def test_simulated_records_say_nothing_about_patients() -> None:
    first = said(simulated=frozenset({"there", "here"}))[0]
    assert first == ("here, there", "Simulated records: numbers on them say nothing about patients.")
    assert not any("Simulated" in text for _, text in said())


def test_a_task_has_its_rule() -> None:
    assert dict(said())["af"].startswith("atrial fibrillation. A code counts where it is present")


def test_traps_of_real_data_sets_are_told_and_of_simulated_ones_are_not() -> None:
    records = {name: {"card": {"name": "chn", "notes": ["A trap."]}, "summary": {}} for name in GRID.datasets}
    found = said(simulated=frozenset({"there"}), records=records)
    assert ("here", "A trap.") in found
    assert ("there", "A trap.") not in found


def test_remarks_on_a_task_follow_the_publishers_name() -> None:
    records = {"here": {"card": {"name": "georgia"}, "summary": {}}, "there": {"card": {"name": "chn"}, "summary": {}}}
    found = dict(said(records=records))
    assert found["af in there"].startswith("The Ningbo part has no code for atrial fibrillation at all")
    assert "af in here" not in found
    assert "af in there" not in dict(said())


def test_notes_of_an_encoder_are_those_of_its_card() -> None:
    card = {"encoders": {"conv": {"card": {"name": "conv", "notes": ["Wants 5 s."]}}}}
    assert ("conv", "Wants 5 s.") in said(provenance=card)


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        (["conv"], {"age-sex", "conv"}),
        (["conv", "age-sex"], {"conv"}),
        (["conv", "conv@untrained"], {"age-sex"}),
        (["conv", "age-sex", "conv@untrained"], set()),
    ],
)
def test_baselines_that_a_study_lacks_are_named(names, missing) -> None:
    for entries in (
        [{"name": name} for name in names],
        [{"name": f"my-{n}", "encoder": name} for n, name in enumerate(names)],
    ):
        found = said({"encoders": entries}, provenance=encoders(conv=1000, features=0))
        assert {subject for subject, text in found if "in this study" in text} == missing


def test_cards_and_names_of_what_never_ran() -> None:
    results = small_results(records={"here": {"card": {"name": "chn"}}})
    assert encoder_card(results, "conv") == {}
    assert [published_name(results, name) for name in GRID.datasets] == ["chn", "there"]
