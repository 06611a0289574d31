"""The nearest legal neighbours of every record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError, InputError
from ecglens.geometry.neighbours.lists import Lists, Progress
from ecglens.geometry.neighbours.matrix import Distance, Rows, prepare
from ecglens.geometry.neighbours.search import search, search_rows

SPARE = 8
"""Candidates beyond `k`: they let rounding in float32 be recognised without a second search."""


@dataclass(frozen=True)
class Neighbours:
    """Nearest neighbours, the nearest first.

    Parameters
    ----------
    indices
        Positions of the neighbours, ``[n, k]``.
    distances
        Euclidean or cosine distances, ``[n, k]``.
    """

    indices: NDArray[np.int64]
    distances: NDArray[np.float64]

    @property
    def k(self) -> int:
        """Neighbours per record."""
        return int(self.indices.shape[1])

    def first(self, k: int) -> Neighbours:
        """The `k` nearest; raises `ValueError` where there are not as many."""
        if k > self.k:
            raise InputError(f"{k} neighbours wanted, {self.k} were computed. Compute more.")
        return Neighbours(self.indices[:, :k], self.distances[:, :k])


def find_neighbours(
    X: NDArray[Any],
    k: int,
    groups: NDArray[Any] | None = None,
    *,
    metric: Distance = "euclidean",
    apart: NDArray[Any] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    device: str | None = None,
) -> Neighbours:
    """Nearest neighbours among the records of other groups.

    Exact: the same as computing every distance in double precision. Memory is that of the result and of a few blocks
    of 2,048 records, whatever the size of `X`, which may be memory-mapped.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    k
        Neighbours per record.
    groups
        A record's own group is left out, ``[n]``: patients, or data sets to look across data sets only. Without groups
        only the record itself is left out.
    metric
        ``"euclidean"`` or ``"cosine"``.
    apart
        If given, neighbours have to differ in this too, ``[n]``: the data set, to look across data sets.
    seed
        Ties are broken at random: in any fixed order they would favour the data set that comes first.
    progress
        Called after each block with the number done and the number of all.
    device
        Torch device of the products, such as ``"cuda"``. The result is the same.

    Raises
    ------
    CannotFillError
        A record has fewer than `k` legal neighbours.
    InputError
        A value is not finite.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [3.0], [7.0]])
    >>> find_neighbours(X, 1).indices.ravel(), find_neighbours(X, 1, groups=np.array([0, 0, 1, 1])).indices.ravel()
    (array([1, 0, 1, 2]), array([2, 2, 1, 1]))
    """
    n = len(X)
    group = np.unique(np.arange(n) if groups is None else groups, return_inverse=True)[1]
    part = np.zeros(n, dtype=np.int64) if apart is None else np.unique(apart, return_inverse=True)[1]
    check_enough(k, group, part, apart is not None)
    rows = prepare(X, metric)
    inner, outer = search(
        rows, min(k + SPARE, n), group, part, inside=apart is None, across=apart is not None, seed=seed,
        progress=progress, device=device,
    )  # fmt: skip
    lists = certain(rows, outer if apart is not None else inner, k, group, part, apart is not None, seed)
    return Neighbours(lists.ids.astype(np.int64), to_distance(lists.squared, metric))


def to_distance(squared: NDArray[np.float64], metric: Distance) -> NDArray[np.float64]:
    """Distances from squared Euclidean distances; those of rows with norm 1 are twice the cosine distance."""
    return np.sqrt(squared) if metric == "euclidean" else squared / 2


def check_enough(k: int, group: NDArray[np.int64], part: NDArray[np.int64], separate: bool) -> None:
    """Raise `CannotFillError` where a record has fewer than `k` legal neighbours; groups and parts are codes."""
    n = len(group)
    own = np.bincount(group)[group] if n else np.zeros(1, dtype=np.int64)
    if separate and n:
        both = np.unique(group * (part.max() + 1) + part, return_inverse=True)[1]
        own = own + np.bincount(part)[part] - np.bincount(both)[both]
    largest = int(own.max())
    if n - largest < k:
        raise CannotFillError(
            f"{k} neighbours need {k} records outside a record's own group: there are {n} records, and one group holds "
            f"{largest} of them. Use a smaller k or more records."
        )


def certain(
    rows: Rows, lists: Lists, k: int, group: NDArray[np.int64], part: NDArray[np.int64], separate: bool, seed: int
) -> Lists:
    """The first `k` of each list, searched again where rounding or ties may have hidden a nearer record."""
    ids, squared = lists.ids[:, :k].copy(), lists.squared[:, :k].copy()
    doubtful = np.flatnonzero(~(squared[:, -1] <= lists.radius))
    if len(doubtful):
        for p in np.unique(part[doubtful]):
            queries = doubtful[part[doubtful] == p]
            among = np.flatnonzero(part != p) if separate else np.arange(len(group))
            again = search_rows(rows, queries, among, k, group, seed)
            ids[queries], squared[queries] = again.ids, again.squared
    return Lists(ids, squared, lists.radius)
