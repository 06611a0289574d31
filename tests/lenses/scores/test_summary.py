"""Scores of a run: verdicts use the thresholds and the baselines of the study."""

import pandas as pd
import pytest
from tests.made_up.small import GRID, small_results, summary_of
from tests.made_up.small_scores import RANKS, row

from ecglens.lenses.scores.rows import ComparisonRow, ProbeRow
from ecglens.lenses.scores.summary import encoder_order, read_scores
from ecglens.report import Summary
from ecglens.study.results import cell_frame

TEST = {"value": 0.01, "low": -0.03, "high": 0.05, "p_holm": 0.5, "n": 5, "n_records": 20, "equal": 0.1}


def summary(rows: list[dict], thresholds: dict | None = None, cards: dict | None = None) -> Summary:
    stages = {
        "probe": cell_frame(ProbeRow, {}, pd.DataFrame({"metric": [], "draw": [], "repeat": [], "fold": []})),
        "comparison": cell_frame(ComparisonRow, {}, pd.DataFrame([*RANKS, *rows])),
    }
    encoders = {name: {"card": card} for name, card in (cards or {}).items()}
    results = small_results({"thresholds": thresholds or {}}, provenance={"encoders": encoders}, **stages)
    return summary_of(results=results)


@pytest.mark.parametrize(("limit", "answer"), [(0.07, "cannot tell"), (0.08, "no better")])
def test_the_study_sets_the_difference_that_it_must_be_able_to_show(limit, answer) -> None:
    chance = row("against shuffled labels", "conv", "here", detectable=0.08, **TEST)
    (verdict,) = read_scores(summary([chance], {"difference": limit})).verdicts
    assert verdict.answer == answer


@pytest.mark.parametrize(("n_parameters", "n"), [(0, 1), (1000, 0), (None, 0)])
def test_a_baseline_is_an_encoder_without_trained_parameters(n_parameters, n) -> None:
    pair = row("pair", "conv", "here", other="features", detectable=0.1, **TEST)
    cards = {"features": {"n_parameters": n_parameters}}
    assert len(read_scores(summary([pair], cards=cards)).verdicts) == n


def test_a_run_that_has_not_begun_has_every_cell_and_no_number() -> None:
    found = read_scores(summary([]))
    assert len(found.f1) == 2 * 2 * (2 + 1)  # data sets, sizes, encoders under true labels and one under shuffled ones
    assert set(found.f1["status"]) == {"missing"}
    assert found.scores.empty


def test_encoders_are_in_the_order_of_their_ranks() -> None:
    assert encoder_order(summary_of(read_scores(summary([])))) == ("features", "conv") != GRID.encoders
