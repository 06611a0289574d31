"""Tables of third-party metrics: which numbers they hold, in which order, and beside which chance."""

import pytest
from tests.made_up.small import texts_of
from tests.made_up.small_separability import natural, row, separability_summary

from ecglens.geometry.alignment import INDICES
from ecglens.geometry.metrics import METRICS, words_of
from ecglens.lenses.separability.custom_tables import custom_tables

METRIC = """
from ecglens.geometry import GeometryMetric

MINE = GeometryMetric(
    name="mine", title="Mine", symbol="M", better="{better}", chance="0", caption="Share of mine.",
    measure=lambda part: 0.5,
)
"""
INDEX = [row("conv", "alignment", "knn_index", -0.4), row("features", "alignment", "knn_index", 0.3)]


@pytest.fixture
def study(tmp_path, monkeypatch):
    def installed(better: str) -> dict:
        (tmp_path / f"metric_{better}_of_tests.py").write_text(METRIC.format(better=better))
        monkeypatch.syspath_prepend(str(tmp_path))
        return {"geometry": {"metrics": ["ari", f"metric_{better}_of_tests:MINE"]}}

    return installed


def test_built_in_numbers_and_pictures_have_no_place_here() -> None:
    names = [*words_of(METRICS.builtins), "knn_class:1", *(index.name for index in INDICES.values())]
    known = [row("conv", "label", name, 0.5) for name in names]
    picture = row("conv", "picture", "mine", 0.5)
    assert custom_tables(separability_summary(*known, picture), "af") == []


@pytest.mark.parametrize(
    ("better", "end", "words"),
    [("higher", "0.05", "share of mine"), ("lower", "0.01", "share of mine; lower with more structure")],
)
def test_the_words_and_the_direction_are_those_of_the_metric(study, better, end, words) -> None:
    summary = separability_summary(*INDEX, natural("conv", "label", "mine", 0.5), study=study(better))
    (table,) = custom_tables(summary, "af")
    assert table.columns == ("encoder", "M: label")
    assert texts_of(table) == [["features", "–"], ["conv", f"0.50 [0.40, 0.60] ({end})"]]
    assert table.terms[0] == ("M", words)
    assert [name for name, _ in table.terms] == ["M", "chance"]


def test_a_metric_that_is_not_installed_goes_by_its_name() -> None:
    summary = separability_summary(
        natural("conv", "label", "gone", 0.5), study={"geometry": {"metrics": ["no_such:GONE"]}}
    )
    (table,) = custom_tables(summary, "af")
    assert table.columns == ("encoder", "gone: label")
    assert [name for name, _ in table.terms] == ["chance"]


def test_levels_and_strata_have_columns_of_their_own() -> None:
    found = [
        natural("conv", "label", "mine", 0.1),
        natural("features", "label", "mine", 0.2),
        natural("conv", "source-within-label", "mine", 0.3, stratum="1"),
        natural("conv", "label-within-source", "mine", 0.4, stratum="here"),
        natural("features", "label", "yours", 0.6),
    ]
    (table,) = custom_tables(separability_summary(*INDEX, *found), "af")
    assert table.columns == (
        "encoder", "mine: label", "mine: source within a label positives", "mine: label within a source here",
        "yours: label",
    )  # fmt: skip
    shown = [[text.partition(" ")[0] for text in line] for line in texts_of(table)]
    assert shown == [["features", "0.20", "–", "–", "0.60"], ["conv", "0.10", "0.30", "0.40", "–"]]


def test_a_task_and_the_source_alone_have_tables_of_their_own() -> None:
    rows = [natural("conv", "source", "mine", 0.1), natural("conv", "source", "mine", 0.9, task="")]
    summary = separability_summary(*rows)
    (of_task,), (alone,) = custom_tables(summary, "af"), custom_tables(summary, "")
    assert "task af" in of_task.title
    assert alone.title == "Further metrics of the source"
    assert (texts_of(of_task)[0][1][:4], texts_of(alone)[0][1][:4]) == ("0.10", "0.90")


def test_a_failure_has_its_reason() -> None:
    failed = natural("conv", "label", "mine", float("nan"), status="failed", reason="division by zero")
    (table,) = custom_tables(separability_summary(failed), "af")
    assert texts_of(table)[0] == ["conv", "failed"]
    assert table.notes == ("division by zero",)
