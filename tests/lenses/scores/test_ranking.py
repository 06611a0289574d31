"""Encoders in the order of their ranks, and which are above chance."""

import numpy as np
import pandas as pd
import pytest
from tests.made_up.small import GRID

from ecglens.lenses.scores.ranking import Ranking, is_above, rank_encoders
from ecglens.lenses.scores.rows import ComparisonRow
from ecglens.study.results import cannot_fill_frame, cell_frame

SCORES = {("conv", "here"): 0.7, ("features", "here"): 0.8, ("conv", "there"): 0.9, ("features", "there"): 0.6}


def row(statistic: str, encoder: str = "", dataset: str = "", **numbers) -> dict:
    place = {"encoder": encoder, "dataset": dataset, "task": "af" if dataset else "", "size": "S", "probe": "mlp"}
    return place | {"statistic": statistic} | numbers


def ranked(*rows: dict) -> Ranking:
    return rank_encoders(cell_frame(ComparisonRow, {}, pd.DataFrame(rows)), GRID)


def score_rows(scores=SCORES) -> list[dict]:
    return [row("score", encoder, dataset, value=value) for (encoder, dataset), value in scores.items()]


def chance(value: float, p_holm: float, dataset: str = "here") -> dict:
    return row("against shuffled labels", "conv", dataset, value=value, p_holm=p_holm)


@pytest.mark.parametrize(
    ("value", "p_holm", "above"),
    [
        (0.2, 0.01, True),
        (-0.2, 0.01, False),  # significantly worse
        (0.2, 0.05, False),
        (0.2, 0.0499, True),
        (0.2, np.nan, False),
        (0.0, 0.01, False),
    ],
)
def test_above_chance_is_significant_and_higher(value, p_holm, above) -> None:
    ranking = ranked(chance(value, p_holm))
    assert is_above(ranking.chance).tolist() == [above]
    own = ranking.table.set_index("encoder").loc["conv"]
    assert (own["above_chance"], own["compared"], own["gain"]) == (above, 1, value)


def test_a_rank_has_its_interval_and_the_mean_over_its_own_blocks() -> None:
    ranks = [row("rank", "conv", value=1.4, low=1.1, high=1.6), row("rank", "features", value=1.6, low=1.2, high=2.0)]
    ranking = ranked(*ranks, *score_rows(), *score_rows({("conv", "far"): 0.5}))
    assert ranking.order == ("conv", "features")
    first = ranking.table.iloc[0]
    assert first[["rank", "low", "high", "n_blocks"]].tolist() == [1.4, 1.1, 1.6, 3]
    assert first["f1"] == pytest.approx((0.7 + 0.9 + 0.5) / 3)


def test_the_lower_rank_is_first_and_of_equals_the_higher_f1() -> None:
    tied = [row("rank", "conv", value=1.5), row("rank", "features", value=1.5)]
    assert ranked(*tied, *score_rows({("conv", "here"): 0.6, ("features", "here"): 0.7})).order == ("features", "conv")
    assert ranked(*tied, *score_rows({("conv", "here"): 0.7, ("features", "here"): 0.6})).order == ("conv", "features")
    worse = [row("rank", "conv", value=2.0), row("rank", "features", value=1.0)]
    assert ranked(*worse, *score_rows({("conv", "here"): 0.9, ("features", "here"): 0.1})).order == ("features", "conv")


def test_encoders_without_a_rank_come_last() -> None:
    ranking = ranked(row("rank", "features", value=2.0))
    assert ranking.order == ("features", "conv")
    assert ranking.table["rank"].isna().tolist() == [False, True]


def test_probes_are_named_once_in_their_order() -> None:
    rows = [row("score", "conv", str(n), value=0.5) | {"probe": probe} for n, probe in enumerate(("b", "a", "b"))]
    assert ranked(*rows).table.set_index("encoder").loc["conv", "probes"] == ("b", "a")


def test_rows_that_are_not_done_are_left_out() -> None:
    frame = cannot_fill_frame(ComparisonRow, {"statistic": "score", "encoder": "conv"}, "nothing to compare")
    assert rank_encoders(frame, GRID).scores.empty


def test_the_rank_of_shuffled_labels_is_its_mean_place_over_whole_blocks() -> None:
    ranks = [row("rank", name, value=1.5) for name in GRID.encoders]
    # here: below both, third; there: equal to the second, 2.5; far: one encoder has no score, so that it has no rank.
    shuffled = [row("shuffled labels", "", d, value=v) for d, v in (("here", 0.5), ("there", 0.6), ("far", 0.9))]
    bounds = row("shuffled rank", low=2.1, high=3.0)
    found = ranked(*ranks, *score_rows(), *score_rows({("conv", "far"): 0.5}), *shuffled, bounds).shuffled
    assert (found.rank, found.low, found.high) == pytest.approx((2.75, 2.1, 3.0))
    assert (found.f1, found.n_blocks) == (pytest.approx((0.5 + 0.6 + 0.9) / 3), 3)


def test_shuffled_labels_of_one_task_are_not_held_against_the_scores_of_another() -> None:
    ranks = [row("rank", name, value=1.5) for name in GRID.encoders]
    # In the first task they are above both encoders, in the second below both.
    of_tasks = [
        part | {"task": task}
        for task, high in (("af", 0.1), ("cd", 0.9))
        for part in (
            *score_rows({("conv", "here"): high, ("features", "here"): high}),
            row("shuffled labels", "", "here", value=0.5),
        )
    ]
    assert ranked(*ranks, *of_tasks).shuffled.rank == pytest.approx((1 + 3) / 2)


def test_without_shuffled_labels_they_have_no_rank() -> None:
    found = ranked(*[row("rank", name, value=1.5) for name in GRID.encoders], *score_rows()).shuffled
    assert np.isnan([found.rank, found.low, found.high, found.f1]).all()
    assert found.n_blocks == 0


def test_rows_are_sorted_by_rank_and_keep_their_order_inside_an_encoder() -> None:
    ranking = ranked(row("rank", "features", value=1.0), row("rank", "conv", value=2.0))
    table = pd.DataFrame({"encoder": ["conv", "features", "conv", "features"], "n": [1, 2, 3, 4]})
    assert ranking.sorted(table)["n"].tolist() == [2, 4, 1, 3]


FRIEDMAN = (row("friedman", value=7.5, p_value=0.0042, n=6), row("critical difference", value=1.2, n=6))


def test_the_test_over_blocks_and_what_it_leaves_out_in_words() -> None:
    whole = ranked(*FRIEDMAN)
    assert whole.friedman == "Friedman over 6 data sets x tasks: p = 0.0042."
    assert whole.test == {
        "p_value": 0.0042, "critical_difference": 1.2, "n_blocks": 6, "blocks_left_out": 0, "left_out": 0.0,
    }  # fmt: skip
    one = ranked(*FRIEDMAN, row("blocks left out", value=1, n=7), row("replicates left out", value=40, n=1000))
    assert one.friedman.endswith("1 more is left out of ranks and test: an encoder has no score there.")
    assert (one.blocks_left_out, one.left_out) == (1, 0.04)
    assert "2 more are left out" in ranked(*FRIEDMAN, row("blocks left out", value=2, n=8)).friedman


def test_two_encoders_have_no_test() -> None:
    ranking = ranked(row("friedman", value=np.nan, p_value=np.nan, n=6), FRIEDMAN[1])
    assert ranking.friedman == ""
    assert ranking.n_blocks == 6


def test_without_a_comparison_nothing_is_known() -> None:
    ranking = ranked(row("other"))
    assert np.isnan([ranking.p_value, ranking.critical_difference]).all()
    assert (ranking.n_blocks, ranking.blocks_left_out, ranking.left_out, ranking.friedman) == (0, 0, 0.0, "")
    assert ranking.order == GRID.encoders


def test_sizes_are_those_of_the_scores() -> None:
    rows = [
        row("score", "conv", "here", value=0.5),
        row("score", "conv", "here", value=0.5) | {"task": "cd", "size": "L"},
    ]
    assert ranked(*rows).sizes == {"af": "S", "cd": "L"}


def test_pairs_and_chance_have_their_own_tables() -> None:
    ranking = ranked(chance(0.1, 0.5), row("pair", "conv", "here", other="features", value=0.3), *score_rows())
    assert ranking.chance[["encoder", "value"]].to_numpy().tolist() == [["conv", 0.1]]
    assert ranking.pairs[["encoder", "other", "value"]].to_numpy().tolist() == [["conv", "features", 0.3]]
    assert len(ranking.scores) == 4
