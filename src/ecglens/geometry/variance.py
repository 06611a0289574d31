"""How much of the variance of embeddings is that between groups?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.components import Components


def explained_variance(components: Components, groups: NDArray[Any]) -> float:
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
    >>> from ecglens.geometry.components import principal_components
    >>> X = np.array([[0.0, 1.0], [0.0, -1.0], [4.0, 1.0], [4.0, -1.0]])
    >>> explained_variance(principal_components(X), np.array(["chn", "chn", "georgia", "georgia"]))
    0.8
    """
    code = np.unique(groups, return_inverse=True)[1]
    counts = np.bincount(code)
    if len(counts) < 2:
        raise CannotFillError("explained variance needs two groups, there is one")
    centred = components.coordinates.astype(np.float64)
    centred -= centred.mean(axis=0)
    # The sum over records of one group is a product with its indicator.
    sums = np.array([np.bincount(code, weights=column) for column in centred.T])
    between, total = (sums**2 / counts).sum(), np.square(centred).sum()
    if total == 0:
        raise CannotFillError("all embeddings are the same")
    return float(between / total)
