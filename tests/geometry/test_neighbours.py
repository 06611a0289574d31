import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from ecglens.errors import CannotFillError
from ecglens.geometry import find_neighbours, neighbours

RNG = np.random.default_rng(0)
X = RNG.normal(size=(150, 12))
GROUPS = RNG.integers(0, 60, 150).astype(str)


def brute_force(X, k, groups):
    nearest = []
    for i, row in enumerate(X):
        legal = np.flatnonzero(groups != groups[i])
        nearest.append(legal[np.argsort([np.linalg.norm(row - X[j]) for j in legal])[:k]])
    return np.array(nearest)


@pytest.mark.parametrize("offset", [0.0, 1e4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_same_as_brute_force_with_groups(offset, dtype):
    moved = (X + offset).astype(dtype)
    found = find_neighbours(moved, 10, GROUPS)
    exact = moved.astype(np.float64)
    np.testing.assert_array_equal(found.indices, brute_force(exact, 10, GROUPS))
    expected = np.linalg.norm(exact[:, None] - exact[found.indices], axis=2)
    np.testing.assert_allclose(found.distances, expected, rtol=1e-9)


def test_same_as_scikit_learn_without_groups():
    distances, indices = NearestNeighbors(n_neighbors=7).fit(X).kneighbors()
    found = find_neighbours(X, 7)
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_allclose(found.distances, distances)


def test_blocks_do_not_show(monkeypatch):
    whole = find_neighbours(X, 5, GROUPS)
    monkeypatch.setattr(neighbours, "BLOCK_ENTRIES", 150 * 7)
    np.testing.assert_array_equal(find_neighbours(X, 5, GROUPS).indices, whole.indices)


@pytest.mark.parametrize("n_distinct", [1, 4])
def test_ties_favour_nobody(n_distinct):
    repeated = np.tile(np.random.default_rng(1).normal(3, 1, (n_distinct, 50)), (400 // n_distinct, 1))
    found = find_neighbours(repeated, 10)
    second_half = (found.indices >= 200).mean()
    assert abs(second_half - 0.5) < 4 * 0.5 / np.sqrt(4000)
    assert (found.indices != np.arange(400)[:, None]).all()
    assert (found.distances == 0).all()


def test_duplicates_come_first():
    doubled = np.concatenate([X, X])
    found = find_neighbours(doubled, 3)
    np.testing.assert_array_equal(found.indices[:, 0], (np.arange(300) + 150) % 300)


def test_first_is_a_slice_and_refuses_more():
    found = find_neighbours(X, 5)
    np.testing.assert_array_equal(found.first(2).indices, find_neighbours(X, 2).indices)
    with pytest.raises(ValueError, match="6 neighbours wanted, 5 were computed"):
        found.first(6)


def test_refusals():
    with pytest.raises(CannotFillError, match="150 records, and one group holds 148"):
        find_neighbours(X, 3, np.r_[np.zeros(148), 1, 2])
    with pytest.raises(CannotFillError, match="there are 0 records"):
        find_neighbours(X[:0], 3)
    with pytest.raises(ValueError, match="not finite"):
        find_neighbours(np.full((9, 2), np.nan), 3)
