"""Purity of many labellings and weightings against one at a time."""

import numpy as np
import pytest

from ecglens.geometry import find_neighbours, knn_purity
from ecglens.geometry.metrics.knn_purity_batch import permuted_purities, weighted_purities

RNG = np.random.default_rng(0)
N = 120
X, LABELS, GROUPS = RNG.normal(size=(N, 4)), RNG.integers(0, 3, N), RNG.integers(0, 70, N)


def poisson(patients, draws, rng):
    return rng.poisson(1.0, (patients.max() + 1, draws)).astype(np.uint8)[patients]


def test_permuted_purities_are_those_of_agreement():
    nearest = find_neighbours(X, 6, GROUPS)
    moved = np.array([np.random.default_rng(i).permutation(LABELS) for i in range(7)])
    groups = np.unique(GROUPS, return_inverse=True)[1]
    expected = [knn_purity(nearest, labels, GROUPS) for labels in moved]
    found = permuted_purities(nearest, moved, groups, 3).numbers(["af", "cd", "no"])
    np.testing.assert_allclose(found["knn_rescaled"], [purity.rescaled for purity in expected])
    np.testing.assert_allclose(found["knn_raw"], [purity.raw for purity in expected])
    np.testing.assert_allclose(found["knn_macro"], [purity.macro for purity in expected])
    np.testing.assert_allclose(found["knn_class:cd"], [purity.per_class[1] for purity in expected])


def test_purity_where_every_record_counts_once_is_agreement():
    nearest, groups = find_neighbours(X, 6, GROUPS), np.unique(GROUPS, return_inverse=True)[1]
    found = weighted_purities(nearest, LABELS, groups, np.ones((N, 2), dtype=np.uint8), 3).numbers("abc")
    expected = knn_purity(nearest, LABELS, GROUPS)
    for metric, value in (("rescaled", expected.rescaled), ("raw", expected.raw), ("macro", expected.macro)):
        np.testing.assert_allclose(found[f"knn_{metric}"], [value, value])
    np.testing.assert_allclose(found["knn_class:c"], expected.per_class[2])


@pytest.mark.parametrize("n_rare", [3, 6, 15])
@pytest.mark.parametrize("apart", [0.0, 1.0, 50.0])
def test_patients_drawn_anew_never_pass_1_where_a_class_is_smaller_than_a_neighbourhood(n_rare, apart):
    rng = np.random.default_rng(6)
    labels, patients = (np.arange(150) < n_rare).astype(int), np.arange(150)
    nearest = find_neighbours(rng.normal(size=(150, 3)) + apart * labels[:, None], 10, patients)
    drawn = weighted_purities(nearest, labels, patients, poisson(patients, 300, rng), 2).numbers("ab")
    defined = drawn["knn_rescaled"][~np.isnan(drawn["knn_rescaled"])]
    assert defined.max() <= 1 + 1e-9
    if apart == 50:
        np.testing.assert_allclose(defined, 1)
