import numpy as np
import pytest
from scipy import ndimage

from ecglens.signals.fast.median import running_median


@pytest.mark.parametrize("window", [1, 3, 15, 101])
@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_equals_scipy_where_many_samples_are_the_same(window, levels):
    x = np.random.default_rng(levels).integers(-levels, levels, size=(2, 3, 400)) / 8
    expected = ndimage.median_filter(x, size=(1, 1, window), mode="constant")
    np.testing.assert_array_equal(running_median(x, window), expected)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("window", [3, 65])
def test_equals_scipy_where_samples_differ_in_their_last_bits_only(window, dtype):
    steps = np.random.default_rng(window).integers(-50, 50, size=(2, 3, 300))
    x = (np.array([1.0, -1.0])[:, None, None] * (1 + np.finfo(dtype).eps * steps)).astype(dtype)
    found = running_median(x, window)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, ndimage.median_filter(x, size=(1, 1, window), mode="constant"))


def test_numbers_of_either_sign_and_any_size_are_in_order():
    rng = np.random.default_rng(0)
    x = rng.choice([-1, 1], 500) * 10.0 ** rng.uniform(-300, 300, 500)
    np.testing.assert_array_equal(running_median(x, 31), ndimage.median_filter(x, size=31, mode="constant"))
