"""The Bayesian reading of a comparison against its integral and its closed form."""

import numpy as np
import pytest
from scipy import stats

from ecglens.stats import corrected_t_test, practical_equivalence

STUDIES = 4000
NOISE = 3 * np.sqrt(0.8 * 0.2 / STUDIES)


def posterior(differences: np.ndarray, rho: float) -> tuple[np.ndarray, np.ndarray]:
    """Grid of means and their posterior: normal folds that correlate by `rho`, prior 1 / variance, integrated."""
    n = len(differences)
    precision = np.linalg.inv((1 - rho) * np.eye(n) + rho)
    mean = np.linspace(-0.4, 0.4, 4001)
    log_variance = np.linspace(np.log(1e-6), np.log(10), 1500)
    residuals = differences - mean[:, None]
    squares = np.einsum("mi,ij,mj->m", residuals, precision, residuals)
    log_density = -n / 2 * log_variance[:, None] - squares / (2 * np.exp(log_variance[:, None]))
    density = np.exp(log_density - log_density.max()).sum(axis=0)
    return mean, density / density.sum()


@pytest.mark.parametrize(("centre", "rope"), [(0.0, 0.01), (0.02, 0.01), (-0.03, 0.05)])
def test_the_bayesian_reading_is_the_integral_of_its_posterior(centre, rope) -> None:
    differences = np.random.default_rng(2).normal(centre, 0.03, 15)
    found = practical_equivalence(differences, 140, 10, rope)
    mean, density = posterior(differences, rho=10 / 150)
    expected = [density[mean < -rope].sum(), density[abs(mean) <= rope].sum(), density[mean > rope].sum()]
    assert found == pytest.approx(expected, abs=5e-3)


def test_the_bayesian_reading_is_a_student_t_about_the_mean() -> None:
    differences = np.random.default_rng(3).normal(0.01, 0.02, 10)
    found = practical_equivalence([*differences, np.nan], 90, 10, 0.015)
    scale = differences.std(ddof=1) * np.sqrt(1 / 10 + (1 / 10) / (9 / 10))
    closed = stats.t(9, differences.mean(), scale)
    assert found == pytest.approx((closed.cdf(-0.015), closed.cdf(0.015) - closed.cdf(-0.015), closed.sf(0.015)))
    assert sum(found) == pytest.approx(1)


def test_without_a_region_it_is_the_one_sided_p_value() -> None:
    differences = np.random.default_rng(4).normal(0.01, 0.02, 15)
    found = practical_equivalence(differences, 90, 10, 0.0)
    assert found.worse == pytest.approx(corrected_t_test(differences, 90, 10).p_value / 2)
    assert found.equal == pytest.approx(0)


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ([0.0] * 5, (0, 1, 0)),
        ([0.25] * 5, (0, 0, 1)),
        ([-0.25] * 5, (1, 0, 0)),
        ([0.1], [np.nan] * 3),
        ([], [np.nan] * 3),
    ],
)
def test_differences_without_spread_are_certain_and_one_fold_says_nothing(differences, expected) -> None:
    np.testing.assert_equal(tuple(practical_equivalence(differences, 90, 10)), tuple(expected))
