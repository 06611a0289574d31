"""Intervals over the folds of a cross-validation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Interval:
    """A mean and its confidence interval.

    Parameters
    ----------
    mean, low, high
        NaN where no fold (mean) or fewer than two folds (bounds) have a value.
    n
        Folds that enter.
    n_undefined
        Folds left out because their value is NaN.
    """

    mean: float
    low: float
    high: float
    n: int
    n_undefined: int


def corrected_interval(values: ArrayLike, n_train: float, n_test: float, level: float = 0.95) -> Interval:
    """Confidence interval of a mean over folds whose training sets overlap.

    The variance of the mean is ``(1 / n + n_test / n_train) * s**2`` with `s` the standard deviation over folds, and
    the t distribution has ``n - 1`` degrees of freedom. The usual ``s**2 / n`` is too narrow, because the folds share
    most of their training records.

    Parameters
    ----------
    values
        One value per fold, or one difference per fold between two probes; NaN is left out and counted.
    n_train, n_test
        Records that a fold trains and tests on (the mean over folds where they differ).
    level
        Confidence level.

    Returns
    -------
    Interval
        Bounds are not clipped to the range of the metric.

    References
    ----------
    Nadeau and Bengio (2003), Inference for the generalization error, Machine Learning 52:239-281.

    Examples
    --------
    >>> interval = corrected_interval([0.7, 0.8, 0.9, float("nan")], n_train=90, n_test=10)
    >>> print(f"{interval.mean:.2f} ({interval.low:.2f} to {interval.high:.2f}), {interval.n_undefined} undefined")
    0.80 (0.51 to 1.09), 1 undefined
    """
    from scipy.stats import t

    values = np.asarray(values, dtype=np.float64)
    defined = values[~np.isnan(values)]
    n = len(defined)
    mean = float(defined.mean()) if n else float("nan")
    half = float("nan")
    if n > 1:
        half = float(t.ppf((1 + level) / 2, n - 1) * np.sqrt((1 / n + n_test / n_train) * defined.var(ddof=1)))
    return Interval(mean, mean - half, mean + half, n, len(values) - n)
