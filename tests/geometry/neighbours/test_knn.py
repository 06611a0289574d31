import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from ecglens.errors import CannotFillError, ConfigError
from ecglens.geometry import find_neighbours

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


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_same_as_scikit_learn_with_cosine(offset):
    moved = X + offset
    distances, indices = NearestNeighbors(n_neighbors=7, metric="cosine").fit(moved).kneighbors()
    found = find_neighbours(moved, 7, metric="cosine")
    # Far from the origin all directions are alike: scikit-learn's own distances carry rounding of about 1e-16.
    np.testing.assert_allclose(found.distances, distances, rtol=1e-9, atol=1e-15)
    if not offset:
        np.testing.assert_array_equal(found.indices, indices)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.sampled_from([1.0, 1e-3, 1e3]), st.sampled_from([None, "cpu"]))
def test_distances_are_the_smallest_legal_ones_whatever_the_shape(seed, d, spread, device):
    """Coarse values tie often, and clusters far apart leave float32 without digits: the distances have to be right."""
    rng = np.random.default_rng(seed)
    far = rng.choice([0.0, 1e5], size=(80, 1))
    points = (np.round(rng.normal(size=(80, d)), 1) * spread + far).astype(np.float32)
    groups, sources = rng.integers(0, 40, 80), rng.permutation(np.arange(80) % 3)
    squared = np.square(points[:, None].astype(np.float64) - points).sum(axis=2)
    for apart in (None, sources):
        legal = groups[:, None] != groups
        if apart is not None:
            legal &= sources[:, None] != sources
        found = find_neighbours(points, 10, groups, apart=apart, device=device, seed=seed)
        assert np.take_along_axis(legal, found.indices, axis=1).all()
        assert all(len(set(row)) == 10 for row in found.indices)
        expected = np.sqrt(np.sort(np.where(legal, squared, np.inf), axis=1)[:, :10])
        np.testing.assert_allclose(found.distances, expected, rtol=1e-9)


def test_memory_mapped(tmp_path):
    np.save(tmp_path / "x.npy", X.astype(np.float32))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    np.testing.assert_array_equal(
        find_neighbours(mapped, 5, GROUPS).indices, find_neighbours(X.astype(np.float32), 5, GROUPS).indices
    )


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
    holes = np.ones((30, 2))
    holes[[3, 7, 11, 12, 13, 14, 29], 1] = np.nan
    with pytest.raises(ValueError, match="not finite, in rows 3, 7, 11, 12, 13 and 2 more"):
        find_neighbours(holes, 3)
    with pytest.raises(ValueError, match="no direction to compare: row 2"):
        find_neighbours(np.arange(-2, 4)[:, None] * np.ones(2), 3, metric="cosine")
    with pytest.raises(ValueError, match="metric 'manhattan' is not known"):
        find_neighbours(X, 3, metric="manhattan")
    with pytest.raises(CannotFillError, match="one group holds 120 of them"):
        find_neighbours(X, 40, apart=np.arange(150) < 120)


def test_a_device_that_is_not_here_is_named():
    with pytest.raises(ConfigError, match="device 'nonesuch' is not available"):
        find_neighbours(X, 3, device="nonesuch")
