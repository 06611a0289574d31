"""One boosted tree on binned features, by histograms of gradients (Chen and Guestrin, 2016, section 3).

A histogram holds the sums of gradients and Hessians of a node's records in every bin of every feature. Only the smaller
child of a split is summed up; its sibling is the parent minus it, exactly, because the sums are integers. Features lie
in blocks of eight, so that one turn of a loop serves eight of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.probes.fast.bins import LANES, N_BINS, WIDTH, Blocks
from ecglens.probes.fast.trees import LOW, Tree, pack

Floats = NDArray[np.float64]

DEEPEST = 64
"""Largest depth: a node on the way down to the deepest one keeps its histogram."""

LEAST_GAIN = 1e-6

SPLITTABLE = 2.0
"""Least Hessian of a node that two children of 1 or more can share."""


def boost(blocks: Blocks, gradient: Floats, hessian: Floats, max_depth: int, penalty: float, fitted: Floats) -> Tree:
    """Grow one tree.

    A child needs a Hessian of 1 or more. Of equal gains the first feature, and of its cuts the lowest, is taken.

    Parameters
    ----------
    blocks
        Training records.
    gradient, hessian
        Negative gradients and Hessians of the loss, ``[n_train]``.
    max_depth
        Splits between the root and a leaf, at most; no more than `make_blocks` was told.
    penalty
        Lambda of the gain and of the leaves.
    fitted
        Filled with the value of the leaf of each record, ``[n_train]``.

    Examples
    --------
    >>> from ecglens.probes.fast.bins import cut_columns, make_blocks, sort_columns
    >>> bins = cut_columns(sort_columns(np.array([[0.0], [1.0], [2.0], [3.0]])), np.ones(4, bool), max_bin=32)
    >>> y = np.array([-1.0, -1, 1, 1])
    >>> tree = boost(make_blocks(bins, 1), y, np.ones(4), 1, 0.0, np.empty(4))
    >>> tree.threshold[0], tree.value[1:]
    (np.float64(1.5), array([-1.,  1.]))
    """
    bins, codes, sums = blocks
    pairs, unit = pack(gradient, hessian)
    rows = np.arange(len(gradient), dtype=np.uint32)
    return Tree(
        *_grow(codes, bins.codes, bins.least, bins.largest, rows, gradient, hessian, pairs, unit, max_depth, penalty,
               sums, fitted)
    )  # fmt: skip


@compiled
def _fill(codes, rows, pairs, packed, sums):  # type: ignore[no-untyped-def]
    """Sum up the records of a node, ``[blocks, WIDTH]``."""
    for i in range(len(rows)):
        packed[i] = pairs[rows[i]]
    for block in range(codes.shape[0]):
        code, total = codes[block], sums[block]
        total[:] = 0
        for i in range(len(rows)):
            mine, both = code[rows[i]], packed[i]
            for lane in range(LANES):
                total[np.uint64(mine[lane]) * np.uint64(LANES) + np.uint64(lane)] += both


@compiled
def _subtract(sums, part):  # type: ignore[no-untyped-def]
    for block in range(len(sums)):
        mine, other = sums[block], part[block]
        for place in range(WIDTH):
            mine[place] -= other[place]


@compiled
def _gains_more(sums, total_g, total_h, unit, penalty, best, left):  # type: ignore[no-untyped-def]
    """Whether some split of a block may gain more than `best`: eight features at a time, empty bins included."""
    for place in range(LANES):
        left[place] = sums[place]
    for place in range(LANES, WIDTH):
        left[place] = left[place - LANES] + sums[place]
    n_better = 0
    for place in range(WIDTH):
        left_g = np.float64(np.int32(left[place] >> 32)) * unit
        left_h = np.float64(np.int32(left[place])) * unit
        right_g, right_h = total_g - left_g, total_h - left_h
        a, b = left_h + penalty, right_h + penalty
        gain = left_g * left_g * b + right_g * right_g * a
        n_better += (gain > best * (a * b)) & (left_h >= 1.0) & (right_h >= 1.0)
    return n_better > 0


@compiled
def _best_split(sums, d, unit, penalty, scratch):  # type: ignore[no-untyped-def]
    """Feature of the best split, and the filled bins on either side; feature -1 where none gains."""
    total = 0
    for code in range(N_BINS):
        total += sums[0, code * LANES]
    total_g, total_h = (total >> 32) * unit, (total & LOW) * unit
    best = total_g * total_g / (total_h + penalty) + LEAST_GAIN
    best_feature, low, high = -1, 0, 0
    for block in range(len(sums)):
        mine = sums[block]
        if not _gains_more(mine, total_g, total_h, unit, penalty, best, scratch):
            continue
        for lane in range(min(LANES, d - block * LANES)):
            left, last = 0, -1
            for code in range(N_BINS):
                here = mine[code * LANES + lane]
                if here == 0:
                    continue
                if last >= 0:
                    left_g, left_h = (left >> 32) * unit, (left & LOW) * unit
                    right_g, right_h = total_g - left_g, total_h - left_h
                    if left_h >= 1.0 and right_h >= 1.0:
                        a, b = left_h + penalty, right_h + penalty
                        gain = left_g * left_g * b + right_g * right_g * a
                        if gain > best * (a * b):
                            best = gain / (a * b)
                            best_feature, low, high = block * LANES + lane, last, code
                left += here
                last = code
    return best_feature, low, high


@compiled
def _sum_up(rows, first, second):  # type: ignore[no-untyped-def]
    total_g, total_h = 0.0, 0.0
    for row in rows:
        total_g += first[row]
        total_h += second[row]
    return total_g, total_h


@compiled
def _part(rows, column, last_left, side):  # type: ignore[no-untyped-def]
    """Move the records of the left child to the front, in their order; returns their number."""
    n_left, n_right = 0, 0
    for i in range(len(rows)):
        row = rows[i]
        if column[row] <= last_left:
            rows[n_left] = row
            n_left += 1
        else:
            side[n_right] = row
            n_right += 1
    rows[n_left:] = side[:n_right]
    return n_left


@compiled
def _grow(  # type: ignore[no-untyped-def]
    codes, columns, least, largest, rows, first, second, pairs, unit, max_depth, penalty, sums, fitted
):
    d, m = columns.shape
    size = 2 * m + 1
    feature = np.full(size, -1, dtype=np.int32)
    threshold = np.zeros(size)
    left, right = np.zeros(size, dtype=np.int32), np.zeros(size, dtype=np.int32)
    gradient, hessian, value = np.zeros(size), np.zeros(size), np.zeros(size)
    packed, side = np.empty(m, dtype=np.int64), np.empty(m, dtype=np.uint32)
    scratch = np.empty(WIDTH, dtype=np.int64)
    slot = np.full(size, -1)  # where the sums of a node are; -1 where it is not to be split
    free, n_free = np.arange(len(sums)), len(sums)
    stack = np.empty((m + 1, 4), dtype=np.int64)  # node, first row, row after the last, depth
    stack[0] = (0, 0, m, 0)
    gradient[0], hessian[0] = _sum_up(rows, first, second)
    if max_depth > 0 and hessian[0] >= SPLITTABLE:
        n_free -= 1
        slot[0] = free[n_free]
        _fill(codes, rows, pairs, packed, sums[slot[0]])
    waiting, n_nodes = 1, 1
    while waiting:
        waiting -= 1
        node, start, end, depth = stack[waiting]
        mine = slot[node]
        best_feature, low, high = _best_split(sums[mine], d, unit, penalty, scratch) if mine >= 0 else (-1, 0, 0)
        if best_feature < 0:
            value[node] = gradient[node] / (hessian[node] + penalty)
            for row in rows[start:end]:
                fitted[row] = value[node]
            if mine >= 0:
                free[n_free] = mine
                n_free += 1
            continue
        middle = start + _part(rows[start:end], columns[best_feature], low, side)
        feature[node] = best_feature
        # 64-bit numbers hold the midpoint of two 32-bit ones exactly: it lies between them.
        threshold[node] = (np.float64(largest[best_feature, low]) + np.float64(least[best_feature, high])) / 2
        one, other = n_nodes, n_nodes + 1
        left[node], right[node] = one, other
        gradient[one], hessian[one] = _sum_up(rows[start:middle], first, second)
        gradient[other], hessian[other] = _sum_up(rows[middle:end], first, second)
        stack[waiting] = (other, middle, end, depth + 1)
        stack[waiting + 1] = (one, start, middle, depth + 1)
        waiting += 2
        n_nodes += 2
        small, large, part = one, other, rows[start:middle]
        if len(part) > end - middle:
            small, large, part = other, one, rows[middle:end]
        small_splits = depth + 1 < max_depth and hessian[small] >= SPLITTABLE
        large_splits = depth + 1 < max_depth and hessian[large] >= SPLITTABLE
        if small_splits or large_splits:
            _fill(codes, part, pairs, packed, sums[free[n_free - 1]])
        if large_splits:
            _subtract(sums[mine], sums[free[n_free - 1]])
            slot[large] = mine
        if small_splits:
            n_free -= 1
            slot[small] = free[n_free]
        if not large_splits:
            free[n_free] = mine
            n_free += 1
    end = n_nodes
    return (
        feature[:end].copy(), threshold[:end].copy(), left[:end].copy(), right[:end].copy(), value[:end].copy(),
        hessian[:end].copy(),
    )  # fmt: skip
