"""Cells of the tables of separability: which end of a null stands beside a number."""

from types import SimpleNamespace

import numpy as np
import pytest

from ecglens.lenses.separability.table_cells import (
    STRATUM_WORDS,
    as_term,
    beside_chance,
    cell,
    chance,
    number_words,
    with_interval,
    words_for,
)
from ecglens.metric import Metric
from ecglens.report.table import Cell

FACTS = {
    "status": "done", "reason": "", "value": 0.5, "patient_low": 0.4, "patient_high": 0.6, "metric": "ari",
    "null_low": 0.01, "null_high": 0.05, "p_value": 0.02,
}  # fmt: skip


def row(**changes) -> SimpleNamespace:
    return SimpleNamespace(**FACTS | changes)


@pytest.mark.parametrize("show", [cell, with_interval, beside_chance, chance])
def test_what_was_not_asked_is_a_dash(show) -> None:
    assert show(None) == Cell("–")


@pytest.mark.parametrize("show", [cell, with_interval, beside_chance])
def test_a_gap_has_its_word(show) -> None:
    assert show(row(status="failed", reason="why")) == Cell("failed", ("why",), quiet=True)
    assert chance(row(status="failed")) == Cell("–")


def test_an_interval_is_shown_if_both_ends_are_known() -> None:
    assert with_interval(row()).text == "0.50 [0.40, 0.60]"
    for end in ("patient_low", "patient_high"):
        assert with_interval(row(**{end: np.nan})).text == "0.50"
    assert cell(row()).text == "0.50"


@pytest.mark.parametrize(("best", "strong"), [(0.5, True), (0.6, False), (None, False)])
def test_the_best_is_marked(best, strong) -> None:
    assert cell(row(), best=best).strong == strong


@pytest.mark.parametrize(
    ("metric", "end"),
    [
        ("ari", "0.05"), ("knn_rescaled", "0.05"), ("source_classifier", "0.05"), ("pc_regression_source", "0.05"),
        ("ilisi", "0.01"), ("bras", "0.01"),
    ],
)  # fmt: skip
def test_what_chance_seldom_passes_is_below_for_metrics_that_structure_lowers(metric, end) -> None:
    assert beside_chance(row(metric=metric)).text == f"0.50 [0.40, 0.60] ({end})"
    assert beside_chance(row(metric=metric, null_high=np.nan)).text == "0.50 [0.40, 0.60]"


def test_a_metric_from_outside_says_its_own_direction() -> None:
    words = {name: Metric(name=name, title=name, symbol=name, better=name) for name in ("higher", "lower")}
    assert beside_chance(row(metric="higher"), words).text.endswith("(0.05)")
    assert beside_chance(row(metric="lower"), words).text.endswith("(0.01)")
    assert beside_chance(row(metric="lower:af"), words).text.endswith("(0.01)")


def test_chance_is_the_upper_end_with_its_p() -> None:
    assert chance(row()).text == "0.05 (p 0.020)"
    assert chance(row(p_value=np.nan)) == Cell("–")


def test_words_of_an_unknown_metric_are_its_name() -> None:
    study = {"geometry": {"metrics": ["no_such.package:METRIC", "ari"]}}
    found = number_words(study)
    assert words_for("ari", found).symbol == "ARI"
    assert words_for("no_such", found).title == "no_such"


@pytest.mark.parametrize(
    ("level", "stratum", "words"),
    [
        ("source-within-label", "0", "negatives"),
        ("source-within-label", "1", "positives"),
        ("label-across-sources", "all", "all data sets"),
        ("site", "all", "all data sets"),
    ],
)
def test_strata_have_words(level: str, stratum: str, words: str) -> None:
    assert STRATUM_WORDS[level, stratum] == words


def test_a_sentence_becomes_a_phrase_of_a_legend() -> None:
    assert as_term("Share of Neighbours.") == "share of Neighbours"
    assert as_term("") == ""
