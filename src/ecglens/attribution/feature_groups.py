"""Groups of correlated features, among which a probe divides importance arbitrarily."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def correlated_groups(X: NDArray[Any], threshold: float = 0.9) -> NDArray[np.int64]:
    """Group features so that any two of a group are correlated at least so much, in either direction.

    Complete linkage on ``1 - |r|``: no feature enters a group by way of a neighbour alone. A constant feature is a
    group of its own.

    Parameters
    ----------
    X
        Embeddings of one data set, ``[n, d]``.
    threshold
        Smallest absolute Pearson correlation inside a group.

    Returns
    -------
    ndarray
        Group of each feature, ``[d]``, from 0, in the order of each group's first feature.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 2))
    >>> correlated_groups(np.stack([x[:, 0], x[:, 1], -x[:, 0] + 0.01 * x[:, 1]], axis=1))
    array([0, 1, 0])
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    dim = X.shape[1]
    if dim < 2:
        return np.zeros(dim, dtype=np.int64)
    centred = X - np.mean(X, axis=0, dtype=np.float64)
    norms = np.linalg.norm(centred, axis=0)
    unit = centred / np.where(norms > 0, norms, 1)
    distance = np.clip(1 - np.abs(unit.T @ unit), 0, None)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), "complete")
    found = fcluster(tree, 1 - threshold, criterion="distance")
    _, first, group = np.unique(found, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[group]


def group_importance(importance: NDArray[Any], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum of the importances of each group's features.

    A sum of mean absolute SHAP values is an upper bound of the mean absolute SHAP value of the group, which it reaches
    where the members of a group push every record the same way.

    Parameters
    ----------
    importance
        ``[..., d]``.
    groups
        Group of each feature, ``[d]``.

    Returns
    -------
    ndarray
        ``[..., groups]``.

    Examples
    --------
    >>> group_importance(np.array([1.0, 2.0, 4.0]), np.array([0, 1, 0]))
    array([5., 2.])
    """
    return np.asarray(importance @ np.eye(int(groups.max()) + 1)[groups])
