"""Features in at most 256 bins: sorted once, and cut for each fold by its training records only."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.probes.base import to_single

Ints = NDArray[np.int32]

LANES = 8
"""Features of a block."""

N_BINS = 32
"""Most bins of a feature in blocks."""

WIDTH = N_BINS * LANES
"""Sums of a block: bin 0 of its features, then bin 1, and so on."""


class Columns(NamedTuple):
    """Features one after another, ``[d, n]``: their values, and the records in ascending order of them."""

    values: NDArray[np.float32]
    order: Ints


class Bins(NamedTuple):
    """Training records of a fold as bin numbers.

    ``codes`` ``[d, n_train]``; the least and the largest value in each bin, ``[d, max_bin]``; ``counts`` ``[d]``, how
    many bins a feature fills.
    """

    codes: NDArray[np.uint8]
    least: NDArray[np.float32]
    largest: NDArray[np.float32]
    counts: Ints


def sort_columns(X: NDArray[Any]) -> Columns:
    """Sort every feature of ``[n, d]`` over all records, once for all folds."""
    values = np.ascontiguousarray(to_single(X).T)
    order = np.empty(values.shape, dtype=np.int32)
    for column, ranks in zip(values, order, strict=True):
        ranks[:] = np.argsort(column, kind="stable")
    return Columns(values, order)


def cut_columns(columns: Columns, train: NDArray[np.bool_], max_bin: int) -> Bins:
    """Cut features into bins of about equal numbers of training records, for one fold.

    A feature of no more than `max_bin` different values keeps them all. What is held out moves nothing.

    Parameters
    ----------
    columns
        From `sort_columns`.
    train
        Records to train on, ``[n]``.
    max_bin
        2 to 256.

    Examples
    --------
    >>> columns = sort_columns(np.array([[3.0], [1.0], [9.0], [2.0], [1.0]]))
    >>> bins = cut_columns(columns, np.array([True, True, False, True, True]), max_bin=4)
    >>> bins.codes, bins.least[0, : bins.counts[0]]
    (array([[2, 0, 1, 0]], dtype=uint8), array([1., 2., 3.], dtype=float32))
    """
    position = np.where(train, np.cumsum(train) - 1, -1).astype(np.int32)
    d = len(columns.values)
    codes = np.empty((d, int(train.sum())), dtype=np.uint8)
    least, largest = np.zeros((2, d, max_bin), dtype=np.float32)
    bins = Bins(codes, least, largest, np.empty(d, dtype=np.int32))
    _cut(columns.values, columns.order, position, max_bin, *bins)
    return bins


class Blocks(NamedTuple):
    """Training records of a fold in blocks of features, and room for the sums of one boosted tree.

    ``bins`` as cut; ``codes`` ``[blocks, n_train, LANES]``, features beyond the last being all in bin 0; ``sums``
    ``[max_depth + 1, blocks, WIDTH]``: a node on the way down keeps its own.
    """

    bins: Bins
    codes: NDArray[np.uint8]
    sums: NDArray[np.int64]


def make_blocks(bins: Bins, max_depth: int) -> Blocks:
    """Lay out the bin numbers of at most `N_BINS` bins in blocks of features."""
    d, n = bins.codes.shape
    n_blocks = -(-d // LANES)
    codes = np.zeros((n_blocks * LANES, n), dtype=np.uint8)
    codes[:d] = bins.codes
    codes = np.ascontiguousarray(codes.reshape(n_blocks, LANES, n).transpose(0, 2, 1))
    return Blocks(bins, codes, np.empty((max_depth + 1, n_blocks, WIDTH), dtype=np.int64))


@compiled
def _cut(values, order, position, max_bin, codes, least, largest, counts):  # type: ignore[no-untyped-def]
    n_train = codes.shape[1]
    for feature in range(values.shape[0]):
        column = values[feature]
        distinct, last = 0, np.float32(0)
        for row in order[feature]:
            if position[row] >= 0 and (distinct == 0 or column[row] != last):
                distinct += 1
                last = column[row]
        keep_all = distinct <= max_bin
        bin_, seen = 0, 0
        for row in order[feature]:
            if position[row] < 0:
                continue
            full = keep_all or seen * max_bin >= (bin_ + 1) * n_train
            opens = seen == 0 or (full and column[row] != last)
            if opens and seen:
                bin_ += 1
            if opens:
                least[feature, bin_] = column[row]
            largest[feature, bin_] = column[row]
            codes[feature, position[row]] = bin_
            last = column[row]
            seen += 1
        counts[feature] = bin_ + 1
