"""Agreement of two partitions of the same records, from their contingency table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.geometry.metrics.base import GeometryMetric
from ecglens.threads import in_threads

ARI = GeometryMetric(
    name="ari",
    title="adjusted Rand index",
    symbol="ARI",
    # Chacón and Rastrojo (2023), Minimum adjusted Rand index for two clusterings of a given size.
    low=-0.5,
    chance="0",
    caption="Agreement of clusters and classes, adjusted for chance.",
    source="Hubert and Arabie (1985), Comparing partitions, J. Classif. 2:193-218",
)
AMI = GeometryMetric(
    name="ami",
    title="adjusted mutual information",
    symbol="AMI",
    low=-1.0,
    chance="0",
    caption="Information that clusters and classes share over the mean of their entropies, adjusted for chance.",
    source="Vinh, Epps and Bailey (2010), Information theoretic measures for clusterings comparison, JMLR 11",
)
V_MEASURE = GeometryMetric(
    name="v_measure",
    title="V-measure",
    symbol="V",
    chance="above 0; it grows with the number of clusters",
    caption="Harmonic mean of homogeneity and completeness of clusters; not adjusted for chance.",
    source="Rosenberg and Hirschberg (2007), V-measure, EMNLP-CoNLL",
)

TAIL = 12
"""Standard deviations of a cell count beyond which its probability does not show in double precision."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def count_pairs(labellings: NDArray[Any], b: NDArray[Any], shape: tuple[int, int]) -> Ints:
    """Contingency tables of many labellings ``[tables, n]`` with one other, ``[n]``; both are codes.

    Examples
    --------
    >>> count_pairs(np.array([[0, 0, 1], [1, 1, 1]]), np.array([1, 0, 0]), (2, 2)).tolist()
    [[[1, 1], [1, 0]], [[0, 0], [2, 1]]]
    """
    tables = np.zeros((len(labellings), *shape), dtype=np.int64)
    in_threads(_count, len(labellings), labellings, b, tables)
    return tables


def weigh_pairs(a: Ints, b: Ints, weights: NDArray[Any], shape: tuple[int, int]) -> Ints:
    """Contingency tables of two codes where each record counts as often as it was drawn, ``[n, tables]``.

    Examples
    --------
    >>> weigh_pairs(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([[2], [0], [3]]), (2, 2)).tolist()
    [[[2, 0], [0, 3]]]
    """
    held = np.zeros((*shape, weights.shape[1]), dtype=np.int64)
    _weigh(a, b, weights, held)
    return np.ascontiguousarray(np.moveaxis(held, -1, 0))


def compare_tables(tables: Ints, metrics: Sequence[str] = ("ari", "ami", "v_measure")) -> Mapping[str, Floats]:
    """Agreement from many contingency tables, ``[tables, r, c]``, by metric; NaN where one is empty.

    Examples
    --------
    >>> compare_tables(np.array([[[3, 0], [0, 3]], [[2, 1], [1, 2]]]), ["ari"])["ari"].round(2)
    array([ 1.  , -0.11])
    """
    a, b = tables.sum(axis=2), tables.sum(axis=1)
    size = a.sum(axis=1)
    # The same, and known to be so: one class and one cluster, or every record by itself.
    held = np.array([(counts > 0).sum(axis=1) for counts in (a, b)])
    same = (held <= 1).all(axis=0) | (held == size).all(axis=0)
    found: dict[str, Floats] = {"ari": adjusted_rand(tables)} if "ari" in metrics else {}
    if {"ami", "v_measure"} & set(metrics):
        n = np.maximum(size, 1)[:, None]
        entropies = [-_x_log_x(counts / n).sum(axis=1) for counts in (a, b)]
        shared = sum(entropies) + _x_log_x(tables / n[:, :, None]).sum(axis=(1, 2))
        mean = np.where(same, 1, sum(entropies) / 2)
        found["v_measure"] = shared / mean
        if "ami" in metrics:
            expected = expected_information(a, b)
            found["ami"] = (shared - expected) / np.where(same, 1, mean - expected)
    return {name: np.where(size == 0, np.nan, np.where(same, 1.0, found[name])) for name in metrics}


def _x_log_x(share: Floats) -> Floats:
    return share * np.log(np.where(share > 0, share, 1))


def adjusted_rand(tables: Ints) -> Floats:
    """The adjusted Rand index alone; 0 where all records share a class and a cluster.

    Examples
    --------
    >>> adjusted_rand(np.array([[[3, 0], [0, 3]], [[2, 1], [1, 2]]])).round(2)
    array([ 1.  , -0.11])
    """

    def pairs(counts: Ints) -> Floats:
        # In floating point: products of these overflow integers where records are many.
        return np.asarray(counts * (counts - 1.0) / 2)

    together, alike = pairs(tables).sum(axis=(1, 2)), pairs(tables.sum(axis=(1, 2)))
    alike_a, alike_b = (pairs(tables.sum(axis=axis)).sum(axis=1) for axis in (2, 1))
    chance = alike_a * alike_b / np.maximum(alike, 1)
    room = (alike_a + alike_b) / 2 - chance
    return np.where(room == 0, 0, (together - chance) / np.where(room == 0, 1, room))


def expected_information(a: Ints, b: Ints) -> Floats:
    """Mutual information of random partitions with these class counts, in the mean, in nats.

    Parameters
    ----------
    a, b
        Class counts, ``[tables, r]`` and ``[tables, c]``. Tables with the same counts are worked out once.

    Examples
    --------
    >>> expected_information(np.array([[1, 1]]), np.array([[1, 1]])).round(4)
    array([0.6931])
    """
    from scipy.special import gammaln

    margins, back = np.unique(np.concatenate([a, b], axis=1), axis=0, return_inverse=True)
    first, second = (np.ascontiguousarray(part) for part in np.split(margins, [a.shape[1]], axis=1))
    found = np.zeros(len(margins))
    log_factorial = gammaln(np.arange(first.sum(axis=1).max(initial=0) + 1) + 1.0)
    in_threads(_expect, len(margins), first, second, log_factorial, found)
    return found[back.ravel()]


@compiled
def _count(start: int, stop: int, labellings: Any, b: Any, tables: Any) -> None:  # pragma: no cover
    for row in range(start, stop):
        for i in range(len(b)):
            tables[row, labellings[row, i], b[i]] += 1


@compiled
def _weigh(a: Any, b: Any, weights: Any, held: Any) -> None:  # pragma: no cover
    for i in range(len(a)):
        cell = held[a[i], b[i]]
        for draw in range(len(cell)):
            cell[draw] += weights[i, draw]


@compiled
def _expect(start: int, stop: int, a: Any, b: Any, log_factorial: Any, found: Any) -> None:  # pragma: no cover
    """Sum over cells and their possible counts, whose law is hypergeometric: each term from the one before it."""
    for t in range(start, stop):
        n = a[t].sum()
        for x in a[t]:
            for y in b[t]:
                if x == 0 or y == 0:
                    continue
                mean = x * y / n
                reach = TAIL * np.sqrt(mean * (n - x) / n * (n - y) / max(1, n - 1)) + TAIL
                low, high = max(1, x + y - n, int(mean - reach)), min(x, y, int(mean + reach) + 1)
                law = log_factorial[x] + log_factorial[y] + log_factorial[n - x] + log_factorial[n - y]
                law -= log_factorial[n] + log_factorial[low] + log_factorial[x - low] + log_factorial[y - low]
                share = np.exp(law - log_factorial[n - x - y + low])
                for count in range(low, high + 1):
                    found[t] += share * count / n * np.log(count * n / (x * y))
                    share *= (x - count) * (y - count) / ((count + 1) * (n - x - y + count + 1))
