import numpy as np
import pytest
from scipy import ndimage

from ecglens.signals.median import running_median


@pytest.mark.parametrize("window", [1, 3, 15, 101])
@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_equals_scipy_where_many_samples_are_the_same(window, levels):
    x = np.random.default_rng(levels).integers(-levels, levels, size=(2, 3, 400)) / 8
    expected = ndimage.median_filter(x, size=(1, 1, window), mode="constant")
    np.testing.assert_array_equal(running_median(x, window), expected)
