"""The smallest detectable difference against simulated studies, and the Bayesian reading against its integral."""

import numpy as np
import pytest
from scipy import stats

from ecglens.stats import corrected_t_test, practical_equivalence, smallest_detectable

STUDIES = 4000
NOISE = 3 * np.sqrt(0.8 * 0.2 / STUDIES)


def folds_of_studies(rng, mean: float, sd: float, n: int, n_train: float, n_test: float) -> np.ndarray:
    """Differences of equally correlated folds, ``[studies, n]``: the model behind the correction."""
    rho = n_test / (n_test + n_train)
    shared = rng.normal(size=(STUDIES, 1)) * np.sqrt(rho / (1 - rho))
    return mean + sd * (shared + rng.normal(size=(STUDIES, n)))


@pytest.mark.parametrize(
    ("n", "n_train", "n_test", "alpha"),
    [(15, 93, 7, 0.05), (5, 16, 4, 0.05), (15, 933, 67, 0.05 / 3), (150, 93, 7, 0.05)],
)
def test_four_of_five_studies_find_the_stated_difference(n, n_train, n_test, alpha) -> None:
    difference = smallest_detectable(0.1, n, n_train, n_test, alpha)
    studies = folds_of_studies(np.random.default_rng(n), difference, 0.1, n, n_train, n_test)
    found = [corrected_t_test(study, n_train, n_test) for study in studies]
    share = np.mean([test.p_value < alpha and test.mean > 0 for test in found])
    assert share == pytest.approx(0.8, abs=NOISE)


def test_without_overlap_it_is_the_classical_sample_size_of_a_paired_t_test() -> None:
    """Cohen (1988): 34 pairs show half a standard deviation with 80 % power, 33 do not."""
    assert smallest_detectable(1.0, 34, 1, 0) < 0.5 < smallest_detectable(1.0, 33, 1, 0)


def test_repeats_and_a_lower_power_make_it_smaller_a_stricter_level_larger() -> None:
    once = smallest_detectable(0.1, 15, 93, 7)
    assert smallest_detectable(0.1, 150, 93, 7) < once
    assert smallest_detectable(0.1, 15, 93, 7, power=0.5) < once
    assert smallest_detectable(0.1, 15, 93, 7, alpha=0.01) > once
    assert smallest_detectable(0.2, 15, 93, 7) == pytest.approx(2 * once)


@pytest.mark.parametrize(("sd", "n"), [(0.0, 15), (np.nan, 15), (0.1, 1), (0.1, 0)])
def test_without_spread_or_without_folds_there_is_no_power_to_state(sd, n) -> None:
    assert np.isnan(smallest_detectable(sd, n, 93, 7))


@pytest.mark.parametrize("alpha", [0.05, 0.05 / 500])
@pytest.mark.parametrize("n", [2, 3, 15, 1500])
def test_it_is_a_number_for_every_study_that_can_be_asked_for(n, alpha) -> None:
    assert 0 < smallest_detectable(1.0, n, 10, 10 / n, alpha) < 1e6


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
