"""The chance of an overlap is what permuted labels give: it has its size where a probe prefers wide features."""

import numpy as np
import pytest

from ecglens.attribution import measure_importance, null_overlap, overlap
from ecglens.probes import PROBES

K, D = 10, 60


def importances(rng: np.random.Generator, n: int, width: np.ndarray) -> np.ndarray:
    """What a probe finds where there is nothing to find: chance, times the width of the feature."""
    return np.abs(width * rng.normal(size=(n, len(width))))


def test_wide_features_do_not_make_an_overlap_significant() -> None:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(400):
        width = rng.standard_t(2, size=D)
        a, b = importances(rng, 6, width), importances(rng, 6, width)
        permuted = null_overlap(a[0], b[0], a[1:], b[1:], K)
        found.append((permuted.p_value, overlap(a[0], b[0], K).p_value, permuted.mean, overlap(a[0], b[0], K).share))
    permuted, independent, chance, share = np.transpose(found)
    bound = 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 400)
    assert (permuted <= 0.05).mean() < bound
    assert (permuted <= 0.5).mean() < 0.5 + 2.5 * np.sqrt(0.25 / 400)
    assert (independent <= 0.05).mean() > 0.5  # the hypergeometric tail does not have its size here
    assert chance.mean() == pytest.approx(share.mean(), abs=0.02)
    assert chance.mean() > K / D + 0.15


def test_a_shared_diagnosis_is_found() -> None:
    rng = np.random.default_rng(1)
    width = np.abs(rng.standard_t(2, size=D))
    truth = 20.0 * np.isin(np.arange(D), rng.permutation(D)[:K])
    a, b = importances(rng, 6, width), importances(rng, 6, width)
    found = null_overlap(a[0] + truth, b[0] + truth, a[1:], b[1:], K)
    assert found.p_value == pytest.approx(1 / 36)
    assert found.low <= found.mean <= found.high < 1


def test_every_pair_of_permutations_is_counted() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.random((4, D)), rng.random((3, D))
    found = null_overlap(a[0], b[0], a[1:], b[1:], K)
    shares = np.array([[overlap(x, y, K).share for y in b] for x in a])
    assert found.p_value == (shares >= shares[0, 0]).mean()
    null = shares[1:, 1:]
    assert found[:3] == pytest.approx((null.mean(), *np.quantile(null, [0.05, 0.95])))
    assert np.isnan(null_overlap(a[0], b[0], a[:0], b[1:], K)).all()


def test_permuted_labels_are_measured_as_the_true_ones_are() -> None:
    rng = np.random.default_rng(3)
    y = np.tile([0, 1], 60)
    X = rng.normal(size=(120, 6)) + 3 * y[:, None] * (np.arange(6) == 2)
    folds, train = np.arange(120) // 2 % 6, np.arange(120) % 10 > 1
    settings = {"seed": 5, "seeds": 2, "train": train}
    probe = PROBES.load("decision-tree")
    found = measure_importance(X, y, folds, probe, permutations=3, **settings)
    without = measure_importance(X, y, folds, probe, **settings)
    np.testing.assert_array_equal(found.mean, without.mean)
    assert found.permuted.shape == (3, 6)
    assert found.mean.argmax() == 2
    assert (found.permuted[:, 2] < found.mean[2] / 2).all()
    assert len({tuple(row) for row in found.permuted}) == 3
    assert without.permuted.shape == (0, 6)
