"""One decision tree on binned features, alone or in a forest.

With labels ``y`` in {0, 1} and weights ``w``, let ``G = sum(w y)`` and ``H = sum(w)``. The Gini impurity of a node
times its weight is ``2 (G - G^2 / H)``: the split that lowers it most maximises ``G_L^2 / H_L + G_R^2 / H_R``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.probes.fast.bins import Bins
from ecglens.splitmix import mix

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

LOW = 0xFFFFFFFF


@dataclass(frozen=True, eq=False)
class Tree:
    """One tree as arrays, ``[nodes]`` each, as in `TreeEnsemble`; `value` is that of leaves."""

    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    value: Floats
    cover: Floats


def grow(bins: Bins, positives: Floats, weights: Floats, n_features: int, seed: int) -> Tree:
    """Grow one tree until every leaf holds one class.

    Ties are broken at random, and a node is split even without gain.

    Parameters
    ----------
    bins
        Training records.
    positives, weights
        Weight of a record where its label is 1, else 0, and its weight, ``[n_train]``. A record of weight 0 takes no
        part.
    n_features
        Features that a split may choose from.
    seed
        Random seed of the order of features.

    Examples
    --------
    >>> from ecglens.probes.fast.bins import cut_columns, sort_columns
    >>> bins = cut_columns(sort_columns(np.array([[0.0], [1.0], [2.0]])), np.ones(3, bool), max_bin=8)
    >>> tree = grow(bins, np.array([0.0, 0, 1]), np.ones(3), n_features=1, seed=0)
    >>> tree.threshold[0], tree.value[1:], tree.cover
    (np.float64(1.5), array([0., 1.]), array([3., 2., 1.]))
    """
    rows = np.flatnonzero(weights).astype(np.uint32)
    pairs, unit = pack(positives, weights)
    parts = _grow(
        bins.codes, bins.least, bins.largest, bins.counts, rows, positives, weights, pairs, unit, n_features,
        np.array([seed], dtype=np.uint64),
    )  # fmt: skip
    return Tree(*parts)


def pack(first: Floats, second: Floats) -> tuple[NDArray[np.int64], float]:
    """Both numbers of a record in one integer, the first in its upper half, and the unit of the halves.

    One addition then sums up both, without rounding, so that equal splits tie. The unit is the power of two at which
    sums over all records still fit: labels and weights stay exact, and gradients keep five digits at 20,000 records.
    """
    largest = max(float(np.abs(first).max()), float(second.max()))
    scale = 2.0 ** np.floor(31 - np.log2(largest * len(first)) - 1e-9)
    upper, lower = np.rint(first * scale), np.maximum(np.rint(second * scale), 1)
    return (upper.astype(np.int64) << 32) + lower.astype(np.int64), 1 / scale


@compiled
def _below(limit: int, state: NDArray[np.uint64]) -> np.int64:
    """Draw an integer below `limit` (SplitMix64; its 31 highest bits are ample for a number of features)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    return np.int64((mix(state[0]) >> np.uint64(33)) * np.uint64(limit) >> np.uint64(31))


@compiled
def _fill(columns, counts, one, other, rows, packed, sums):  # type: ignore[no-untyped-def]
    """Sum up two features at once: additions to one array wait for each other where they meet in a bin."""
    a, b, sums_a, sums_b = columns[one], columns[other], sums[0], sums[1]
    for code in range(max(counts[one], counts[other])):
        sums_a[code] = 0
        sums_b[code] = 0
    for i in range(len(rows)):
        row, both = rows[i], packed[i]
        sums_a[a[row]] += both
        sums_b[b[row]] += both


@compiled
def _best_split(codes, counts, rows, packed, unit, n_features, features, sums, state):  # type: ignore[no-untyped-def]
    """Feature of the best split of `rows`, and the filled bins on either side; feature -1 where there is none."""
    d = len(counts)
    total = packed.sum()
    total_g, total_h = (total >> 32) * unit, (total & LOW) * unit
    best, best_feature, low, high = -1.0, -1, 0, 0
    visited, varied = 0, 0
    while visited < d and (visited < n_features or varied == 0):
        step = min(2, max(n_features - visited, 1))
        for place in range(visited, visited + step):
            chosen = place + _below(d - place, state)
            features[place], features[chosen] = features[chosen], features[place]
        _fill(codes, counts, features[visited], features[visited + step - 1], rows, packed, sums)
        for which in range(step):
            feature = features[visited + which]
            left, last = 0, -1
            for code in range(counts[feature]):
                here = sums[which, code]
                if here == 0:
                    continue
                if last >= 0:
                    left_g, left_h = (left >> 32) * unit, (left & LOW) * unit
                    right_g, right_h = total_g - left_g, total_h - left_h
                    if left_h >= 1.0 and right_h >= 1.0:
                        gain = left_g * left_g * right_h + right_g * right_g * left_h
                        if gain > best * (left_h * right_h):
                            best = gain / (left_h * right_h)
                            best_feature, low, high = feature, last, code
                left += here
                last = code
            varied += left != sums[which, last]
        visited += step
    return best_feature, low, high


@compiled
def _grow(  # type: ignore[no-untyped-def]
    codes, least, largest, counts, rows, positives, weights, pairs, unit, n_features, state
):
    d, m = codes.shape[0], len(rows)
    size = 2 * m + 1
    feature = np.full(size, -1, dtype=np.int32)
    threshold = np.zeros(size)
    left, right = np.zeros(size, dtype=np.int32), np.zeros(size, dtype=np.int32)
    value, cover = np.zeros(size), np.zeros(size)
    features = np.arange(d)
    sums = np.zeros((2, 256), dtype=np.int64)
    packed = np.empty(m, dtype=np.int64)
    side = np.empty(m, dtype=np.uint32)
    stack = np.empty((m + 1, 3), dtype=np.int64)  # node, first row, row after the last
    stack[0] = (0, 0, m)
    waiting, n_nodes = 1, 1
    while waiting:
        waiting -= 1
        node, start, end = stack[waiting]
        total_g, total_h = 0.0, 0.0
        for i in range(start, end):
            total_g += positives[rows[i]]
            total_h += weights[rows[i]]
        cover[node] = total_h
        pure = total_g == 0.0 or total_g == total_h
        best_feature, low, high = -1, 0, 0
        if not pure and total_h >= 2.0:
            for i in range(start, end):
                packed[i] = pairs[rows[i]]
            best_feature, low, high = _best_split(
                codes, counts, rows[start:end], packed[start:end], unit, n_features, features, sums, state
            )
        if best_feature < 0:
            value[node] = total_g / total_h
            continue
        column = codes[best_feature]
        middle, n_right = start, 0
        for i in range(start, end):
            if column[rows[i]] <= low:
                rows[middle] = rows[i]
                middle += 1
            else:
                side[n_right] = rows[i]
                n_right += 1
        rows[middle:end] = side[:n_right]
        feature[node] = best_feature
        # 64-bit numbers hold the midpoint of two 32-bit ones exactly: it lies between them.
        threshold[node] = (np.float64(largest[best_feature, low]) + np.float64(least[best_feature, high])) / 2
        left[node], right[node] = n_nodes, n_nodes + 1
        stack[waiting] = (n_nodes + 1, middle, end)
        stack[waiting + 1] = (n_nodes, start, middle)
        waiting += 2
        n_nodes += 2
    end = n_nodes
    return (
        feature[:end].copy(), threshold[:end].copy(), left[:end].copy(), right[:end].copy(), value[:end].copy(),
        cover[:end].copy(),
    )  # fmt: skip
