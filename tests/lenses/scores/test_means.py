"""Means of scores and their intervals, the marked cells, and reasons of gaps."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.made_up.small import GRID, small_results

from ecglens.lenses.scores.means import CELL, f1_table, score_table
from ecglens.lenses.scores.nested import NESTED
from ecglens.lenses.scores.rows import ProbeRow
from ecglens.probes.metrics import METRICS
from ecglens.report.gaps import Grid
from ecglens.study.results import cannot_fill_frame, cell_frame

PLACE = {"encoder": "conv", "dataset": "here", "task": "af", "size": "S", "labels": "true"}
COUNTS = {"n_train": 200, "n_test": 50, "n_test_positive": 20}
MLP, TREE = [0.5, 0.6, 0.7, 0.4, 0.5], [0.9, 0.5, 0.4, 0.5, 0.4]


def probe_rows(f1: dict[str, list[float]], draw: int = 0, repeat: int = 0, **metrics: list[float]) -> pd.DataFrame:
    """Rows of the stage: every metric has the values of F1, or its own."""
    rows = []
    for probe, values in f1.items():
        for fold, value in enumerate(values):
            numbers = dict.fromkeys(METRICS, value) | COUNTS | {name: own[fold] for name, own in metrics.items()}
            place = {"probe": probe, "draw": draw, "repeat": repeat, "fold": fold + repeat * len(values)}
            rows += [place | {"metric": metric, "value": number} for metric, number in numbers.items()]
    return cell_frame(ProbeRow, PLACE, pd.DataFrame(rows))


def score(table: pd.DataFrame, probe: str = "mlp", metric: str = "f1") -> pd.Series:
    (row,) = (row for _, row in score_table(table).iterrows() if (row["probe"], row["metric"]) == (probe, metric))
    return row


def test_the_interval_is_corrected_for_the_overlap_of_training_sets() -> None:
    row = score(probe_rows({"mlp": MLP}))
    # Nadeau and Bengio (2003): 250 records in 5 folds train on 200 and test on 50.
    scale = np.std(MLP, ddof=1) * np.sqrt(1 / 5 + 50 / 200)
    low, high = stats.t.interval(0.95, df=4, loc=np.mean(MLP), scale=scale)
    assert (row["mean"], row["low"], row["high"]) == pytest.approx((np.mean(MLP), low, high))
    counts = row[["n_train", "n_test", "n_positive", "n_folds", "n_undefined"]].tolist()
    assert counts == [200, 250, 100, 5, 0]


def test_draws_are_averaged_inside_a_fold_and_repeats_are_further_folds() -> None:
    again = probe_rows({"mlp": [value + 0.2 for value in MLP]}, draw=1)
    row = score(pd.concat([probe_rows({"mlp": MLP}), again]))
    assert (row["mean"], row["n_folds"], row["n_test"]) == (pytest.approx(np.mean(MLP) + 0.1), 5, 250)
    row = score(pd.concat([probe_rows({"mlp": MLP}), probe_rows({"mlp": TREE}, repeat=1)]))
    assert (row["mean"], row["n_folds"]) == (pytest.approx(np.mean(MLP + TREE)), 10)
    assert (row["n_test"], row["n_positive"]) == (250, 100)  # the records of one repeat


def test_the_nested_mean_scores_every_fold_with_the_probe_of_the_others() -> None:
    folds = np.array([MLP, TREE])
    best = [np.delete(folds, fold, axis=1).mean(axis=1).argmax() for fold in range(5)]
    row = score(probe_rows({"mlp": MLP, "tree": TREE}), NESTED)
    assert row["mean"] == pytest.approx(np.mean([folds[probe, fold] for fold, probe in enumerate(best)]))
    assert row["mean"] < folds.mean(axis=1).max()
    assert row["chosen"] == ["mlp", "tree"][np.bincount(best).argmax()]


@pytest.mark.parametrize(("missing", "known"), [(2, True), (3, False)])
def test_a_metric_that_most_folds_lack_has_no_mean(missing, known) -> None:
    slopes = [np.nan] * missing + [1.2] * (5 - missing)
    row = score(probe_rows({"mlp": MLP}, calibration_slope=slopes), metric="calibration_slope")
    assert (row["n_folds"], row["n_undefined"]) == (5 - missing, missing)
    assert row[["mean", "low", "high"]].notna().tolist() == [known] * 3


def test_half_of_the_folds_is_enough() -> None:
    row = score(probe_rows({"mlp": [0.5] * 4}, precision=[0.4, 0.6, np.nan, np.nan]), metric="precision")
    assert row["mean"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("metric", "values", "low", "high"),
    [
        ("recall", [0.0, 1.0, 0.0, 1.0, 1.0], 0, 1),
        ("mcc", [-1.0, 1.0, -1.0, 1.0, -1.0], -1, 1),
        ("brier", [0.0, 1.0, 0.0, 1.0, 0.0], 0, 1),
        ("threshold_tuned", [-5e-7, 1.0, 0.0, 1.0, 0.0], None, 1),
    ],
)
def test_intervals_are_cut_at_the_range_of_the_metric(metric, values, low, high) -> None:
    row = score(probe_rows({"mlp": MLP}, **{metric: values}), metric=metric)
    assert row["high"] == high
    assert low is None or row["low"] == low
    assert row["low"] <= row["mean"] <= row["high"]


def test_a_slope_has_no_range() -> None:
    row = score(probe_rows({"mlp": MLP}, calibration_slope=[-9.0, 9, 9, 9, 9]), metric="calibration_slope")
    assert row["low"] < -1
    assert row["high"] > 9


def scores(**cells: tuple[float, float, float]) -> pd.DataFrame:
    """Nested F1 by ``encoder_dataset_labels``: mean, low, high."""
    rows = []
    for name, (mean, low, high) in cells.items():
        encoder, dataset, labels = name.split("_")
        place = dict(zip(CELL, (encoder, dataset, "af", "S", labels), strict=True))
        rows.append(place | {"probe": NESTED, "metric": "f1", "mean": mean, "low": low, "high": high})
    return pd.DataFrame(rows)


def table(scores: pd.DataFrame, probe: pd.DataFrame | None = None, **results) -> pd.DataFrame:
    grid = Grid(GRID.datasets, GRID.encoders, ("af",), ("S",), ("conv",))
    stage = cell_frame(ProbeRow, {}, pd.DataFrame()) if probe is None else probe
    return f1_table(small_results(probe=stage, **results), scores, grid).set_index(["encoder", "dataset", "labels"])


SOME = scores(
    conv_here_true=(0.7, 0.6, 0.8), conv_here_shuffled=(0.5, 0.4, 0.6), features_here_true=(0.6, 0.5, 0.9),
    conv_there_true=(0.55, 0.5, 0.6), conv_there_shuffled=(0.9, 0.4, 0.49),
)  # fmt: skip


def test_every_cell_that_the_study_asks_for_has_a_row() -> None:
    found = table(SOME)
    assert list(found.index) == [
        ("conv", "here", "true"), ("conv", "there", "true"), ("conv", "here", "shuffled"),
        ("conv", "there", "shuffled"), ("features", "here", "true"), ("features", "there", "true"),
    ]  # fmt: skip
    assert found["mean"].isna().sum() == 1


def test_the_highest_mean_of_a_data_set_is_best_under_true_labels_only() -> None:
    found = table(SOME)
    assert found.index[found["best"]].tolist() == [("conv", "here", "true"), ("conv", "there", "true")]
    tie = pd.concat([SOME, scores(features_there_true=(0.55, 0.1, 0.9))])
    assert table(tie)["best"].sum() == 3


def test_overlap_with_shuffled_labels_compares_the_bounds() -> None:
    found = table(SOME)["overlaps_shuffled"]
    assert found["conv", "here", "true"]  # 0.6 reaches 0.6
    assert not found["conv", "there", "true"]  # 0.5 is above 0.49
    assert pd.isna(found["features", "here", "true"]), "it did not run on shuffled labels"
    assert found[:, :, "shuffled"].isna().all()


def test_beside_the_nested_probe_stand_the_best_and_a_fixed_one() -> None:
    beside = [
        SOME.assign(probe=probe, mean=mean, low=mean - 0.1, high=mean + 0.1).iloc[:1]
        for probe, mean in (("mlp", 0.6), ("xgboost", 0.8))
    ]
    # The nested mean of a cell is no candidate for the best probe.
    found = table(pd.concat([SOME.assign(mean=0.95), *beside], ignore_index=True)).loc["conv", "here", "true"]
    assert found[["best_probe", "best_mean"]].tolist() == ["xgboost", 0.8]
    assert found[["best_low", "best_high"]].tolist() == pytest.approx([0.7, 0.9])
    assert found[["fixed_probe", "fixed_mean"]].tolist() == ["mlp", 0.6]
    assert found["mean"] == 0.95


def test_a_cell_without_a_number_says_why() -> None:
    key = dict(zip(CELL, ("features", "there", "af", "S", "true"), strict=True))
    unfilled = table(SOME, cannot_fill_frame(ProbeRow, key, "needs 500 positives")).loc[("features", "there", "true")]
    assert unfilled[["status", "reason"]].tolist() == ["cannot-fill", "needs 500 positives"]
    missing = table(SOME).loc[("features", "there", "true")]
    assert missing[["status", "reason"]].tolist() == ["missing", "not computed yet"]
    assert table(SOME).loc[("conv", "here", "true"), ["status", "reason"]].tolist() == ["done", ""]
    assert (table(SOME)["status"] == "done").sum() == 5


@pytest.mark.parametrize(
    ("stage", "cell", "said"),
    [
        ("probe", "features__there__af__S__true", "probe failed: OSError: gone"),
        ("embed", "features__there", "embedding there failed: OSError: gone"),
        ("index", "there", "reading there failed: OSError: gone"),
    ],
)
def test_a_failure_is_the_reason_of_every_cell_that_needs_it(stage, cell, said) -> None:
    failures = pd.DataFrame([(stage, cell, "Traceback\nOSError: gone")], columns=["stage", "cell", "error"])
    found = table(SOME, failures=failures)
    assert found.loc[("features", "there", "true"), ["status", "reason"]].tolist() == ["failed", said]
    assert found.drop(index=("features", "there", "true"))["status"].eq("done").all()
