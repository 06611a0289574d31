"""Ranks of treatments over blocks: Friedman's test and Nemenyi's critical difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Friedman:
    """Average ranks and Friedman's test that all treatments are alike.

    Parameters
    ----------
    average_ranks
        ``[treatments]``, 1 is best; NaN without a block.
    statistic, p_value
        Friedman's chi-square, corrected for ties; NaN for fewer than three treatments or two blocks.
    n_blocks, n_left_out
        Blocks that enter, and blocks left out because a treatment has no score there.
    """

    average_ranks: Floats
    statistic: float
    p_value: float
    n_blocks: int
    n_left_out: int


def rank(scores: NDArray[Any]) -> Floats:
    """Ranks along the last axis, the highest score first; ties share the mean of their ranks."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(-np.asarray(scores, dtype=np.float64), axis=-1))


def place_among(score: NDArray[Any], others: NDArray[Any]) -> Floats:
    """The rank that a score would take among others, ``[..., others]``; ties share it.

    Examples
    --------
    >>> place_among(np.array(0.5), np.array([0.9, 0.5, 0.1]))
    array(2.5)
    """
    score = np.asarray(score)[..., None]
    rank_of = 1 + ((others > score) + (others == score) / 2).sum(axis=-1)
    return np.where(np.isnan(score[..., 0]), np.nan, rank_of)


def friedman(scores: ArrayLike) -> Friedman:
    """Average ranks over blocks, and whether they differ.

    Parameters
    ----------
    scores
        ``[blocks, treatments]``, higher is better. A block with a NaN is left out and counted.

    References
    ----------
    Demsar (2006), Statistical comparisons of classifiers over multiple data sets, JMLR 7:1-30.

    Examples
    --------
    >>> found = friedman([[0.9, 0.8, 0.7], [0.8, 0.7, 0.6], [0.6, 0.7, 0.5], [0.9, 0.6, 0.3]])
    >>> found.average_ranks, round(found.p_value, 3)
    (array([1.25, 1.75, 3.  ]), 0.039)
    """
    from scipy.stats import friedmanchisquare

    scores = np.asarray(scores, dtype=np.float64)
    whole = scores[~np.isnan(scores).any(axis=1)]
    n_blocks, n_treatments = whole.shape
    ranks = rank(whole)
    average = ranks.mean(axis=0) if n_blocks else np.full(n_treatments, np.nan)
    statistic = p_value = float("nan")
    if n_treatments > 2 and n_blocks > 1 and np.ptp(ranks):
        statistic, p_value = (float(value) for value in friedmanchisquare(*whole.T))
    return Friedman(average, statistic, p_value, n_blocks, len(scores) - n_blocks)


def critical_difference(n_treatments: int, n_blocks: int, alpha: float = 0.05) -> float:
    """Nemenyi's critical difference: average ranks closer than this cannot be told apart.

    References
    ----------
    Demsar (2006), Statistical comparisons of classifiers over multiple data sets, JMLR 7:1-30.

    Examples
    --------
    >>> round(critical_difference(4, 14), 2)  # Demsar's example, q = 2.569
    1.25
    """
    from scipy.stats import studentized_range

    q = float(studentized_range.ppf(1 - alpha, n_treatments, np.inf)) / np.sqrt(2)
    return float(q * np.sqrt(n_treatments * (n_treatments + 1) / (6 * n_blocks)))


def cliques(average_ranks: ArrayLike, difference: float) -> list[tuple[int, ...]]:
    """Largest groups of treatments whose average ranks all lie within a difference; single treatments are left out.

    Returns
    -------
    list
        Positions of the members, by rank.

    Examples
    --------
    >>> cliques([1.0, 1.5, 2.2, 3.9], 1.0)
    [(0, 1), (1, 2)]
    """
    ranks = np.asarray(average_ranks, dtype=np.float64)
    order = np.argsort(ranks, kind="stable")
    ends = np.searchsorted(ranks[order], ranks[order] + difference, side="left")
    found, furthest = [], 0
    for start, end in enumerate(ends):
        if end > furthest and end - start > 1:
            found.append(tuple(int(place) for place in order[start:end]))
        furthest = max(furthest, int(end))
    return found
