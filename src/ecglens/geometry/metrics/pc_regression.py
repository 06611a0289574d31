"""Principal component regression: share of variance between groups."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.metrics.base import GeometryMetric
from ecglens.geometry.pca import Components
from ecglens.metric import Metric

PC_REGRESSION_LABEL = Metric(
    name="pc_regression_label",
    title="variance by label",
    symbol="variance by label",
    chance="(classes - 1) / (records - 1)",
    caption="Share of the variance of the first 50 components that the label explains.",
)
PC_REGRESSION_DATASET = Metric(
    name="pc_regression_source",
    title="variance by data set",
    symbol="variance by data set",
    chance="(data sets - 1) / (records - 1)",
    caption="Share of the variance of the first 50 components that the data set explains.",
)
PC_REGRESSION = GeometryMetric(
    name="pc_regression",
    title="principal component regression",
    symbol="PC regression",
    chance="(classes - 1) / (records - 1)",
    caption="Share of the variance of the first 50 components that label or data set explain.",
    source="Buettner et al. (2018), Nature Methods 16:43-49",
    reports=(PC_REGRESSION_LABEL, PC_REGRESSION_DATASET),
)


def pc_regression(components: Components, groups: NDArray[Any]) -> float:
    """Principal component regression: share of the components' variance that the groups explain.

    The share of variance between groups in each component, weighted by the component's variance.

    Parameters
    ----------
    components
        Of the embeddings; 50 are customary.
    groups
        Label or data set of each record, ``[n]``.

    Returns
    -------
    float
        0 to 1. Groups that mean nothing explain about ``(groups - 1) / (n - 1)``.

    References
    ----------
    Buettner et al. (2018), A test metric for assessing single-cell RNA-seq batch correction, Nature Methods 16:43-49.

    Examples
    --------
    >>> from ecglens.geometry.pca import principal_components
    >>> X = np.array([[0.0, 1.0], [0.0, -1.0], [4.0, 1.0], [4.0, -1.0]])
    >>> pc_regression(principal_components(X), np.array(["chn", "chn", "georgia", "georgia"]))
    0.8
    """
    code = np.unique(groups, return_inverse=True)[1]
    if code.max(initial=0) == 0:
        raise CannotFillError("explained variance needs two groups, there is one")
    found = weighted_pc_regression(components, code, np.ones((len(code), 1)))
    if np.isnan(found[0]):
        raise CannotFillError("all embeddings are the same")
    return float(found[0])


def weighted_pc_regression(
    components: Components, code: NDArray[np.int64], weights: NDArray[Any]
) -> NDArray[np.float64]:
    """`pc_regression` of weighted records, ``[n, weightings]``; NaN without variance."""
    Z = _centred(components)
    total = np.maximum(weights.sum(axis=0, dtype=np.float64), 1)[:, None]
    overall = np.zeros((weights.shape[1], Z.shape[1]))
    between = np.zeros(weights.shape[1])
    squares = weights.T @ np.square(Z).sum(axis=1)
    for group in range(code.max() + 1):
        inside = code == group
        sums, held = weights[inside].T @ Z[inside], weights[inside].sum(axis=0, dtype=np.float64)
        overall += sums
        between += np.square(sums).sum(axis=1) / np.maximum(held, 1)
    mean = (np.square(overall) / total).sum(axis=1)
    room = squares - mean
    return np.where(room > 0, (between - mean) / np.where(room > 0, room, 1), np.nan)


def permuted_pc_regression(components: Components, moved: NDArray[Any]) -> NDArray[np.float64]:
    """`pc_regression` of groups under permutation, codes ``[permutations, n]``."""
    Z = _centred(components)
    between = np.zeros(len(moved))
    for group in range(int(moved.max(initial=0)) + 1):
        inside = moved == group
        held = np.maximum(inside.sum(axis=1), 1)
        between += np.square(inside.astype(np.float32) @ Z.astype(np.float32), dtype=np.float64).sum(axis=1) / held
    return np.asarray(between / np.square(Z).sum())


def _centred(components: Components) -> NDArray[np.float64]:
    coordinates = components.coordinates.astype(np.float64)
    return np.asarray(coordinates - coordinates.mean(axis=0))
