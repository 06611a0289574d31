"""Null distribution of an overlap: the same probe on permuted labels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ecglens.attribution.overlap import in_top


class NullOverlap(NamedTuple):
    """Shares of two tops under permuted labels; NaN without permutations.

    Parameters
    ----------
    mean, low, high
        Mean, 5th and 95th percentile over pairs of permutations.
    p_value
        Share of all pairs, true labels included, that have at least as much in common as the true ones.
    """

    mean: float
    low: float
    high: float
    p_value: float


def null_overlap(
    a: NDArray[Any], b: NDArray[Any], null_a: NDArray[Any], null_b: NDArray[Any], k: int = 50
) -> NullOverlap:
    """Compare the overlap of two data sets with that of the same probe on permuted labels.

    A probe prefers features of large variance whatever the labels are, so that two tops share more than independent
    choices do. Under the null, true and permuted labels of each data set are exchangeable: every pair of a ranking of
    the one and a ranking of the other is as likely to be the true one, and the share of pairs with as large an overlap
    is a p-value. With `m` permutations of each it is at least ``1 / (m + 1) ** 2``.

    Parameters
    ----------
    a, b
        Importance of each feature under true labels, ``[d]``.
    null_a, null_b
        The same statistic under permuted labels, ``[permutations, d]``.
    k
        Size of the top.

    References
    ----------
    Ojala and Garriga (2010), Permutation tests for studying classifier performance, JMLR 11:1833-1863.

    Examples
    --------
    >>> true, permuted = np.array([4.0, 3, 2, 1]), np.array([[1.0, 2, 3, 4], [4.0, 1, 2, 3]])
    >>> null_overlap(true, true, permuted, permuted[::-1], k=2)
    NullOverlap(mean=0.75, low=0.5, high=1.0, p_value=0.333...)
    """
    if not len(null_a) or not len(null_b):
        return NullOverlap(np.nan, np.nan, np.nan, np.nan)
    one, two = (in_top(np.vstack([true, null]), k).astype(np.int64) for true, null in ((a, null_a), (b, null_b)))
    shared = one @ two.T
    null = shared[1:, 1:] / k
    low, high = np.quantile(null, [0.05, 0.95])
    return NullOverlap(float(null.mean()), float(low), float(high), float((shared >= shared[0, 0]).mean()))
