"""Tables of scores, each from the numbers that it shows."""

import numpy as np
import pandas as pd
import pytest
from tests.made_up.small import column, small_results, summary_of, texts_of
from tests.made_up.small_scores import cell_rows, f1_of, row, scores_of

from ecglens.lenses.scores.nested import NESTED
from ecglens.lenses.scores.tables import (
    AT_CHANCE,
    EXPOSED,
    every_metric,
    f1_of_encoders,
    f1_of_probes,
    pairs_of_encoders,
    rank_table,
    verdict_table,
)
from ecglens.lenses.scores.verdicts import Headline
from ecglens.probes.metrics import METRICS


def test_ranks_with_intervals_means_and_what_is_above_chance() -> None:
    chance = [row("against shuffled labels", "conv", "here", value=v, p_holm=p) for v, p in ((0.2, 0.01), (-0.1, 0.01))]
    table = rank_table(summary_of(scores_of(*chance)))
    assert texts_of(table) == [
        ["features", "1.25 [1.00, 1.50]", "0.80", "1", "–", "–", "MLP"],
        ["conv", "1.75 [1.50, 2.00]", "0.70", "1", "0.05", "1 of 2", "MLP"],
    ]
    assert "at size S for af" in table.caption


def test_shuffled_labels_are_the_last_rank_and_step_back() -> None:
    shuffled = [row("shuffled labels", "", "here", value=0.6), row("shuffled rank", low=2.5, high=3.0)]
    table = rank_table(summary_of(scores_of(*shuffled)))
    assert texts_of(table)[-1] == ["shuffled labels", "3.00 [2.50, 3.00]", "0.60", "1", "–", "–", "–"]
    assert all(cell.quiet for cell in table.rows[-1])


def test_what_ranks_leave_out_is_told() -> None:
    left_out = [row("blocks left out", value=2, n=8), row("replicates left out", value=40, n=1000)]
    tested = [row("friedman", value=7.5, p_value=0.004, n=6), row("critical difference", value=1.2, n=6)]
    table = rank_table(summary_of(scores_of(*left_out, *tested)))
    assert "(4% of replicates without a score are left out)" in table.caption
    differences = dict(table.terms)["differences"]
    assert "2 more are left out of ranks and test: an encoder has no score there." in differences
    assert differences.endswith("Differences in rank below 1.20 are not significant (Nemenyi, 5 %).")
    assert "No ranks" not in table.caption


def test_without_a_test_nothing_is_told_apart() -> None:
    table = rank_table(summary_of(scores_of()))
    assert "differences" not in dict(table.terms)
    assert "left out" not in table.caption
    assert table.caption.endswith("No ranks: no data set and task has scores of two encoders or more.")


def test_f1_is_by_size_and_rank_with_the_other_probes_below() -> None:
    table = f1_of_encoders(summary_of(scores_of()), "af")
    block = [
        ["features", NESTED, "0.70 [0.60, 0.80]", "0.71 [0.61, 0.81]"],
        ["features", "best of the cell", "0.82 XGB", "0.82 XGB"],
        ["features", "always MLP", "0.65", "0.65"],
        ["conv", NESTED, "0.70 [0.60, 0.80]", "0.71 [0.61, 0.81]"],
        ["conv", "best of the cell", "0.82 XGB", "0.82 XGB"],
        ["conv", "always MLP", "0.65", "0.65"],
        ["conv, shuffled labels", NESTED, "0.50 [0.40, 0.60]", "0.51 [0.41, 0.61]"],
    ]
    assert texts_of(table) == [[size, *line] for size in ("S", "L") for line in block]
    assert [cell.quiet for cell in table.rows[6][3:]] == [True, True]
    assert not any(cell.strong for line in table.rows for cell in line)


def one_cell(exposure: str = "not seen", **facts):
    """The cell of conv here, at size S."""
    first, *_ = cell_rows()
    summary = summary_of(scores_of(f1=f1_of([first | facts])))
    summary.exposure["seen"] = exposure
    return f1_of_encoders(summary, "af").rows[0][3]


def test_the_highest_mean_is_marked() -> None:
    assert one_cell(best=True).strong
    assert not one_cell(best=False).strong


@pytest.mark.parametrize(("overlaps", "noted"), [(True, True), (False, False), (pd.NA, False)])
def test_a_score_at_chance_has_a_note(overlaps, noted) -> None:
    assert (AT_CHANCE in one_cell(overlaps_shuffled=overlaps).notes) == noted


@pytest.mark.parametrize("seen", ["seen", "selection", "unknown"])
def test_what_pretraining_saw_is_noted_under_true_labels(seen) -> None:
    assert one_cell(seen).notes == (EXPOSED[seen],)
    assert one_cell(seen, labels="shuffled").notes == ()


@pytest.mark.parametrize("seen", ["not seen", "simulated"])
def test_what_pretraining_did_not_see_has_no_note(seen) -> None:
    assert one_cell(seen).notes == ()


def test_a_gap_has_its_word_and_reason() -> None:
    cell = one_cell(status="cannot-fill", reason="needs 500 positives", mean=np.nan)
    assert (cell.text, cell.notes, cell.quiet) == ("cannot fill", ("needs 500 positives",), True)


def probe_scores(**means: float) -> pd.DataFrame:
    first, *_ = cell_rows()
    numbers = {name: {"mean": mean, "low": mean - 0.1, "high": mean + 0.1} for name, mean in means.items()}
    return pd.DataFrame([first | {"metric": "f1", "probe": name} | own for name, own in numbers.items()])


def probes_of(scores: pd.DataFrame, **results):
    first, *_ = cell_rows()
    found = scores_of(f1=f1_of([first | results.pop("cell", {})]), scores=scores)
    return f1_of_probes(summary_of(found, results=small_results(**results)), "af")


def test_the_best_probe_of_a_cell_is_marked() -> None:
    table = probes_of(probe_scores(mlp=0.6, xgboost=0.7))
    assert texts_of(table) == [["S", "conv", "true", "here", "0.60 [0.50, 0.70]", "0.70 [0.60, 0.80]"]]
    assert [cell.strong for cell in table.rows[0][4:]] == [False, True]


def test_a_probe_that_failed_stands_beside_the_others() -> None:
    failures = pd.DataFrame(
        [("probe", "conv__here__af__S__true__xgboost", "Traceback\nValueError: no")], columns=["stage", "cell", "error"]
    )
    table = probes_of(probe_scores(mlp=0.6), failures=failures)
    first, second = table.rows[0][4:]
    assert (first.text, first.strong) == ("0.60 [0.50, 0.70]", True)
    assert (second.text, second.notes) == ("failed", ("probe failed: ValueError: no",))


def test_a_cell_without_numbers_has_the_same_gap_for_every_probe() -> None:
    table = probes_of(probe_scores(other=0.5).iloc[:0], cell={"status": "cannot-fill", "reason": "too few"})
    assert [(cell.text, cell.notes) for cell in table.rows[0][4:]] == [("cannot fill", ("too few",))] * 2


def test_every_metric_is_shown_of_cells_with_numbers_by_rank() -> None:
    cells = cell_rows()
    cells[0] |= {"status": "failed"}
    table = every_metric(summary_of(scores_of(f1=f1_of(cells))), "af")
    assert len(table.columns) == 5 + len(METRICS) + 4
    assert [cell.text for cell in column(table, "encoder")] == (["features"] * 2 + ["conv"] * 3) + (
        ["features"] * 2 + ["conv"] * 4
    )
    assert texts_of(table)[0][:5] == ["S", "features", "here", "true", "mlp"]
    assert texts_of(table)[0][5:] == ["0.70 [0.60, 0.80]"] * len(METRICS) + ["200", "250", "100", "5"]


def test_undefined_fits_are_noted_at_the_metric() -> None:
    first, *_ = cell_rows()
    nested = pd.concat([f1_of([first]).assign(metric=name, n_undefined=int(name == "recall")) for name in METRICS])
    table = every_metric(summary_of(scores_of(f1=f1_of([first]), scores=nested)), "af")
    noted = {name for name, cell in zip(table.columns, table.rows[0], strict=True) if cell.notes}
    assert noted == {METRICS["recall"].symbol}
    assert table.notes == ("left out: 1 fit (fold and draw) without a defined value",)


TEST = {"low": 0.1, "high": 0.3, "n": 5, "n_records": 250, "worse": 0.1, "equal": 0.2, "better": 0.7}


def pair(value: float, p_holm: float, **facts):
    one = row("pair", "conv", "here", other="features", value=value, p_holm=p_holm, p_value=0.0, **TEST)
    return pairs_of_encoders(summary_of(scores_of(one | {"detectable": 0.09} | facts)), "af")


@pytest.mark.parametrize(
    ("value", "p_holm", "strong", "notes"),
    [
        (0.2, 0.0499, True, ()),
        (0.2, 0.05, False, ()),
        (-0.2, 0.0499, False, ("significantly lower",)),
        (-0.2, 0.05, False, ()),
    ],
)
def test_only_a_significantly_better_encoder_is_marked(value, p_holm, strong, notes) -> None:
    (cell,) = column(pair(value, p_holm), "difference in F1")
    assert (cell.strong, cell.notes) == (strong, notes)


def test_a_pair_has_its_test_and_what_it_could_show() -> None:
    assert texts_of(pair(0.2, 0.0001)) == [
        ["here", "S", "conv", "features", "0.20 [0.10, 0.30]", "< 0.001", "< 0.001", "0.09", "0.10 / 0.20 / 0.70", "5",
         "250"],
    ]  # fmt: skip
    assert [column(pair(0.2, 0.4, detectable=value), "detectable")[0].text for value in (1.0, 1.01)] == ["1.00", "> 1"]


def test_pairs_are_by_data_set_and_rank_with_shuffled_labels_among_them() -> None:
    found = [row("pair", "conv", dataset, other="features", value=0.1, **TEST) for dataset in ("there", "here")]
    found += [row("against shuffled labels", encoder, "here", value=0.2, **TEST) for encoder in ("conv", "features")]
    table = pairs_of_encoders(summary_of(scores_of(*found)), "af")
    assert [(line[0], line[2], line[3]) for line in texts_of(table)] == [
        ("here", "features", "shuffled labels"),
        ("here", "conv", "features"),
        ("here", "conv", "shuffled labels"),
        ("there", "conv", "features"),
    ]


def test_verdicts_name_the_difference_that_the_study_asks_for() -> None:
    said = [Headline("above chance", "conv", "af", "yes")]
    results = small_results({"thresholds": {"difference": 0.07}})
    table = verdict_table(summary_of(scores_of(), results=results), said)
    assert texts_of(table) == [["conv", "af", "above chance", "yes"]]
    assert "a difference of 0.07" in dict(table.terms)["no better"]
    assert table.folded
