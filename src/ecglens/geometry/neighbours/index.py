"""An index from one neighbour search, for neighbours within any subset of the records."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.geometry.arrays import compact
from ecglens.geometry.neighbours.knn import SPARE, Neighbours, certain, check_enough, to_distance
from ecglens.geometry.neighbours.lists import Ids, Ints, Lists, Progress
from ecglens.geometry.neighbours.matrix import Distance, Rows, prepare
from ecglens.geometry.neighbours.search import search, search_rows, search_some
from ecglens.splitmix import coin
from ecglens.threads import in_threads

DEPTH = 150
"""Records per list: beyond three times the perplexity of 30 that LISI asks for, so that few run dry in subsamples."""

FEW = 0.5
"""Up to this part of the records is searched one by one where their lists run dry; else all of them at once."""


CHEAP = 10_000
"""Records whose lists are read in less time than it takes to start a thread."""


@dataclass(frozen=True)
class NeighbourIndex:
    """Long lists of near records, apart for the own data set and the others.

    Parameters
    ----------
    rows, metric
        The embeddings and their distance.
    patient, source
        Codes, ``[n]``.
    inside, outside
        Nearest records of the own data set and of the others.
    seed
        Of the order among equally near records.
    """

    rows: Rows
    metric: Distance
    patient: Ints
    source: Ints
    inside: Lists
    outside: Lists
    seed: int

    @cached_property
    def points(self) -> NDArray[Any]:
        """The embeddings as they are compared, ``[n, d]``: under cosine distance a copy, of norm 1."""
        if self.metric == "euclidean":
            return self.rows.X
        return np.asarray(self.rows.X * self.rows.scale[:, None].astype(self.rows.X.dtype))

    def nearest(self, k: int) -> Neighbours:
        """Neighbours of all records: `k`, or as many as the one with the fewest legal ones has."""
        n = len(self.patient)
        return self.among(np.arange(n), max(1, min(k, n - int(np.bincount(self.patient).max()))))

    def among(self, members: Ints, k: int, *, apart: bool = False) -> Neighbours:
        """Exact neighbours of some records among themselves; `indices` are positions in `members`.

        They are read from the lists as long as these reach; a record whose lists run dry is searched among the members.

        Parameters
        ----------
        members
            Positions, ``[m]``, each once.
        k
            Neighbours per record.
        apart
            Look at other data sets only.

        Raises
        ------
        CannotFillError
            A member has fewer than `k` legal neighbours among the members.
        """
        patient, source = compact(self.patient[members]), compact(self.source[members])
        check_enough(k, patient, source, apart)
        place = np.full(len(self.patient), -1, dtype=np.int64)
        place[members] = np.arange(len(members))
        ids, squared = np.full((len(members), k), -1, dtype=np.int64), np.full((len(members), k), np.inf)
        in_threads(
            _read, len(members), members, place, self.inside.ids, self.inside.squared, self.inside.radius,
            self.outside.ids, self.outside.squared, self.outside.radius, not apart, source.max() > 0, self.seed, ids,
            squared, fewest=CHEAP,
        )  # fmt: skip
        dry = np.flatnonzero(ids[:, -1] < 0)
        if len(dry) > FEW * len(members):
            ids, squared = self._all_again(members, k, patient, source, apart)
        else:
            for s in np.unique(source[dry]) if apart else [-1]:
                queries = dry[source[dry] == s] if apart else dry
                among = members[source != s] if apart else members
                found, squared[queries] = self._few_again(members[queries], among, k)
                ids[queries] = place[found]
        return Neighbours(ids, to_distance(squared, self.metric))

    def _few_again(self, queries: Ints, among: Ints, k: int) -> tuple[Ids, NDArray[np.float64]]:
        lists = search_some(self.rows, queries, among, k + SPARE, self.patient, self.seed)
        ids, squared = lists.ids[:, :k], lists.squared[:, :k]
        doubtful = np.flatnonzero(~(squared[:, -1] <= lists.radius))
        if len(doubtful):
            again = search_rows(self.rows, queries[doubtful], among, k, self.patient, self.seed)
            ids[doubtful], squared[doubtful] = again.ids, again.squared
        return ids, squared

    def _all_again(
        self, members: Ints, k: int, patient: Ints, source: Ints, apart: bool
    ) -> tuple[Ints, NDArray[np.float64]]:
        rows = Rows(self.rows.X[members], self.rows.scale[members], self.rows.mean)
        part = source if apart else np.zeros_like(source)
        lists = search(rows, k + SPARE, patient, part, inside=not apart, across=apart, seed=self.seed)
        found = certain(rows, lists[apart], k, patient, part, apart, self.seed)
        return found.ids.astype(np.int64), found.squared


def build_index(
    X: NDArray[Any],
    patients: NDArray[Any],
    sources: NDArray[Any],
    *,
    depth: int = DEPTH,
    metric: Distance = "euclidean",
    seed: int = 0,
    progress: Progress | None = None,
    device: str | None = None,
) -> NeighbourIndex:
    """Search once; see `ecglens.geometry.find_neighbours` for the parameters.

    Examples
    --------
    >>> index = build_index(np.arange(6.0)[:, None], np.arange(6), np.array([0, 0, 0, 1, 1, 1]))
    >>> index.among(np.array([0, 2, 4]), 1).indices.ravel(), index.among(np.arange(6), 1, apart=True).indices.ravel()
    (array([1, ..., 1]), array([3, 3, 3, 2, 2, 2]))
    """
    rows = prepare(X, metric)
    patient, source = (np.unique(codes, return_inverse=True)[1] for codes in (patients, sources))
    inside, outside = search(rows, min(depth, len(X)), patient, source, seed=seed, progress=progress, device=device)
    return NeighbourIndex(rows, metric, patient, source, inside, outside, seed)


@compiled
def _read(
    start: int, stop: int, members: Any, place: Any, inner_ids: Any, inner: Any, inner_radius: Any, outer_ids: Any,
    outer: Any, outer_radius: Any, use_inner: bool, use_outer: bool, seed: int, ids: Any, squared: Any,
) -> None:  # fmt: skip  # pragma: no cover
    """Merge each member's two lists, as far as nothing nearer can be missing; -1 last where that is short."""
    k = ids.shape[1]
    for m in range(start, stop):
        i, a, b, size = members[m], 0, 0, 0
        reach = np.inf
        if use_inner:
            reach = min(reach, inner_radius[i])
        if use_outer:
            reach = min(reach, outer_radius[i])
        while size < k:
            while use_inner and a < inner_ids.shape[1] and inner_ids[i, a] >= 0 and place[inner_ids[i, a]] < 0:
                a += 1
            while use_outer and b < outer_ids.shape[1] and outer_ids[i, b] >= 0 and place[outer_ids[i, b]] < 0:
                b += 1
            near = inner[i, a] if use_inner and a < inner_ids.shape[1] else np.inf
            far = outer[i, b] if use_outer and b < outer_ids.shape[1] else np.inf
            value = min(near, far)
            if value == np.inf or value > reach:
                break
            if near < far or (near == far and coin(i, inner_ids[i, a], seed) < coin(i, outer_ids[i, b], seed)):
                ids[m, size] = place[inner_ids[i, a]]
                a += 1
            else:
                ids[m, size] = place[outer_ids[i, b]]
                b += 1
            squared[m, size] = value
            size += 1
