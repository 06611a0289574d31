"""Compiled loops of the neighbour search against SciPy's distances and NumPy's sorting."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from ecglens.geometry.neighbours import kernels
from ecglens.geometry.neighbours.lists import no_candidates
from ecglens.splitmix import coin

RNG = np.random.default_rng(0)
N, D, K = 2 * kernels.CHUNK + 13, 7, 2 * kernels.FETCHED + 1
X = RNG.normal(size=(N, D)).astype(np.float32)
GROUP = RNG.integers(0, 40, N)
SCALE, NO_MEAN = np.ones(N), np.zeros(D)
NORMS = np.square(X).sum(axis=1)
ALL, FEW = np.arange(N), RNG.permutation(N)[:11]
SQUARED = cdist(X, X, "sqeuclidean")


def nearest(rows, columns, k):
    """Sorted positions among `columns` of the nearest ones of other groups."""
    legal = np.where(GROUP[rows][:, None] != GROUP[columns], SQUARED[np.ix_(rows, columns)], np.inf)
    return np.sort(columns[np.argsort(legal, axis=1)[:, :k]], axis=1)


def entered(enter, rows, columns, width=N):
    keys, ids, _ = no_candidates(N, K)
    for start in range(0, len(columns), width):
        piece = columns[start : start + width]
        sides = (rows, piece) if enter is kernels.enter_rows else (piece, rows)
        facts = [values[side] for values in (NORMS, GROUP) for side in sides]
        enter(X[sides[0]] @ X[sides[1]].T, *sides, *facts, keys, ids)
    return keys, ids


@pytest.mark.parametrize("width", [N, 50, 1])
@pytest.mark.parametrize("enter", [kernels.enter_rows, kernels.enter_columns])
def test_the_nearest_of_other_groups_enter_whatever_the_blocks(enter, width):
    keys, ids = entered(enter, FEW, ALL, width)
    np.testing.assert_array_equal(np.sort(ids[FEW], axis=1), nearest(FEW, ALL, K))
    np.testing.assert_allclose(keys[FEW], np.take_along_axis(SQUARED[FEW], ids[FEW].astype(int), 1), atol=1e-4)
    np.testing.assert_array_equal(keys[FEW, 0], keys[FEW].max(axis=1))
    others = np.setdiff1d(ALL, FEW)
    assert (ids[others] == -1).all()


def test_a_list_with_too_few_legal_records_keeps_empty_places():
    keys, ids = entered(kernels.enter_rows, FEW[:1], FEW[:5])
    legal = set(FEW[:5][GROUP[FEW[:5]] != GROUP[FEW[0]]])
    assert set(ids[FEW[0]]) - {-1} == legal
    assert np.isposinf(keys[FEW[0]]).sum() == K - len(legal)


def test_rows_are_scaled_and_centred_in_double_precision():
    scale, mean = RNG.uniform(0.5, 2, N), RNG.normal(size=D)
    far = X + np.float32(1e4)
    rows, norms = np.empty((len(FEW), D), np.float32), np.empty(len(FEW), np.float32)
    kernels.centre(far, scale, mean, FEW, rows, norms)
    expected = far[FEW].astype(float) * scale[FEW, None] - mean
    np.testing.assert_allclose(rows, expected, rtol=1e-7)
    np.testing.assert_allclose(norms, np.square(expected).sum(axis=1), rtol=1e-7)


@pytest.mark.parametrize("n_found", [0, 1, kernels.FETCHED, K - 1, K])
def test_candidates_are_sorted_by_exact_distance_with_nothing_last(n_found):
    scale = RNG.uniform(0.5, 2, N)
    exact = cdist(X * scale[:, None], X * scale[:, None], "sqeuclidean")
    ids = np.full((len(FEW), K), -1, dtype=np.int32)
    for row in ids:
        row[RNG.permutation(K)[:n_found]] = RNG.permutation(np.setdiff1d(ALL, FEW))[:n_found]
    given, squared = ids.copy(), np.empty(ids.shape)
    kernels.refine(0, len(FEW), X, scale, FEW, ids, 3, squared)
    for query, before, after, found in zip(FEW, given, ids, squared, strict=True):
        held = before[before >= 0]
        np.testing.assert_array_equal(after[:n_found], held[np.argsort(exact[query, held])])
        np.testing.assert_allclose(found[:n_found], np.sort(exact[query, held]), rtol=1e-9)
        assert (after[n_found:] == -1).all()
        assert np.isposinf(found[n_found:]).all()


def test_only_the_rows_asked_for_are_sorted():
    ids = np.tile(np.arange(K, dtype=np.int32)[::-1], (3, 1))
    squared = np.full((3, K), 5.0)
    kernels.refine(1, 2, X, SCALE, FEW[:3], ids, 0, squared)
    for row in (0, 2):
        assert ids[row].tolist() == list(range(K))[::-1]
        assert (squared[row] == 5).all()
    assert (np.diff(squared[1]) >= 0).all()


@pytest.mark.parametrize("seed", [0, 1])
def test_equally_near_records_stand_in_the_order_of_their_coins(seed):
    same = np.ones((N, D), dtype=np.float32)
    ids, squared = RNG.permutation(N)[None, :K].astype(np.int32), np.empty((1, K))
    expected = sorted(ids[0].tolist(), key=lambda other: coin(5, other, seed))
    kernels.refine(0, 1, same, SCALE, np.array([5]), ids, seed, squared)
    assert ids[0].tolist() == expected


@pytest.mark.parametrize("error", [0.0, 0.2])
def test_products_with_an_error_within_the_bound_do_not_hide_a_near_record(error):
    points = X.astype(np.float64)
    norms = np.square(points).sum(axis=1)
    squared, ids = np.full((len(FEW) + 2, K), np.inf), np.full((len(FEW) + 2, K), -1, dtype=np.int32)
    for piece in np.array_split(ALL, 3):
        off = RNG.uniform(-error, error, (len(FEW), len(piece))) * (norms[FEW][:, None] + norms[piece]) / 2
        kernels.enter_exact(
            0, len(FEW), points[FEW] @ points[piece].T + off, 2, FEW, piece, norms[FEW], norms[piece], GROUP, points,
            SCALE, error + 1e-12, 0, squared, ids,
        )  # fmt: skip
    np.testing.assert_array_equal(np.sort(ids[2:], axis=1), nearest(FEW, ALL, K))
    np.testing.assert_allclose(squared[2:], np.take_along_axis(SQUARED[FEW], ids[2:].astype(int), 1), rtol=1e-9)
    assert (np.diff(squared[2:]) >= 0).all()
    assert (ids[:2] == -1).all()
