import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from ecglens.probes.calibration import calibration_error, calibration_slope

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 60)
FOLDS = RNG.permutation(120) % 5
PROBABILITY = expit(RNG.normal(0.7 * (2 * Y - 1), 1))


@settings(deadline=None, max_examples=40)
@given(st.integers(20, 400), st.floats(0.1, 4), st.integers(0, 10_000))
def test_the_calibration_slope_is_an_unpenalised_regression(n, spread, seed):
    rng = np.random.default_rng(seed)
    # Probabilities nearer to 0 or 1 are taken for one in a million.
    x = np.r_[-2, -2, 2, 2, rng.normal(0, spread, n).clip(-13, 13)]
    y = np.r_[0, 1, 0, 1, rng.random(n) < expit(0.5 * x[4:] - 1)].astype(int)
    model = LogisticRegression(C=1e12, solver="newton-cholesky", tol=1e-10, max_iter=1000).fit(x[:, None], y)
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
