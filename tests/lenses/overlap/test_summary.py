"""The summary of overlap: its reference, its ceiling, and what the cut-off changes."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.made_up.small_overlap import DIM, GRID, PLACE, at, attribution_rows, between, inside, overlap_of, probe_rows

from ecglens.lenses.overlap.rows import AttributionRow, OverlapRow
from ecglens.lenses.overlap.summary import NO_SIZE
from ecglens.report.frames import where
from ecglens.report.gaps import Grid
from ecglens.study.results import SampleRow, cannot_fill_frame

TREE = [*between(0.3), *between(0.5, probe="tree")]


def conv(table: pd.DataFrame, labels: str = "true") -> pd.DataFrame:
    return where(table, encoder="conv", task="af", labels=labels)


def failed(stage: str, cell: str) -> pd.DataFrame:
    return pd.DataFrame([(stage, cell, "Traceback\nMemoryError: none left")], columns=["stage", "cell", "error"])


def test_the_reference_is_where_the_best_probe_scores_highest() -> None:
    found = conv(overlap_of(TREE).overlap)
    assert set(found["probe"]) == {"mlp"}  # of two equal means, the first by name
    assert set(found["reference"]) == {"a"}
    assert found["dataset"].tolist() == ["b", "c"]
    better = probe_rows({("conv", "mlp"): (0.75, 0.5, 0.25), ("conv", "tree"): (0.5, 0.5, 0.75)})
    found = conv(overlap_of(TREE, probe=better).overlap)
    assert set(found["probe"]) == {"tree"}
    assert found["dataset"].tolist() == ["a", "b"]
    assert found["share"].tolist() == [0.5] * 2


def test_shuffled_labels_have_the_probe_that_is_best_on_true_ones() -> None:
    found = overlap_of([*TREE, *between(0.2, labels="shuffled"), *between(0.9, probe="tree", labels="shuffled")])
    assert conv(found.overlap, "shuffled")["share"].tolist() == [0.2] * 2
    assert where(found.overlap, encoder="features", labels="shuffled").empty, "it does not run on shuffled labels"


def test_only_the_asked_top_is_read_and_groups_have_names_of_their_own() -> None:
    other = [row | {"k": 50, "value": 0.99} for row in between(0.3)]
    groups = [row | {"unit": "group"} for row in between(0.7)]
    found = overlap_of([*between(0.3, rbo=0.4), *other, *groups])
    assert conv(found.overlap)[["share", "group_share", "rbo", "k"]].to_numpy().tolist() == [[0.3, 0.7, 0.4, 20]] * 2
    pairs = conv(found.matrix)[["dataset", "other", "share"]].to_numpy().tolist()
    assert pairs == [["a", "b", 0.3], ["a", "c", 0.3], ["b", "c", 0.3]]


def test_means_are_over_the_data_sets_that_have_a_value() -> None:
    rows = between(0.3)
    for row in rows:
        if (row["other"], row["metric"]) == ("c", "corrected"):
            row["value"] = np.nan
        if (row["other"], row["metric"]) == ("c", "share"):
            row["value"] = 0.5
    mean = conv(overlap_of(rows).means).squeeze()
    assert (mean["share"], mean["n"]) == (pytest.approx(0.4), 2)
    assert (mean["corrected"], mean["n_corrected"]) == (pytest.approx(0.3 / 0.9), 1)
    assert mean["n_group_corrected"] == 0


def test_a_probe_with_no_more_features_than_the_top_cannot_be_compared() -> None:
    rows = [row | {"metric": "dim", "value": 3, "k": np.nan} for row in between(0.3) if row["metric"] == "share"]
    found = conv(overlap_of(rows).overlap)
    assert set(found["status"]) == {"cannot-fill"}
    assert set(found["reason"]) == {"the top 20 of 3 features is all of them"}


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({}, "missing", "not computed yet"),
        ({"failures": failed("overlap", "conv__af__S__true__mlp")}, "failed", "overlap failed: MemoryError: none left"),
    ],
)
def test_the_comparison_itself_is_missing(changes, status, reason) -> None:
    found = conv(overlap_of([], **changes).overlap)
    assert found[["status", "reason"]].to_numpy().tolist() == [[status, f"{side}: {reason}"] for side in "bc"]


def test_a_failed_reference_is_the_reason_of_every_overlap_with_it() -> None:
    reference = conv(overlap_of([], failures=failed("attribution", "conv__a__af__S__true__mlp")).overlap)
    assert reference["reason"].tolist() == ["a: attribution failed: MemoryError: none left"] * 2
    one = conv(overlap_of([], failures=failed("attribution", "conv__b__af__S__true__mlp")).overlap)
    assert one["reason"].tolist() == ["b: attribution failed: MemoryError: none left", "c: not computed yet"]


def test_the_side_that_the_data_cannot_fill_is_named() -> None:
    sample = dict.fromkeys(SampleRow.columns(), 0) | {"dataset": "c", **PLACE, "labels": "true", "reason": "too few"}
    found = conv(overlap_of([], samples=pd.DataFrame([sample])).overlap)
    assert found[["status", "reason"]].to_numpy().tolist() == [
        ["missing", "b: not computed yet"], ["cannot-fill", "c: too few"],
    ]  # fmt: skip
    key = PLACE | {"encoder": "conv", "labels": "true", "probe": "mlp"}
    gap = cannot_fill_frame(AttributionRow, key | {"dataset": "b"}, "no SHAP")
    found = conv(overlap_of([], attribution=gap).overlap)
    assert found["reason"].tolist()[0] == "b: no SHAP"
    whole = cannot_fill_frame(OverlapRow, key, "needs two data sets")
    assert set(conv(overlap_of([], overlap=whole).overlap)["reason"]) == {"needs two data sets"}


def test_without_a_best_probe_every_data_set_has_the_gap() -> None:
    found = conv(overlap_of([], probe=probe_rows().iloc[:0]).overlap)
    assert found["dataset"].tolist() == ["a", "b", "c"]
    assert set(found["status"]) == {"missing"}
    assert set(found["reason"]) == {NO_SIZE}
    failures = failed("embed", "conv__b")
    found = conv(overlap_of([], probe=probe_rows().iloc[:0], failures=failures).overlap)
    assert set(found["status"]) == {"failed"}


def test_one_data_set_has_nothing_to_overlap_with() -> None:
    grid = Grid(("a",), GRID.encoders, GRID.tasks, GRID.sizes, ())
    found = conv(overlap_of([], grid).overlap)
    assert found[["status", "reason"]].to_numpy().tolist() == [
        ["cannot-fill", "overlap needs two data sets, the study has one"]
    ]


def reliability(rows, **changes) -> pd.Series:
    found = overlap_of(rows, **changes).reliability
    return where(found, encoder="conv", probe="mlp", dataset="a").squeeze()


def test_reliability_is_mean_and_spread_over_splits() -> None:
    shares = {0: 0.9, 1: 0.95, 2: 1.0}
    row = reliability([*inside("reliability_share", shares), *inside("reliability_share", {0: 0.1}, k=50)])
    assert (row["reliability_share_mean"], row["splits"]) == (pytest.approx(0.95), 3)
    assert row["reliability_share_std"] == pytest.approx(np.std([0.9, 0.95, 1.0], ddof=1))
    assert np.isnan(row["kendall_tau_mean"])
    assert row["additivity_error"] == 1e-6


@pytest.mark.parametrize(
    ("growth", "levels_off"),
    [
        ({1: 0.5, 2: 0.6, 4: 0.7, 8: 0.7}, 4),
        ({1: 0.5, 2: 0.6, 4: 0.7, 8: 0.709}, 4),
        ({1: 0.5, 2: 0.6, 4: 0.7, 8: 0.711}, np.inf),  # the last doubling adds more than 0.01
        ({}, np.nan),
    ],
)
def test_fits_after_which_averaging_no_longer_helps(growth, levels_off) -> None:
    row = reliability(inside("growth_jaccard", growth))
    np.testing.assert_equal(row["levels_off"], levels_off)


def test_the_largest_additivity_error_counts() -> None:
    worst = pd.concat([attribution_rows(1e-6), attribution_rows(1e-3)])
    assert reliability([], attribution=worst)["additivity_error"] == 1e-3


CURVES = [*at({10: 0.3, 20: 0.3, 50: 0.3}), *at({10: 0.9, 20: 0.9, 50: 0.9}, "features")]


def test_the_curve_is_the_share_beyond_chance_of_pairs_with_the_reference() -> None:
    rows = [*CURVES, *at({10: 1.0}, probe="tree")]
    for row in rows:
        if (row["dataset"], row["other"]) == ("b", "c"):
            row["value"] = 1.0  # not with the reference, a
    curve = conv(overlap_of(rows).curve)
    assert curve["k"].tolist() == [10, 20, 50]
    excess = [(0.3 - k / DIM) / (1 - k / DIM) for k in (10, 20, 50)]
    assert curve["excess"].tolist() == pytest.approx(excess)
    x = np.log([10, 20, 50])
    assert curve["area"].iloc[0] == pytest.approx(np.trapezoid(excess, x) / (x[-1] - x[0]))


def test_areas_are_taken_where_all_encoders_have_a_value() -> None:
    found = overlap_of([*at({10: 0.3, 20: 0.4, 50: 0.9}), *at({10: 0.9, 20: 0.8}, "features")]).curve
    excess = [(share - k / DIM) / (1 - k / DIM) for k, share in ((10, 0.3), (20, 0.4))]
    assert conv(found)["area"].tolist() == pytest.approx([np.mean(excess)] * 3)


def test_a_curve_of_one_cut_off_has_no_area_and_takes_none_from_others() -> None:
    found = overlap_of([*at({10: 0.3, 20: 0.4}), *at({10: 0.9}, "features")]).curve
    assert where(found, encoder="features")["area"].isna().all()
    assert conv(found)["area"].notna().all()


def test_the_verdict_on_the_cut_off_follows_the_order_of_encoders() -> None:
    assert not overlap_of(CURVES).cutoffs["af"].depends
    swapped = [*at({10: 1.0, 20: 0.3, 50: 0.3}), *CURVES[9 * 2 :]]
    found = overlap_of(swapped)
    assert found.cutoffs["af"].depends
    curve = found.curve.pivot_table(index="encoder", columns="k", values="excess")
    taus = where(found.taus, task="af", labels="true").set_index(["k", "other_k"])["kendall_tau"]
    for k, other in ((10, 20), (20, 50)):
        assert taus[k, other] == pytest.approx(stats.kendalltau(curve[k], curve[other]).statistic)
    assert taus[10, 20] == pytest.approx(-1)


def test_one_encoder_has_no_order() -> None:
    found = overlap_of(CURVES[: 9 * 2])
    assert found.cutoffs == {}
    assert found.taus.empty
