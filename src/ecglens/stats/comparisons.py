"""Tests of paired differences over folds, and their adjustment for multiple comparisons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecglens.stats.intervals import corrected_interval

ALPHA = 0.05
"""Level at which differences are called significant, after Holm's adjustment."""


@dataclass(frozen=True)
class PairedTest:
    """A mean difference, its interval and its test against zero.

    Parameters
    ----------
    mean, low, high
        Mean over folds and its interval.
    sd
        Standard deviation of the differences over folds.
    t, p_value
        Statistic and two-sided p. Like `sd`, NaN with fewer than two folds.
    n, n_undefined
        Folds that enter, and folds left out because a value is NaN.
    """

    mean: float
    low: float
    high: float
    sd: float
    t: float
    p_value: float
    n: int
    n_undefined: int


def corrected_t_test(differences: ArrayLike, n_train: float, n_test: float, level: float = 0.95) -> PairedTest:
    """Corrected resampled t-test of differences on the same folds.

    The variance of the mean difference is that of `corrected_interval`. Differences that are all zero have p = 1; the
    same difference in every fold has p = 0.

    Parameters
    ----------
    differences
        One difference per fold; NaN is left out and counted.
    n_train, n_test
        Records that a fold trains and tests on.
    level
        Confidence level of the interval, which leaves out 0 where p is below ``1 - level``.

    Notes
    -----
    The correction is made for repeated random splits. On the folds of one cross-validation it errs on the safe side: it
    finds fewer true differences than it could, and no more false ones than it says.

    References
    ----------
    Nadeau and Bengio (2003), Inference for the generalization error, Machine Learning 52:239-281. Bouckaert and Frank
    (2004), Evaluating the replicability of significance tests, PAKDD: the folds of all repeats of a cross-validation
    enter as one sample.

    Examples
    --------
    >>> found = corrected_t_test([0.02, 0.05, 0.03, 0.04], n_train=75, n_test=25)
    >>> round(found.mean, 3), round(found.p_value, 3)
    (0.035, 0.038)
    """
    from scipy.stats import t as student

    differences = np.asarray(differences, dtype=np.float64)
    interval = corrected_interval(differences, n_train, n_test, level)
    sd = t = p_value = float("nan")
    if interval.n > 1:
        sd = float(differences[~np.isnan(differences)].std(ddof=1))
        error = float(np.sqrt(1 / interval.n + n_test / n_train) * sd)
        t = interval.mean / error if error else float(np.sign(interval.mean) * np.inf) if interval.mean else 0.0
        p_value = float(2 * student.sf(abs(t), interval.n - 1))
    return PairedTest(interval.mean, interval.low, interval.high, sd, t, p_value, interval.n, interval.n_undefined)


def holm(p_values: ArrayLike) -> NDArray[Any]:
    """Holm's step-down adjustment: below alpha, the claim holds with all the others at that level.

    Parameters
    ----------
    p_values
        ``[m]``; NaN stays NaN and is not counted.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6:65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full_like(p_values, np.nan)
    order = np.argsort(p_values)[: np.count_nonzero(~np.isnan(p_values))]
    weights = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(weights * p_values[order]), 1)
    return adjusted
