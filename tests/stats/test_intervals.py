import numpy as np
import pytest
from scipy import stats

from ecglens.stats import corrected_interval

VALUES = np.random.default_rng(0).normal(0.7, 0.1, 15)


def test_without_overlap_it_is_the_classical_interval():
    found = corrected_interval(VALUES, n_train=100, n_test=0)
    expected = stats.t.interval(0.95, 14, VALUES.mean(), stats.sem(VALUES))
    assert (found.low, found.high) == pytest.approx(expected)
    assert found.mean == pytest.approx(VALUES.mean())


def test_overlap_widens_by_the_published_factor():
    naive, corrected = (corrected_interval(VALUES, 933, n_test, level=0.9) for n_test in (0, 67))
    ratio = (corrected.high - corrected.low) / (naive.high - naive.low)
    assert ratio == pytest.approx(np.sqrt((1 / 15 + 67 / 933) / (1 / 15)))


def test_agrees_with_a_corrected_t_test():
    interval = corrected_interval(VALUES - 0.65, 933, 67)
    t = interval.mean / np.sqrt((1 / 15 + 67 / 933) * np.var(VALUES, ddof=1))
    level = 1 - 2 * stats.t.sf(t, 14)
    assert corrected_interval(VALUES - 0.65, 933, 67, level).low == pytest.approx(0, abs=1e-12)


def test_undefined_folds_are_left_out_and_counted():
    with_gaps = corrected_interval([*VALUES, np.nan, np.nan], 90, 10)
    without = corrected_interval(VALUES, 90, 10)
    assert (with_gaps.mean, with_gaps.low, with_gaps.n, with_gaps.n_undefined) == (without.mean, without.low, 15, 2)


@pytest.mark.parametrize(("values", "mean"), [([0.4], 0.4), ([np.nan, np.nan], np.nan), ([], np.nan)])
def test_too_few_folds_have_no_bounds(values, mean):
    interval = corrected_interval(values, 90, 10)
    assert np.isnan([interval.low, interval.high]).all()
    np.testing.assert_equal(interval.mean, mean)


def test_equal_folds_have_no_width():
    interval = corrected_interval([0.5] * 5, 90, 10)
    assert interval.low == interval.mean == interval.high == 0.5
