"""Compiled loops of the neighbour search: nearest candidates of a block of products, and exact distances of candidates.

A list of candidates is a heap with the farthest at its root, so that one look tells whether a pair can enter.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.splitmix import coin

CHUNK = 64
"""Pairs that are compared at once, without a branch, before any is looked at: few can enter once the lists are full."""

FETCHED = 4
"""Candidates whose rows are read at the same time: the wait for memory is longer than the work on what it brings."""

Array = NDArray[Any]


@compiled
def _replace_farthest(keys: Array, ids: Array, key: float, new: int) -> None:  # pragma: no cover
    at, size = 0, len(keys)
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] > keys[child]:
            child += 1
        if keys[child] <= key:
            break
        keys[at], ids[at] = keys[child], ids[child]
        at = child
    keys[at], ids[at] = key, new


@compiled
def enter_rows(
    P: Array, rows: Array, columns: Array, row_norms: Array, column_norms: Array, row_groups: Array,
    column_groups: Array, keys: Array, ids: Array,
) -> None:  # fmt: skip  # pragma: no cover
    """Enter the columns of a block of products into the lists of its rows.

    A product is doubled by adding it to itself: numba would turn float32 times an integer into float64.
    """
    width = P.shape[1]
    for i in range(P.shape[0]):
        key_list, id_list = keys[rows[i]], ids[rows[i]]
        for first in range(0, width, CHUNK):
            last = min(first + CHUNK, width)
            limit, hit = key_list[0], False
            for j in range(first, last):
                hit |= row_norms[i] + column_norms[j] - (P[i, j] + P[i, j]) < limit
            if not hit:
                continue
            for j in range(first, last):
                key = row_norms[i] + column_norms[j] - (P[i, j] + P[i, j])
                if key < key_list[0] and row_groups[i] != column_groups[j]:
                    _replace_farthest(key_list, id_list, key, columns[j])


@compiled
def enter_columns(
    P: Array, rows: Array, columns: Array, row_norms: Array, column_norms: Array, row_groups: Array,
    column_groups: Array, keys: Array, ids: Array,
) -> None:  # fmt: skip  # pragma: no cover
    """Enter the rows of a block of products into the lists of its columns: a distance is computed once for both."""
    width = P.shape[1]
    limits = keys[columns, 0]
    for i in range(P.shape[0]):
        for first in range(0, width, CHUNK):
            last = min(first + CHUNK, width)
            hit = False
            for j in range(first, last):
                hit |= row_norms[i] + column_norms[j] - (P[i, j] + P[i, j]) < limits[j]
            if not hit:
                continue
            for j in range(first, last):
                key = row_norms[i] + column_norms[j] - (P[i, j] + P[i, j])
                if key < limits[j] and row_groups[i] != column_groups[j]:
                    _replace_farthest(keys[columns[j]], ids[columns[j]], key, rows[i])
                    limits[j] = keys[columns[j], 0]


# Reassociation lets the sums run in vector registers; in double precision it moves the last digits only.
@compiled(fastmath={"reassoc"})
def _squared_distances(X: Array, scale: Array, own: int, found: Array, squared: Array) -> None:  # pragma: no cover
    """Squared distances of a row to four others, which are fetched from memory at the same time."""
    mine, a, b, c, d = X[own], X[found[0]], X[found[1]], X[found[2]], X[found[3]]
    own_scale, a_scale, b_scale = scale[own], scale[found[0]], scale[found[1]]
    c_scale, d_scale = scale[found[2]], scale[found[3]]
    to_a = to_b = to_c = to_d = 0.0
    for f in range(len(mine)):
        value = np.float64(mine[f]) * own_scale
        to_a += (value - np.float64(a[f]) * a_scale) ** 2
        to_b += (value - np.float64(b[f]) * b_scale) ** 2
        to_c += (value - np.float64(c[f]) * c_scale) ** 2
        to_d += (value - np.float64(d[f]) * d_scale) ** 2
    squared[0], squared[1], squared[2], squared[3] = to_a, to_b, to_c, to_d


@compiled(fastmath={"reassoc"})
def centre(X: Array, scale: Array, mean: Array, chosen: Array, rows: Array, norms: Array) -> None:  # pragma: no cover
    """Scaled and centred rows and their squared norms, computed in double precision."""
    for i in range(len(chosen)):
        source, factor, norm = X[chosen[i]], scale[chosen[i]], 0.0
        for f in range(len(mean)):
            value = np.float64(source[f]) * factor - mean[f]
            rows[i, f] = value
            norm += value * value
        norms[i] = norm


@compiled
def _insert(i: int, j: int, value: float, squared: Array, ids: Array, size: int, seed: int) -> None:  # pragma: no cover
    """Insert into a sorted list of `size` records; equally near ones stand in random order."""
    place = size
    while place > 0 and (
        squared[place - 1] > value or (squared[place - 1] == value and coin(i, ids[place - 1], seed) > coin(i, j, seed))
    ):
        if place < len(ids):
            squared[place], ids[place] = squared[place - 1], ids[place - 1]
        place -= 1
    if place < len(ids):
        squared[place], ids[place] = value, j


@compiled
def refine(
    start: int, stop: int, X: Array, scale: Array, queries: Array, ids: Array, seed: int, squared: Array
) -> None:  # fmt: skip  # pragma: no cover
    """Sort the candidates of each query by their exact distance, in place; -1 (none) last."""
    found, at_once = np.empty(ids.shape[1] + FETCHED, dtype=ids.dtype), np.empty(FETCHED)
    for i in range(start, stop):
        own, size = queries[i], 0
        for j in ids[i]:
            if j >= 0:
                found[size] = j
                size += 1
        # What is computed beyond the last candidate is not read.
        found[size : size + FETCHED] = own
        for first in range(0, size, FETCHED):
            _squared_distances(X, scale, own, found[first : first + FETCHED], at_once)
            for at in range(first, min(first + FETCHED, size)):
                _insert(own, found[at], at_once[at - first], squared[i], ids[i], at, seed)
        squared[i, size:] = np.inf
        ids[i, size:] = -1


@compiled
def enter_exact(
    start: int, stop: int, P: Array, first: int, rows: Array, columns: Array, row_norms: Array, column_norms: Array,
    group: Array, X: Array, scale: Array, rounding: float, seed: int, squared: Array, ids: Array,
) -> None:  # fmt: skip  # pragma: no cover
    """Enter columns into sorted lists by exact distances, which are computed where the product leaves a doubt.

    The list of ``rows[i]`` is ``ids[first + i]``; `rounding` times the sum of the squared norms bounds the error.
    """
    k = ids.shape[1]
    pair, at_once = np.empty(FETCHED, dtype=np.int64), np.empty(FETCHED)
    for i in range(start, stop):
        near, mine, own = squared[first + i], ids[first + i], rows[i]
        for j in range(P.shape[1]):
            norms = row_norms[i] + column_norms[j]
            if norms - 2 * P[i, j] - rounding * norms <= near[k - 1] and group[own] != group[columns[j]]:
                pair[:] = columns[j]
                _squared_distances(X, scale, own, pair, at_once)
                value = at_once[0]
                if value <= near[k - 1]:
                    _insert(own, columns[j], value, near, mine, k, seed)
