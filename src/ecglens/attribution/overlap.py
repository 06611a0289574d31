"""How many of the features that matter most do two data sets share?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError


@dataclass(frozen=True)
class Overlap:
    """Features that are among the top `k` of both sides.

    Parameters
    ----------
    share
        Shared features over `k`.
    chance
        What `share` is expected to be for two independent choices: ``k / dim`` where both sides fill their top `k`.
    p_value
        Probability of sharing as many features or more by chance (hypergeometric).
    k, dim
        Size of the top, and number of features.
    n_a, n_b
        Features in the top of each side: fewer than `k` where a probe uses fewer.
    """

    share: float
    chance: float
    p_value: float
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
    ranked = np.argsort(-np.asarray(importance, dtype=np.float64), kind="stable")[:k]
    return ranked[importance[ranked] > 0]


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
        raise ValueError(f"a has {dim} features, b has {len(b)}: compare data sets under one encoder")
    if dim <= k:
        raise CannotFillError(f"the top {k} of {dim} features is all of them. Use a smaller k for this encoder.")
    top_a, top_b = top_k(a, k), top_k(b, k)
    n_a, n_b = len(top_a), len(top_b)
    shared = len(np.intersect1d(top_a, top_b))
    p_value = float(hypergeom.sf(shared - 1, dim, n_a, n_b))
    return Overlap(shared / k, n_a * n_b / (dim * k), p_value, k, dim, n_a, n_b)
