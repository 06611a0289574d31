"""Calibration of probabilities: expected calibration error and calibration slope."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CLIP = 1e-6
"""Probabilities are kept this far from 0 and 1 before their logit is taken: trees and forests return 0 and 1."""

N_BINS = 10
"""Bins of equal width of the expected calibration error."""


def calibration_error(y: NDArray[Any], probability: Floats) -> float:
    """Expected calibration error over 10 bins of equal width.

    Mean distance between the mean probability and the share of positives of a bin, weighted by the bin's records. Bins
    hold their lower edge, the last one both. It depends on the number of records: small folds have a higher one.

    References
    ----------
    Naeini, Cooper and Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning, AAAI.

    Examples
    --------
    >>> calibration_error(np.array([0, 1]), np.array([0.25, 0.75]))
    0.25
    """
    probability = np.asarray(probability, dtype=np.float64)
    bins = np.clip((probability * N_BINS).astype(np.int64), 0, N_BINS - 1)
    return float(np.abs(np.bincount(bins, probability - np.asarray(y, dtype=np.float64))).sum() / len(probability))


def calibration_slope(y: NDArray[Any], probability: Floats) -> float:
    """Slope of the logistic regression of the label on the logit of its probability.

    1 is well calibrated; below 1 the probabilities are too extreme, above 1 not extreme enough. Probabilities are
    clipped to ``[1e-6, 1 - 1e-6]`` first. NaN where the likelihood has no finite maximum: one class, one probability,
    or classes that a threshold separates.

    References
    ----------
    Cox (1958), Two further applications of a model for binary regression, Biometrika 45:562-565.

    Examples
    --------
    >>> y = np.array([0, 0, 0, 1, 0, 1, 1, 1])
    >>> probability = np.array([0.2, 0.2, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8])
    >>> round(calibration_slope(y, probability), 3)  # a quarter and three quarters are positive, not 0.2 and 0.8
    0.792
    """
    positive = np.asarray(y) == 1
    clipped = np.clip(np.asarray(probability, dtype=np.float64), CLIP, 1 - CLIP)
    logit = np.log(clipped / (1 - clipped))
    with_label, without = logit[positive], logit[~positive]
    if not (len(with_label) and len(without)):
        return float("nan")
    if with_label.min() >= without.max() or without.min() >= with_label.max():
        return float("nan")
    return _logistic_slope(logit, positive)


def _logistic_slope(x: Floats, y: Bools) -> float:
    """Newton's method on standardised `x`, with steps halved until the likelihood rises."""
    scale = x.std()
    design = np.stack([np.ones(len(x)), (x - x.mean()) / scale])

    def likelihood(beta: Floats) -> float:
        eta = beta @ design
        return float(eta[y].sum() - np.logaddexp(0, eta).sum())

    beta = np.zeros(2)
    best = likelihood(beta)
    for _ in range(100):
        mean = 0.5 * (1 + np.tanh(beta @ design / 2))
        gradient = design @ (y - mean)
        if np.abs(gradient).max() < 1e-9 * len(x):
            return float(beta[1] / scale)
        step = np.linalg.solve((design * (mean * (1 - mean))) @ design.T, gradient)
        while (value := likelihood(beta + step)) < best - 1e-12 * abs(best):
            step = step / 2
        beta, best = beta + step, value
    return float("nan")
