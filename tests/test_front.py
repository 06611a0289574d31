"""The verbs probe and explain against scikit-learn and against the closed form of linear SHAP values, fold by fold."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ecglens import explain, probe
from ecglens.errors import ConfigError, InputError
from ecglens.probes import PROBES
from ecglens.sampling import assign_folds

RNG = np.random.default_rng(5)
Y = np.tile([0, 1], 60)
X = RNG.normal(size=(120, 6)) + np.outer(Y, [2, 0, 1, 0, 0, 0])
PATIENTS = np.arange(120) // 2


def fits(n_folds: int, seed: int):
    """Fold by fold: a plain scikit-learn pipeline, and the records that it trains on."""
    folds = assign_folds(Y, PATIENTS, n_folds, seed)
    for fold in np.unique(folds):
        train = folds != fold
        yield make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000)).fit(X[train], Y[train]), train


def test_scores_are_those_of_a_plain_pipeline_over_the_same_folds() -> None:
    found = probe(X, Y, PATIENTS, n_folds=5, seed=2, engine="reference").set_index("metric")
    auroc = [roc_auc_score(Y[~train], model.predict_proba(X[~train])[:, 1]) for model, train in fits(5, 2)]
    f1 = [f1_score(Y[~train], model.predict(X[~train])) for model, train in fits(5, 2)]
    for metric, values in (("auroc", auroc), ("f1", f1)):
        expected = (np.mean(values), np.std(values, ddof=1), 5)
        assert found.loc[metric, ["mean", "sd", "n_folds"]].tolist() == pytest.approx(expected)


def test_importances_are_mean_absolute_linear_shap_values_of_held_out_records() -> None:
    found = explain(X, Y, PATIENTS, n_folds=5, seed=2, engine="reference")
    values = []
    for model, train in fits(5, 2):
        scaler, linear = model[0], model[1]
        values.append(np.abs((X[~train] - scaler.mean_) / scaler.scale_ * linear.coef_[0]))
    expected = pd.Series(np.concatenate(values).mean(axis=0)).sort_values(ascending=False)
    assert found["feature"].tolist() == expected.index.tolist()
    assert found["feature"].tolist()[:2] == [0, 2]
    assert found["importance"].tolist() == pytest.approx(expected.tolist(), rel=1e-6)
    assert (found["sd"] > 0).all()


def test_a_probe_may_be_named_or_given() -> None:
    named = probe(X, Y, PATIENTS, probe="decision-tree", n_folds=3)
    pd.testing.assert_frame_equal(named, probe(X, Y, PATIENTS, probe=PROBES.load("decision-tree"), n_folds=3))
    assert not named.equals(probe(X, Y, PATIENTS, n_folds=3))


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown probe 'mlpp'"):
        probe(X, Y, PATIENTS, probe="mlpp")
    with pytest.raises(InputError, match="labels are 0 or 1"):
        probe(X, Y + 1, PATIENTS)
    with pytest.raises(InputError, match="hold NaN"):
        explain(np.full_like(X, np.nan), Y, PATIENTS)
