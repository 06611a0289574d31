"""Exact search for the nearest legal records, in blocks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import combinations_with_replacement, pairwise
from threading import Lock

import numba
import numpy as np
from numpy.typing import NDArray

from ecglens.geometry.arrays import BLOCK, blocks
from ecglens.geometry.neighbours import kernels
from ecglens.geometry.neighbours.lists import Candidates, Ids, Ints, Lists, Progress, no_candidates
from ecglens.geometry.neighbours.matrix import Rows
from ecglens.threads import in_threads, one_thread

HELD = 2**26
"""Values of centred rows that are kept between blocks: 256 MB."""

UNIT = 2.0**-24
"""Relative rounding error of float32."""

UNIT64 = 2.0**-53
"""Relative rounding error of float64."""


def search(
    rows: Rows,
    k: int,
    group: Ints,
    part: Ints,
    *,
    inside: bool = True,
    across: bool = True,
    seed: int = 0,
    progress: Progress | None = None,
    device: str | None = None,
) -> tuple[Lists, Lists]:
    """Lists of the nearest records of the same part and of other parts, from one pass over the pairs.

    Candidates come from float32 products of centred rows, each pair once for both of its records; their distances are
    then computed as differences in double precision, and the list is cut where float32 rounding could have lost a
    record.

    Parameters
    ----------
    rows
        Embeddings.
    k
        Candidates per list.
    group, part
        Integer codes, ``[n]``: records of one group are never neighbours; parts separate the two lists.
    inside, across
        Which lists are wanted; the other is empty.
    seed
        Of the order among equally near records.
    progress
        Called after each block.
    device
        Torch device of the products, such as ``"cuda"``; None computes them with NumPy.
    """
    if device is not None:
        from ecglens.geometry.neighbours.gpu import candidates_on

        found = candidates_on(device, rows, k, group, part, inside=inside, across=across, progress=progress)
    else:
        found = _candidates(rows, k, group, part, inside=inside, across=across, progress=progress)
    everything = np.arange(len(group))
    return _refined(rows, everything, *found[0], seed), _refined(rows, everything, *found[1], seed)


def _candidates(
    rows: Rows, k: int, group: Ints, part: Ints, *, inside: bool, across: bool, progress: Progress | None
) -> tuple[Candidates, Candidates]:
    n = len(group)
    lists = no_candidates(n, k if inside else 0), no_candidates(n, k if across else 0)
    order = np.argsort(part, kind="stable")
    edges = np.flatnonzero(np.diff(part[order], prepend=-1, append=-1)).tolist()
    homes = [
        (p, order[start + piece.start : start + piece.stop])
        for p, (start, stop) in enumerate(pairwise(edges))
        for piece in blocks(stop - start, BLOCK)
    ]
    # By diagonals: pairs that are worked on at the same time seldom wait for the lists of the same block.
    pairs = sorted(
        (
            (a, b)
            for a, b in combinations_with_replacement(range(len(homes)), 2)
            if (across if homes[a][0] != homes[b][0] else inside)
        ),
        key=lambda pair: (pair[1] - pair[0], pair[0]),
    )
    block_of = lru_cache(max(2, HELD // (BLOCK * rows.X.shape[1])))(lambda home: _float32(rows, homes[home][1]))
    locks = [Lock() for _ in homes]

    def enter(pair: tuple[int, int]) -> None:
        a, b = pair
        (left, left_norms), (right, right_norms) = block_of(a), block_of(b)
        products = left @ right.T
        keys, ids, norms = lists[homes[a][0] != homes[b][0]]
        mine, theirs = homes[a][1], homes[b][1]
        facts = (left_norms, right_norms, group[mine], group[theirs])
        with locks[a]:
            norms[mine] = left_norms
            kernels.enter_rows(products, mine, theirs, *facts, keys, ids)
        if a != b:
            with locks[b]:
                norms[theirs] = right_norms
                kernels.enter_columns(products, mine, theirs, *facts, keys, ids)

    # One pair of blocks per thread: threads of the product would spin while the lists are filled.
    n_threads = numba.get_num_threads()
    with one_thread(), ThreadPoolExecutor(n_threads) as pool:
        for done, _ in enumerate(pool.map(enter, pairs), 1):
            if progress is not None:
                progress(done, len(pairs))
    return lists


def _float32(rows: Rows, chosen: Ints) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    block, norms = np.empty((len(chosen), rows.X.shape[1]), np.float32), np.empty(len(chosen), np.float32)
    kernels.centre(rows.X, rows.scale, rows.mean, chosen, block, norms)
    return block, norms


def _refined(
    rows: Rows, queries: Ints, keys: NDArray[np.float32], ids: Ids, norms: NDArray[np.float64], seed: int
) -> Lists:
    """Exact distances and order, and the radius within which rounding cannot have lost a record.

    A record with more than twice the norm of the row is far away, and the error relative to that distance is small: so
    the norms of the others do not matter.
    """
    full = ids.min(axis=1, initial=len(ids)) >= 0
    last = np.where(full, keys.max(axis=1, initial=0), 0).astype(np.float64)
    c = rounding(rows.X.shape[1], UNIT)
    radius = np.where(full, last - 5 * c * np.maximum(norms, last), np.inf)
    squared = np.empty(ids.shape)
    in_threads(kernels.refine, len(ids), rows.X, rows.scale, queries, ids, seed, squared)
    return Lists(ids, squared, radius)


def rounding(d: int, unit: float) -> float:
    """Error of a dot product of `d` terms, as a part of the product of the norms.

    It grows as the root of `d` with a probability so near to 1 that no data set is large enough to meet the exception.

    References
    ----------
    Higham and Mary (2019), A new approach to probabilistic rounding error analysis, SIAM J. Sci. Comput. 41:A2815.
    """
    return float(4 * np.sqrt(d) + 8) * unit


def search_some(rows: Rows, queries: Ints, among: Ints, k: int, group: Ints, seed: int) -> Lists:
    """Lists of the nearest records of some records among others; as those of `search`, cut at the radius."""
    keys, ids, norms = no_candidates(len(queries), k)
    left, left_norms = _float32(rows, queries)
    norms[:] = left_norms
    for piece in blocks(len(among)):
        columns = among[piece]
        right, right_norms = _float32(rows, columns)
        kernels.enter_rows(
            left @ right.T, np.arange(len(queries)), columns, left_norms, right_norms, group[queries], group[columns],
            keys, ids,
        )  # fmt: skip
    return _refined(rows, queries, keys, ids, norms, seed)


def search_rows(rows: Rows, queries: Ints, among: Ints, k: int, group: Ints, seed: int = 0) -> Lists:
    """Nearest records of a few records, in double precision, whatever the rounding.

    Parameters
    ----------
    rows
        Embeddings.
    queries, among
        Positions of the records that ask, and of those that may be found.
    k
        Neighbours per query.
    group
        Records of one group are never neighbours, ``[n]``.
    seed
        Ties are broken at random: in any fixed order they would favour the data set that comes first.
    """
    m = len(queries)
    squared, ids = np.full((m, k), np.inf), np.full((m, k), -1, dtype=np.int32)
    error = rounding(rows.X.shape[1], UNIT64)
    for mine in blocks(m, BLOCK):
        left = rows.take(queries[mine])
        left_norms = np.einsum("ij,ij->i", left, left)
        for piece in blocks(len(among), BLOCK):
            right = rows.take(among[piece])
            in_threads(
                kernels.enter_exact, len(left), left @ right.T, mine.start, queries[mine], among[piece], left_norms,
                np.einsum("ij,ij->i", right, right), group, rows.X, rows.scale, error, seed, squared, ids,
            )  # fmt: skip
    return Lists(ids, squared, np.where(ids[:, -1] < 0, np.inf, squared[:, -1]))
