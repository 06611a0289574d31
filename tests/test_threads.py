"""Work in threads gives what work in one gives, in the same order."""

import numba
import numpy as np
import pytest
from threadpoolctl import threadpool_info

from ecglens.threads import in_threads, one_thread, spread


@pytest.mark.parametrize("fewest", [1, 7, 1000])
def test_parts_cover_the_range_once(fewest):
    counts = np.zeros(103, dtype=int)

    def count(start, stop, step, found):
        found[start:stop] += step

    in_threads(count, 103, 2, counts, fewest=fewest)
    assert (counts == 2).all()


def test_an_error_of_a_part_is_raised():
    def fail(start, stop):
        raise ValueError(f"{start}")

    with pytest.raises(ValueError, match="0"):
        in_threads(fail, 10)


def test_results_are_in_the_order_of_the_items_each_in_one_thread():
    found = spread(lambda item: (item, numba.get_num_threads()), range(20))
    assert found == [(item, 1) for item in range(20)]


def test_products_use_one_thread_inside_and_as_many_as_before_outside():
    def widths():
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    before = widths()
    with one_thread():
        assert set(widths()) <= {1}
    assert widths() == before
