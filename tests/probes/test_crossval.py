from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ecglens.errors import CannotFillError
from ecglens.probes import PROBES, cross_validate, fold_metrics

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 60)
X = RNG.normal(size=(120, 6)) * [1, 10, 100, 1, 1, 1] + 0.8 * Y[:, None]
FOLDS = RNG.permutation(120) % 5


def values(y, probability, threshold=0.5):
    table = fold_metrics(np.asarray(y), np.asarray(probability), np.zeros(len(y)), threshold)
    return table.set_index("metric")["value"]


def test_out_of_fold_predictions_are_those_of_scikit_learn():
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
    expected = cross_val_predict(model, X, Y, cv=PredefinedSplit(FOLDS), method="predict_proba")[:, 1]
    found = cross_validate(X, Y, FOLDS, PROBES.load("logistic-regression"))
    np.testing.assert_allclose(found.probability, expected, rtol=1e-9)


def test_models_are_in_fold_order_and_did_not_see_their_records():
    result = cross_validate(X, Y, FOLDS, PROBES.load("decision-tree"))
    for fold, model in enumerate(result.models):
        test = np.isin(FOLDS, fold)
        np.testing.assert_array_equal(model.predict(X[~test]), Y[~test])
        np.testing.assert_array_equal(model.predict_proba(X[test])[:, 1], result.probability[test])


def test_every_fold_has_its_own_seed_and_the_same_seed_repeats():
    first, again, other = (cross_validate(X, Y, FOLDS, PROBES.load("random-forest"), seed) for seed in (0, 0, 1))
    assert len(set(first.seeds)) == 5
    np.testing.assert_array_equal(first.probability, again.probability)
    assert not np.array_equal(first.probability, other.probability)


def test_a_fit_that_does_not_converge_is_counted():
    probe = PROBES.load("logistic-regression")
    hasty = cross_validate(X, Y, FOLDS, replace(probe, settings={**probe.settings, "max_iter": 1}))
    assert hasty.n_warnings == 5
    assert hasty.warnings[2].startswith("fold 2: lbfgs failed to converge")
    assert cross_validate(X, Y, FOLDS, probe).n_warnings == 0


def test_a_training_part_of_one_class_is_refused():
    with pytest.raises(CannotFillError, match="fold 0: the 60 records to train on hold one class"):
        cross_validate(X, Y, Y, PROBES.load("decision-tree"))


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
