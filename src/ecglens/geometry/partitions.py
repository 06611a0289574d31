"""How far two partitions of the same records agree, from their contingency table alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

TAIL = 12
"""Standard deviations of a cell count beyond which its probability does not show in double precision."""

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class PartitionAgreement:
    """Agreement of two partitions.

    Parameters
    ----------
    ari
        Adjusted Rand index (Hubert and Arabie 1985): 0 in the mean of random partitions with the same counts.
    ami
        Adjusted mutual information (Vinh, Epps and Bailey 2010), with the arithmetic mean of the entropies.
    v_measure
        Harmonic mean of homogeneity and completeness (Rosenberg and Hirschberg 2007); not adjusted for chance.
    """

    ari: float
    ami: float
    v_measure: float


def contingency(a: NDArray[Any], b: NDArray[Any]) -> Counts:
    """Records of each pair of classes, ``[classes of a, classes of b]``.

    Examples
    --------
    >>> contingency(np.array(["af", "af", "no"]), np.array([1, 2, 2]))
    array([[1, 1],
           [0, 1]])
    """
    (first, x), (second, y) = np.unique(a, return_inverse=True), np.unique(b, return_inverse=True)
    return np.bincount(x * len(second) + y, minlength=len(first) * len(second)).reshape(len(first), len(second))


def compare_partitions(table: Counts) -> PartitionAgreement:
    """Agreement from a contingency table.

    Examples
    --------
    >>> compare_partitions(np.array([[3, 0], [0, 2]]))
    PartitionAgreement(ari=1.0, ami=1.0, v_measure=1.0)
    """
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    n, a, b = table.sum(), table.sum(axis=1), table.sum(axis=0)
    if len(a) == len(b) == 1 or len(a) == len(b) == n:
        return PartitionAgreement(1.0, 1.0, 1.0)
    nonzero = table[table > 0]
    outer = np.outer(a, b)[table > 0]
    shared = float((nonzero / n * np.log(nonzero * n / outer)).sum())
    entropies = [float(-(c / n * np.log(c / n)).sum()) for c in (a, b)]
    expected = expected_information(a, b)
    mean = sum(entropies) / 2
    return PartitionAgreement(
        ari=float(adjusted_rand(table)),
        ami=(shared - expected) / (mean - expected),
        v_measure=shared / mean,
    )


def adjusted_rand(tables: Counts) -> NDArray[np.float64]:
    """Adjusted Rand index of one table or of many, ``[..., r, c]``; 0 where all records share a class and a cluster.

    Examples
    --------
    >>> adjusted_rand(np.array([[[3, 0], [0, 3]], [[2, 1], [1, 2]]])).round(2)
    array([ 1.  , -0.11])
    """

    def pairs(counts: NDArray[Any]) -> Any:
        # In floating point: products of these overflow integers where records are many.
        return counts * (counts - 1.0) / 2

    together = pairs(tables).sum(axis=(-1, -2))
    a, b = pairs(tables.sum(axis=-1)).sum(axis=-1), pairs(tables.sum(axis=-2)).sum(axis=-1)
    chance = a * b / np.maximum(pairs(tables.sum(axis=(-1, -2))), 1)
    room = (a + b) / 2 - chance
    return np.where(room == 0, 0, (together - chance) / np.where(room == 0, 1, room))


def expected_information(a: Counts, b: Counts) -> float:
    """Mutual information of random partitions with these class counts, in the mean, in nats.

    Examples
    --------
    >>> round(expected_information(np.array([1, 1]), np.array([1, 1])), 4)
    0.6931
    """
    from scipy.special import gammaln

    n, total = int(a.sum()), 0.0
    log_factorial = gammaln(np.arange(n + 1) + 1.0)
    for x in a.tolist():
        for y in b.tolist():
            mean = x * y / n
            reach = TAIL * np.sqrt(mean * (n - x) / n * (n - y) / max(1, n - 1)) + TAIL
            count = np.arange(max(1, x + y - n, int(mean - reach)), min(x, y, int(mean + reach) + 1) + 1)
            law = log_factorial[[x, y, n - x, n - y]].sum() - log_factorial[n] - log_factorial[count]
            law = law - log_factorial[x - count] - log_factorial[y - count] - log_factorial[n - x - y + count]
            total += float((np.exp(law) * count / n * np.log(count * n / (x * y))).sum())
    return total
