"""Neighbours from an index, where there are too many records to look at every pair."""

from __future__ import annotations

import numpy as np

from ecglens.geometry import kernels
from ecglens.geometry.rows import Rows
from ecglens.geometry.search import Ints, Lists, search_rows

SAMPLE = 500
"""Records whose neighbours are also searched exactly: a recall of 0.95 is then known to 0.01 or better."""


WIDTH = 3
"""Length of the index's lists over the length asked for: on planted embeddings recall rises from 0.86 to 0.99."""


def approximate_lists(rows: Rows, k: int, group: Ints, seed: int) -> tuple[Lists, float]:
    """Neighbours by nearest-neighbour descent, and the share of the true ones among them.

    The index knows no groups: it is asked for as many records more as the largest group holds, at most `k` of them, and
    a record that is left with fewer than `k` is searched exactly.

    References
    ----------
    Dong, Moses and Li (2011), Efficient k-nearest neighbor graph construction for generic similarity measures, WWW.
    """
    from pynndescent import NNDescent

    n = len(group)
    spare = min(int(np.bincount(group).max()), k)
    data = np.asarray(rows.X, dtype=np.float32) * rows.scale[:, None].astype(np.float32)
    index = NNDescent(data, n_neighbors=min(max(WIDTH * k, k + spare), n), random_state=seed)
    ids = index.neighbor_graph[0].astype(np.int32)
    ids[group[np.maximum(ids, 0)] == group[:, None]] = -1
    squared = np.empty(ids.shape)
    kernels.in_threads(kernels.refine, n, rows.X, rows.scale, np.arange(n), ids, seed, squared)
    ids, squared = ids[:, :k].copy(), squared[:, :k].copy()
    short = np.flatnonzero(ids[:, -1] < 0)
    if len(short):
        again = search_rows(rows, short, np.arange(n), k, group, seed)
        ids[short], squared[short] = again.ids, again.squared
    sample = np.random.default_rng(seed).choice(n, min(SAMPLE, n), replace=False)
    true = search_rows(rows, sample, np.arange(n), k, group, seed)
    # Counted by distance: one of two equally near records is as good as the other.
    recall = (squared[sample] <= true.squared[:, -1:]).mean()
    return Lists(ids, squared, squared[:, -1]), float(recall)
