"""Smallest difference that a paired comparison over folds can detect."""

from __future__ import annotations

import numpy as np


def smallest_detectable(
    sd: float, n: int, n_train: float, n_test: float, alpha: float = 0.05, power: float = 0.8
) -> float:
    """True mean difference that the corrected t-test finds with a given probability.

    The statistic of `corrected_t_test` follows a noncentral t distribution with ``n - 1`` degrees of freedom under the
    model of its correction. The noncentrality with the wanted power, times the standard error, is the difference.

    Parameters
    ----------
    sd
        Standard deviation of the differences over folds.
    n
        Folds, over all repeats.
    n_train, n_test
        Records that a fold trains and tests on.
    alpha
        Two-sided level of the test; of `m` tests under Holm's adjustment, ``alpha / m`` is safe.
    power
        Probability of a significant result in the direction of the difference.

    Returns
    -------
    float
        In the unit of `sd`; NaN with fewer than two folds or without spread, from which no power can be judged.

    References
    ----------
    Nadeau and Bengio (2003), Inference for the generalization error, Machine Learning 52:239-281.

    Examples
    --------
    >>> round(smallest_detectable(sd=0.1, n=15, n_train=140, n_test=10), 3)
    0.112
    """
    from scipy.optimize import brentq
    from scipy.stats import nct, t

    if n < 2 or not sd > 0:
        return float("nan")
    limit = float(t.ppf(1 - alpha / 2, n - 1))

    def surplus(noncentrality: float) -> float:
        return float(nct.sf(limit, n - 1, noncentrality)) - power

    return float(brentq(surplus, 0, 10 + 4 * limit) * sd * np.sqrt(1 / n + n_test / n_train))
