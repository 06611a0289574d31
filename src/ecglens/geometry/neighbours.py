"""The nearest legal neighbours of every record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError

BLOCK_ENTRIES = 2**21
"""Distances held at a time: 16 MB, whatever the number of records."""

TIE = 1e-12
"""Squared distances closer than this part of the largest squared norm are a tie; rounding is a thousand times smaller,
and so is what float32 embeddings can tell apart."""


@dataclass(frozen=True)
class Neighbours:
    """Nearest neighbours, the nearest first.

    Parameters
    ----------
    indices
        Positions of the neighbours, ``[n, k]``.
    distances
        Euclidean distances, ``[n, k]``.
    """

    indices: NDArray[np.int64]
    distances: NDArray[np.float64]

    def first(self, k: int) -> Neighbours:
        """The `k` nearest; raises `ValueError` where there are not as many."""
        if k > self.indices.shape[1]:
            raise ValueError(f"{k} neighbours wanted, {self.indices.shape[1]} were computed. Compute more.")
        return Neighbours(self.indices[:, :k], self.distances[:, :k])


def find_neighbours(X: NDArray[Any], k: int, groups: NDArray[Any] | None = None, *, seed: int = 0) -> Neighbours:
    """Exact Euclidean nearest neighbours among the records of other groups.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    k
        Neighbours per record.
    groups
        A record's own group is left out, ``[n]``: patients, or data sets to look across data sets only. Without groups
        only the record itself is left out.
    seed
        Ties are broken at random: in any fixed order they would favour the data set that comes first.

    Raises
    ------
    CannotFillError
        A record has fewer than `k` legal neighbours.
    ValueError
        A value is not finite.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [7.0]])
    >>> find_neighbours(X, 1).indices.ravel(), find_neighbours(X, 1, groups=np.array([0, 0, 1, 1])).indices.ravel()
    (array([1, 0, 1, 2]), array([2, 2, 1, 1]))
    """
    n = len(X)
    group = np.unique(np.arange(n) if groups is None else groups, return_inverse=True)[1]
    largest = np.bincount(group).max(initial=0)
    if n - largest < k:
        raise CannotFillError(
            f"{k} neighbours need {k} records outside a record's own group: there are {n} records, and one group holds "
            f"{largest} of them. Use a smaller k or more records."
        )
    # Norms far from the origin would cancel in |a|^2 + |b|^2 - 2ab.
    X = np.asarray(X, dtype=np.float64) - np.mean(X, axis=0, dtype=np.float64)
    if not np.isfinite(X).all():
        raise ValueError("X holds values that are not finite. Leave those records out.")
    norms = np.einsum("ij,ij->i", X, X)
    rng = np.random.default_rng(seed)
    indices = np.empty((n, k), dtype=np.int64)
    distances = np.empty((n, k))
    block = max(1, BLOCK_ENTRIES // n)
    for start in range(0, n, block):
        rows = slice(start, start + block)
        squared = norms[rows, None] + norms - 2 * (X[rows] @ X.T)
        squared += TIE * (norms.max() or 1.0) * rng.random(squared.shape)
        squared[group[rows, None] == group] = np.inf
        nearest = np.argpartition(squared, k - 1, axis=1)[:, :k]
        exact = np.linalg.norm(X[rows, None] - X[nearest], axis=2)
        order = np.lexsort((np.take_along_axis(squared, nearest, axis=1), exact), axis=1)
        indices[rows] = np.take_along_axis(nearest, order, axis=1)
        distances[rows] = np.take_along_axis(exact, order, axis=1)
    return Neighbours(indices, distances)
