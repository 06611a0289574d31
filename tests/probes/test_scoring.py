import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn import metrics

from ecglens.probes import fold_metrics
from ecglens.probes.threshold import tuned_threshold

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 60)
FOLDS = RNG.permutation(120) % 5
PROBABILITY = expit(RNG.normal(0.7 * (2 * Y - 1), 1))


def values(y, probability, threshold=0.5):
    table = fold_metrics(np.asarray(y), np.asarray(probability), np.zeros(len(y)), threshold)
    return table.set_index("metric")["value"]


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 40), st.integers(0, 10_000))
def test_metrics_are_those_of_scikit_learn_where_both_are_defined(n, seed):
    rng = np.random.default_rng(seed)
    y = np.r_[0, 1, rng.integers(0, 2, n)]
    probability = np.r_[0.2, 0.9, rng.choice([0.1, 0.4, 0.5, 0.8], n)]
    predicted = probability > 0.5
    expected = {
        "f1": metrics.f1_score(y, predicted),
        "precision": metrics.precision_score(y, predicted),
        "recall": metrics.recall_score(y, predicted),
        "auroc": metrics.roc_auc_score(y, probability),
        "auprc": metrics.average_precision_score(y, probability),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, predicted),
        "mcc": metrics.matthews_corrcoef(y, predicted),
        "brier": metrics.brier_score_loss(y, probability),
    }
    assert values(y, probability)[list(expected)].to_dict() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("y", "probability", "expected"),
    [
        ([0, 1], [0.1, 0.2], {"f1": 0, "precision": np.nan, "recall": 0, "mcc": np.nan, "auroc": 1}),
        ([1, 1], [0.9, 0.2], {"f1": 2 / 3, "auroc": np.nan, "auprc": np.nan, "balanced_accuracy": np.nan}),
        ([0, 0], [0.1, 0.2], {"f1": np.nan, "recall": np.nan, "precision": np.nan, "auprc": np.nan, "mcc": np.nan}),
        ([0, 0], [0.1, 0.9], {"f1": 0, "recall": np.nan, "precision": 0, "brier": (0.01 + 0.81) / 2}),
    ],
)
def test_what_is_undefined_is_nan(y, probability, expected):
    found = values(y, probability)
    np.testing.assert_allclose([found[name] for name in expected], list(expected.values()))


def test_counts_and_threshold():
    table = fold_metrics(Y, np.full(120, 0.4), FOLDS, threshold=0.3).pivot(index="fold", columns="metric")["value"]
    assert table["n_test"].tolist() == np.bincount(FOLDS).tolist()
    assert table["n_test_positive"].tolist() == np.bincount(FOLDS, Y).tolist()
    assert (table["n_test"] + table["n_train"]).eq(120).all()
    assert table["recall"].eq(1).all()


def test_the_threshold_of_a_fold_is_tuned_on_the_training_records_of_the_others():
    train = RNG.random(120) < 0.7
    table = fold_metrics(Y, PROBABILITY, FOLDS, train=train).pivot(index="fold", columns="metric")["value"]
    for fold in range(5):
        test, learnt = fold == FOLDS, train & (fold != FOLDS)
        threshold = tuned_threshold(Y[learnt], PROBABILITY[learnt])
        found = table.loc[fold]
        assert found["threshold_tuned"] == threshold
        assert found["f1_tuned"] == pytest.approx(metrics.f1_score(Y[test], PROBABILITY[test] > threshold))
        assert (found["n_train"], found["n_test"]) == (learnt.sum(), test.sum())


def test_labels_of_the_tested_fold_do_not_move_its_threshold():
    flipped = np.where(FOLDS == 2, 1 - Y, Y)
    first, second = (fold_metrics(y, PROBABILITY, FOLDS).set_index(["metric", "fold"])["value"] for y in (Y, flipped))
    assert first["threshold_tuned", 2] == second["threshold_tuned", 2]
    assert first["f1_tuned", 2] != second["f1_tuned", 2]


def test_without_a_positive_to_learn_from_nothing_is_tuned():
    found = fold_metrics(Y, PROBABILITY, FOLDS, train=Y == 0).pivot(index="fold", columns="metric")["value"]
    assert found[["threshold_tuned", "f1_tuned"]].isna().all(axis=None)
    assert found["f1"].notna().all()


def test_scores_that_are_no_probabilities_are_ranked_but_not_judged_as_such():
    with_probability = fold_metrics(Y, PROBABILITY, FOLDS).set_index(["fold", "metric"])["value"]
    found = fold_metrics(Y, PROBABILITY, FOLDS, calibrated=False).set_index(["fold", "metric"])["value"]
    judged = ["brier", "ece", "calibration_slope"]
    assert found[found.index.isin(judged, level="metric")].isna().all()
    assert found.drop(judged, level="metric").equals(with_probability.drop(judged, level="metric"))
    assert with_probability.notna().all()
