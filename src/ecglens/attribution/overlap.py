"""Overlap of the most important features of two data sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError, InputError

PERSISTENCE = 0.98


@dataclass(frozen=True)
class Overlap:
    """Features that are among the top `k` of both sides.

    Parameters
    ----------
    share
        Shared features over `k`.
    chance
        Expected `share` of two independent choices: ``k / dim`` if both sides fill their top `k`.
    p_value
        Probability of sharing as many features or more by chance (hypergeometric).
    jaccard
        Shared features over features in either top.
    k, dim
        Size of the top, and number of features.
    n_a, n_b
        Features in the top of each side: fewer than `k` where a probe uses fewer.
    """

    share: float
    chance: float
    p_value: float
    jaccard: float
    k: int
    dim: int
    n_a: int
    n_b: int


def top_k(importance: NDArray[Any], k: int) -> NDArray[np.int64]:
    """Positions of the `k` most important features, the most important first.

    Equal importance is ordered by position. A feature of importance 0 is never in the top: among unused features the
    order of positions would choose the same ones on both sides, and a sparse tree would seem to overlap with any other.

    Examples
    --------
    >>> top_k(np.array([0.2, 0.0, 0.5, 0.2]), 2), top_k(np.array([0.0, 0.1, 0.0]), 2)
    (array([2, 0]), array([1]))
    """
    ranked = _leading(importance, k)
    return ranked[importance[ranked] > 0]


def in_top(importance: NDArray[Any], k: int) -> NDArray[np.bool_]:
    """Whether each feature is among the `k` most important of its row, as `top_k` has it.

    Parameters
    ----------
    importance
        ``[..., d]``.

    Examples
    --------
    >>> in_top(np.array([[0.2, 0.0, 0.5, 0.2], [0.0, 0.1, 0.0, 0.0]]), 2).astype(int)
    array([[1, 0, 1, 0],
           [0, 1, 0, 0]])
    """
    found = np.zeros(importance.shape, dtype=bool)
    np.put_along_axis(found, _leading(importance, k), True, axis=-1)
    return found & (importance > 0)


def _leading(importance: NDArray[Any], k: int) -> NDArray[np.int64]:
    return np.argsort(-np.asarray(importance, dtype=np.float64), axis=-1, kind="stable")[..., :k]


def overlap(a: NDArray[Any], b: NDArray[Any], k: int = 50) -> Overlap:
    """Compare the `k` most important features of two data sets under the same encoder.

    Parameters
    ----------
    a, b
        Importance of each feature, such as mean absolute SHAP values, ``[d]``.
    k
        Size of the top.

    Raises
    ------
    CannotFillError
        There are no more than `k` features, so that every choice overlaps.

    Examples
    --------
    >>> result = overlap(np.array([4.0, 3, 2, 1]), np.array([4.0, 1, 3, 2]), k=2)
    >>> result.share, result.chance
    (0.5, 0.5)
    """
    from scipy.stats import hypergeom

    dim = len(a)
    if len(b) != dim:
        raise InputError(f"a has {dim} features, b has {len(b)}: compare data sets under one encoder")
    if dim <= k:
        raise CannotFillError(f"the top {k} of {dim} features is all of them. Use a smaller k for this encoder.")
    top_a, top_b = top_k(a, k), top_k(b, k)
    n_a, n_b = len(top_a), len(top_b)
    shared = len(np.intersect1d(top_a, top_b))
    p_value = float(hypergeom.sf(shared - 1, dim, n_a, n_b))
    jaccard = shared / (n_a + n_b - shared) if n_a + n_b else float("nan")
    return Overlap(shared / k, n_a * n_b / (dim * k), p_value, jaccard, k, dim, n_a, n_b)


def rank_biased_overlap(a: NDArray[Any], b: NDArray[Any], p: float = PERSISTENCE) -> float:
    """Overlap of two rankings that weighs the first ranks most: a reader goes on to the next rank with probability `p`.

    Extrapolated from the ranks there are to endless ones, as the agreement at the last rank would continue: 0 for
    disjoint rankings, 1 for equal ones, NaN where neither ranks a feature. Features of importance 0 have no rank; where
    one ranking is longer, the formula for uneven rankings is used.

    Parameters
    ----------
    a, b
        Importance of each feature, ``[d]``.
    p
        With 0.98 the first 50 ranks carry 85 % of the weight.

    References
    ----------
    Webber, Moffat and Zobel (2010), A similarity measure for indefinite rankings, ACM TOIS 28(4), equation 32.

    Examples
    --------
    >>> round(rank_biased_overlap(np.array([3.0, 2, 1]), np.array([3.0, 1, 2]), p=0.5), 3)
    0.875
    """
    short, long = sorted((top_k(a, len(a)), top_k(b, len(b))), key=len)
    n_short, n_long = len(short), len(long)
    if not n_short:
        return 0.0 if n_long else float("nan")
    place = np.full(len(a), n_long + 1)
    place[long] = np.arange(1, n_long + 1)
    depth = np.maximum(place[short], np.arange(1, n_short + 1))
    shared = np.cumsum(np.bincount(depth[depth <= n_long], minlength=n_long + 1)[1:])
    ranks = np.arange(1, n_long + 1)
    weights = p ** ranks.astype(np.float64)
    at_short, at_long = shared[n_short - 1], shared[-1]
    beyond = ranks[n_short:]
    missing = at_short * (beyond - n_short) / (n_short * beyond)
    total = np.sum(shared / ranks * weights) + np.sum(missing * weights[n_short:])
    rest = (at_long - at_short) / n_long + at_short / n_short
    return float((1 - p) / p * total + rest * p**n_long)
