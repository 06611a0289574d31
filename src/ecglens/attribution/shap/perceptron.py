"""DeepSHAP of a network with one hidden layer, in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.probes.models import Perceptron

Floats = NDArray[np.float64]

SAME = 1e-9
"""Inputs of a hidden unit that are closer than this count as equal: the slope there replaces the ratio."""


def deep_shap(model: Perceptron, background: NDArray[Any], X: NDArray[Any]) -> tuple[Floats, float]:
    """DeepSHAP values ``[n, d]`` of the log-odds (Lundberg and Lee, 2017), and the mean log-odds of the background.

    Against one background record b, a hidden unit passes on the share ``(relu(x) - relu(b)) / (x - b)`` of each
    feature's part in its input (DeepLIFT's rescale rule); the values are means over the background. They add up to
    ``output(x) - mean output(b)``. With `m` background records and `h` units, a record costs ``m h d`` products.

    Parameters
    ----------
    model
        The network.
    background
        ``[m, d]``.
    X
        Records to explain, ``[n, d]``.

    Examples
    --------
    >>> network = Perceptron(np.array([[1.0], [2.0]]), np.zeros(1), np.ones(1), 0.0)  # max(0, x + 2 y)
    >>> deep_shap(network, np.array([[0.0, 0.0]]), np.array([[1.0, 1.0], [4.0, -1.0]]))
    (array([[ 1.,  2.], [ 4., -2.]]), 0.0)
    """
    mean = background.mean(axis=0)
    centered = background - mean
    reference, inputs = model.activations(background), model.activations(X)
    values = np.empty(X.shape)
    for row, unit in enumerate(inputs):
        step = unit - reference
        same = np.abs(step) < SAME
        rise = np.maximum(unit, 0) - np.maximum(reference, 0)
        share = np.where(same, unit > 0, rise / np.where(same, 1, step)) * (model.output / len(background))
        from_background = np.einsum("dh,hd->d", model.hidden, share.T @ centered)
        values[row] = (X[row] - mean) * (model.hidden @ share.sum(axis=0)) - from_background
    return values, float(model.decision_function(background).mean())
