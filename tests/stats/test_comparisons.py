import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ecglens.stats import corrected_interval, corrected_t_test, holm

RNG = np.random.default_rng(0)
DIFFERENCES = RNG.normal(0.02, 0.03, 15)


def test_without_overlap_it_is_the_classical_t_test():
    found = corrected_t_test(DIFFERENCES, n_train=100, n_test=0)
    expected = stats.ttest_1samp(DIFFERENCES, 0)
    assert (found.t, found.p_value) == pytest.approx((expected.statistic, expected.pvalue))


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_interval_and_p_value_agree(level):
    found = corrected_t_test(DIFFERENCES, 933, 67, level)
    interval = corrected_interval(DIFFERENCES, 933, 67, level)
    assert (found.mean, found.low, found.high) == (interval.mean, interval.low, interval.high)
    assert (found.low > 0) == (found.p_value < 1 - level)
    touching = corrected_interval(DIFFERENCES, 933, 67, 1 - found.p_value)
    assert touching.low == pytest.approx(0, abs=1e-12)


def test_swapping_the_sides_changes_the_sign_only():
    found, swapped = corrected_t_test(DIFFERENCES, 90, 10), corrected_t_test(-DIFFERENCES, 90, 10)
    assert (swapped.t, swapped.p_value, swapped.low) == (-found.t, found.p_value, -found.high)


def test_undefined_differences_are_left_out_and_counted():
    with_gaps, without = (corrected_t_test(d, 90, 10) for d in ([np.nan, *DIFFERENCES, np.nan], DIFFERENCES))
    assert (with_gaps.p_value, with_gaps.n, with_gaps.n_undefined) == (without.p_value, 15, 2)


@pytest.mark.parametrize(
    ("differences", "t", "p_value"),
    [
        ([0.0] * 15, 0, 1),
        ([0.25] * 15, np.inf, 0),
        ([-0.25] * 15, -np.inf, 0),
        ([0.1], np.nan, np.nan),
        ([np.nan] * 3, np.nan, np.nan),
        ([], np.nan, np.nan),
    ],
)
def test_without_spread_or_without_folds(differences, t, p_value):
    found = corrected_t_test(differences, 90, 10)
    np.testing.assert_equal((found.t, found.p_value), (t, p_value))


@given(st.lists(st.one_of(st.just(np.nan), st.floats(0, 1)), max_size=12))
def test_holm_rejects_what_the_step_down_procedure_rejects(p_values):
    found = holm(p_values)
    p_values = np.array(p_values, dtype=float)
    assert np.array_equal(np.isnan(found), np.isnan(p_values))
    for alpha in (0.001, 0.05, 0.3):
        rejected = np.zeros(len(p_values), dtype=bool)
        remaining = list(np.flatnonzero(~np.isnan(p_values)))
        while remaining:
            smallest = min(remaining, key=lambda i: p_values[i])
            if p_values[smallest] * len(remaining) > alpha:
                break
            rejected[smallest] = True
            remaining.remove(smallest)
        np.testing.assert_array_equal(found <= alpha, rejected)


REPEATS, RECORDS, DIM, SPLITS = 1200, 60, 100, 15
LABELS = np.arange(RECORDS) % 2


def folds_of_a_cross_validation(rng):
    for fold in range(SPLITS):
        yield np.arange(RECORDS) // 2 % SPLITS == fold


def random_splits(rng):
    for _ in range(SPLITS):
        yield np.isin(np.arange(RECORDS), np.r_[rng.permutation(30)[:3] * 2, rng.permutation(30)[:3] * 2 + 1])


def f1_of_nearest_means(X, test):
    """F1 per repetition of the classifier that compares distances to the two classes' means."""
    train, label = X[:, ~test], LABELS[~test]
    first, second = (train[:, label == value].mean(axis=1) for value in (0, 1))
    axis = second - first
    middle = (axis * (first + second)).sum(axis=1) / 2
    predicted = np.einsum("rnd,rd->rn", X[:, test], axis) > middle[:, None]
    positive = LABELS[test] == 1
    return 2 * (predicted & positive).sum(axis=1) / (predicted.sum(axis=1) + positive.sum())


def false_alarms(splits):
    """Share of 1,200 data sets on which two classifiers of equal worth differ: naive and corrected, alpha 0.05."""
    rng = np.random.default_rng(1)
    signal = 0.06 * (2 * LABELS - 1)[:, None]
    one, other = (rng.normal(size=(REPEATS, RECORDS, DIM)) + signal for _ in range(2))
    tests = list(splits(rng))
    differences = np.stack([f1_of_nearest_means(one, t) - f1_of_nearest_means(other, t) for t in tests], axis=1)
    n_test = tests[0].sum()
    p_values = np.array(
        [[corrected_t_test(row, RECORDS - n_test, held_out).p_value for held_out in (0, n_test)] for row in differences]
    )
    return (p_values < 0.05).mean(axis=0)


NOISE = 3 * np.sqrt(0.05 * 0.95 / REPEATS)
"""Three standard errors of a share that is expected to be 0.05."""


def test_the_error_rate_holds_on_random_splits_and_the_naive_one_does_not():
    naive, corrected = false_alarms(random_splits)
    assert corrected == pytest.approx(0.05, abs=NOISE)
    assert naive > 0.15


def test_the_error_rate_holds_on_the_folds_of_a_cross_validation_and_the_naive_one_does_not():
    naive, corrected = false_alarms(folds_of_a_cross_validation)
    assert 0 < corrected <= 0.05 + NOISE
    assert naive > 0.05 + NOISE
