"""The threshold with the highest F1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.probes.calibration import CLIP

Floats = NDArray[np.float64]


def tuned_threshold(y: NDArray[Any], probability: Floats) -> float:
    """Choose the threshold above which predictions have the highest F1.

    Candidates lie midway between neighbouring probabilities, and one below all of them. Of candidates with equal F1 the
    nearest to 0.5 is taken, and of two equally near the higher: without a gain, the threshold stays where it was.

    Parameters
    ----------
    y
        Labels 0 or 1, ``[n]``.
    probability
        Probability of the positive class, ``[n]``; out-of-fold if the threshold is used on other records.

    Returns
    -------
    float
        Predict positive above it; below 0 if a record of probability 0 has to be positive; NaN without positives.

    Examples
    --------
    >>> tuned_threshold(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.3, 0.9]))
    0.25
    """
    probability = np.asarray(probability, dtype=np.float64)
    order = np.argsort(probability, kind="stable")
    probability, y = probability[order], np.asarray(y)[order] == 1
    n, positives = len(y), int(y.sum())
    if positives == 0:
        return float("nan")
    first = np.flatnonzero(np.r_[True, np.diff(probability) > 0])
    true_positives = positives - np.r_[0, np.cumsum(y)][first]
    f1 = 2 * true_positives / (n - first + positives)
    values = probability[first]
    below = np.r_[0.0 if values[0] > 0 else -CLIP, values[:-1]]
    middle = (below + values) / 2
    # Means over trees differ in their last bit, and no number lies between two such probabilities.
    candidates = np.where(middle < values, middle, below)
    best = candidates[f1 >= f1.max() * (1 - 1e-12)]
    distance = np.abs(best - 0.5)
    return float(best[distance == distance.min()].max())
