import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ecglens.probes import PROBES
from ecglens.probes.fast.scaling import scale_folds

RNG = np.random.default_rng(0)


def problem(n, d, shift):
    x = RNG.normal(size=(n, d)) * np.geomspace(0.01, 100, d) + shift
    y = (expit((x - x.mean(axis=0)) / x.std(axis=0) @ RNG.normal(size=d)) > RNG.random(n)).astype(int)
    return x, y, RNG.permutation(n) % 4 != np.arange(4)[:, None]


@pytest.mark.parametrize(("n", "d", "shift"), [(60, 90, 0), (300, 20, 50), (2300, 6, -3)])
def test_coefficients_are_the_optimum_of_the_library(n, d, shift):
    x, y, train = problem(n, d, shift)
    probe = PROBES.load("logistic-regression")
    fits = probe.fast(x, y, train, range(4), probe.settings)
    assert not fits.messages
    for model, used in zip(fits.models, train, strict=True):
        precise = LogisticRegression(tol=1e-10, solver="newton-cg", max_iter=1000)
        scaler, expected = (step for _, step in make_pipeline(StandardScaler(), precise).fit(x[used], y[used]).steps)
        np.testing.assert_allclose(model.coef * scaler.scale_, expected.coef_[0], atol=1e-4)
        logits = expected.decision_function(scaler.transform(x))
        np.testing.assert_allclose(model.decision_function(x), logits, atol=2e-4)


def test_scalers_are_those_of_their_folds():
    x, _, train = problem(1500, 5, 1e4)
    x[:, 2] = np.where(train[1], 7.0, x[:, 2])  # constant among the records that fold 1 trains on
    scalers = scale_folds(x, train)
    for fold, used in enumerate(train):
        expected = StandardScaler().fit(x[used]).transform(x)
        np.testing.assert_allclose(
            (scalers.Z - scalers.mean[fold]) / scalers.scale[fold] * (np.arange(5) != 2),
            expected * (np.arange(5) != 2),
            atol=1e-5,
        )
        weights = RNG.normal(size=(3, 5))
        raw, added = scalers.to_raw(fold, weights)
        np.testing.assert_allclose(
            x @ raw.T + added,
            ((scalers.Z - scalers.mean[fold]) / scalers.scale[fold]) @ weights.T,
            rtol=1e-4,
            atol=1e-4,
        )
    assert scalers.scale[1, 2] == 1
