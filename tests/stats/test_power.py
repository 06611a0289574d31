"""The smallest detectable difference against simulated studies."""

import numpy as np
import pytest

from ecglens.stats import corrected_t_test, smallest_detectable

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
