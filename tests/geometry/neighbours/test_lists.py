"""Lists that hold nothing yet, as the search fills them."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from ecglens.geometry.neighbours.kernels import enter_rows
from ecglens.geometry.neighbours.lists import Lists, no_candidates


@pytest.mark.parametrize("k", [0, 3])
def test_nothing_is_infinitely_far_and_of_no_position(k):
    keys, ids, norms = no_candidates(5, k)
    assert (keys.shape, ids.shape, norms.shape) == ((5, k), (5, k), (5,))
    assert (keys.dtype, ids.dtype, norms.dtype) == (np.float32, np.int32, np.float64)
    assert np.isposinf(keys).all()
    assert (ids == -1).all()
    assert not norms.any()


def test_any_distance_is_nearer_than_nothing():
    keys, ids, _ = no_candidates(1, 3)
    far, group = np.full((1, 2), -1e38, dtype=np.float32), np.zeros(1, dtype=np.int64)
    norms = np.zeros(1, dtype=np.float32), np.zeros(2, dtype=np.float32)
    enter_rows(far, group, np.array([7, 8]), *norms, group, np.array([1, 2]), keys, ids)
    assert sorted(ids[0]) == [-1, 7, 8]
    assert np.isposinf(keys[0]).sum() == 1


def test_lists_of_two_searches_share_no_memory():
    first, second = no_candidates(2, 2), no_candidates(2, 2)
    for one, other in zip(first, second, strict=True):
        one[:] = 1
        assert not (other == 1).any()


def test_fields_stay_as_they_are():
    lists = Lists(np.zeros((1, 1), np.int32), np.zeros((1, 1)), np.zeros(1))
    with pytest.raises(FrozenInstanceError):
        lists.radius = np.ones(1)
