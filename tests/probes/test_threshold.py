import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn import metrics

from ecglens.probes.threshold import tuned_threshold

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 60)
FOLDS = RNG.permutation(120) % 5
PROBABILITY = expit(RNG.normal(0.7 * (2 * Y - 1), 1))


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
