"""Posterior probability that a difference is practically zero, from a paired comparison over folds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Practical(NamedTuple):
    """Posterior probabilities that the mean difference lies below, inside and above the region of equivalence."""

    worse: float
    equal: float
    better: float


def practical_equivalence(differences: ArrayLike, n_train: float, n_test: float, rope: float = 0.01) -> Practical:
    """Bayesian correlated t-test with a region of practical equivalence.

    The posterior of the mean difference is a Student t distribution with ``n - 1`` degrees of freedom about the mean
    over folds. Its scale is the standard error of `corrected_t_test`: folds are taken to correlate by
    ``n_test / (n_test + n_train)``.

    Parameters
    ----------
    differences
        One difference per fold; NaN is left out.
    n_train, n_test
        Records that a fold trains and tests on.
    rope
        Differences from ``-rope`` to ``rope`` are practically equal.

    Returns
    -------
    Practical
        Three probabilities with sum 1; NaN with fewer than two folds.

    References
    ----------
    Corani and Benavoli (2015), A Bayesian approach for comparing cross-validated algorithms on multiple data sets,
    Machine Learning 100:285-304. Benavoli et al. (2017), Time for a change, JMLR 18(77):1-36.

    Examples
    --------
    >>> found = practical_equivalence([0.001, -0.002, 0.003, -0.001], n_train=75, n_test=25)
    >>> round(found.equal, 2)
    0.99
    """
    from scipy.stats import t

    values = np.asarray(differences, dtype=np.float64)
    values = values[~np.isnan(values)]
    n = len(values)
    if n < 2:
        return Practical(float("nan"), float("nan"), float("nan"))
    mean, error = values.mean(), values.std(ddof=1) * np.sqrt(1 / n + n_test / n_train)
    if error == 0:
        return Practical(float(mean < -rope), float(abs(mean) <= rope), float(mean > rope))
    worse, better = float(t.cdf(-rope, n - 1, mean, error)), float(t.sf(rope, n - 1, mean, error))
    return Practical(worse, max(0.0, 1 - worse - better), better)
