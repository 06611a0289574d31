import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn import metrics
from sklearn.linear_model import LogisticRegression

from ecglens.probes import fold_metrics
from ecglens.probes.calibration import calibration_error, calibration_slope
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


@settings(deadline=None, max_examples=40)
@given(st.integers(20, 400), st.floats(0.1, 4), st.integers(0, 10_000))
def test_the_calibration_slope_is_an_unpenalised_regression(n, spread, seed):
    rng = np.random.default_rng(seed)
    # Probabilities nearer to 0 or 1 are taken for one in a million.
    x = np.r_[-2, -2, 2, 2, rng.normal(0, spread, n).clip(-13, 13)]
    y = np.r_[0, 1, 0, 1, rng.random(n) < expit(0.5 * x[4:] - 1)].astype(int)
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10, max_iter=1000).fit(x[:, None], y)
    assert calibration_slope(y, expit(x)) == pytest.approx(model.coef_[0, 0], abs=1e-6)


def test_the_calibration_slope_finds_what_was_planted():
    x = RNG.normal(0, 2, 200_000)
    y = RNG.random(200_000) < expit(x)
    assert calibration_slope(y, expit(x)) == pytest.approx(1, abs=0.03)
    assert calibration_slope(y, expit(2 * x)) == pytest.approx(0.5, abs=0.015)


def test_probabilities_of_0_and_1_have_a_slope():
    y, probability = np.array([0] * 30 + [1] * 10 + [1] * 30 + [0] * 10), np.repeat([0.0, 1.0], 40)
    assert calibration_slope(y, probability) == pytest.approx(np.log(9) / (2 * logit(1 - 1e-6)))


@pytest.mark.parametrize(
    ("y", "probability"),
    [
        ([0, 1, 0, 1], [0.3, 0.3, 0.3, 0.3]),
        ([1, 1, 1], [0.2, 0.5, 0.9]),
        ([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.9]),
        ([0, 0, 1, 1], [0.9, 0.8, 0.3, 0.1]),
        ([0, 0, 1, 1], [0.1, 0.3, 0.3, 0.9]),
        ([0, 1, 1], [0.0, 0.0, 1.0]),
    ],
)
def test_a_slope_without_a_finite_best_fit_is_undefined(y, probability):
    assert np.isnan(calibration_slope(np.array(y), np.array(probability)))


def test_the_calibration_error_is_a_sum_over_bins():
    y, probability = RNG.integers(0, 2, 500), np.r_[RNG.random(498), 0.0, 1.0]
    expected = 0
    for low in range(10):
        inside = (probability >= low / 10) & ((probability < (low + 1) / 10) | (low == 9))
        expected += abs(probability[inside].mean() - y[inside].mean()) * inside.mean()
    assert calibration_error(y, probability) == pytest.approx(expected)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 60), st.integers(2, 40), st.integers(0, 10_000))
def test_the_tuned_threshold_is_the_best_there_is(n, levels, seed):
    rng = np.random.default_rng(seed)
    y, probability = np.r_[1, rng.integers(0, 2, n)], rng.integers(0, levels, n + 1) / (levels - 1)
    precision, recall, _ = metrics.precision_recall_curve(y, probability)
    best = np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12))
    assert metrics.f1_score(y, probability > tuned_threshold(y, probability)) == pytest.approx(best)


@pytest.mark.parametrize(
    ("y", "probability", "expected"),
    [
        ([0, 1], [0.2, 0.6], 0.4),
        ([1, 0, 1], [0.2, 0.4, 0.6], 0.1),
        ([0, 1, 0, 0, 1], [0.1, 0.3, 0.5, 0.5, 0.7], 0.6),
        ([1, 0, 0, 1], [0.0, 0.2, 0.4, 0.9], 0.65),
        ([0, 1], [0.3, np.nextafter(0.3, 1)], 0.3),
        ([0, 0], [0.2, 0.6], np.nan),
        ([], [], np.nan),
    ],
    ids=["midway", "all positive", "nearest to one half", "gap", "one bit", "no positive", "no record"],
)
def test_rules_of_the_tuned_threshold(y, probability, expected):
    np.testing.assert_allclose(tuned_threshold(np.array(y), np.array(probability)), expected, rtol=0, atol=1e-12)


def test_a_record_of_probability_0_can_be_called_positive():
    y, probability = np.array([1, 1, 0, 1]), np.array([0.0, 0.0, 0.5, 1.0])
    assert (probability > tuned_threshold(y, probability)).all()


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
