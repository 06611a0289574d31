import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ecglens.probes import PROBES

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
