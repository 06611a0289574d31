import os

import numpy as np
import pytest

from ecglens.embeddings.arrays import StoredArray
from ecglens.errors import StoreError


@pytest.fixture
def array(tmp_path) -> StoredArray:
    made = StoredArray(tmp_path / "matrix.npy", np.float32, (5, 3))
    made.lay_out()
    return made


def test_numpy_reads_what_was_written(array) -> None:
    np.testing.assert_array_equal(np.load(array.path), np.zeros((5, 3)))
    array.write(np.array([3, 0]), np.array([[1, 2, 3], [4, 5, 6]]))
    found = np.load(array.path)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found[[3, 0, 1]], [[1, 2, 3], [4, 5, 6], [0, 0, 0]])
    np.testing.assert_array_equal(array.map(), found)


def test_laying_out_again_keeps_the_values(array) -> None:
    array.write(np.array([1]), np.ones((1, 3)))
    os.truncate(array.path, len(array.header) + 2 * 3 * 4)
    assert not array.is_whole
    array.lay_out()
    np.testing.assert_array_equal(array.map(), [[0] * 3, [1] * 3, [0] * 3, [0] * 3, [0] * 3])


@pytest.mark.parametrize("shape", [(5, 2), (4, 3), (15,)])
def test_a_file_of_another_shape_is_not_whole(array, shape) -> None:
    other = StoredArray(array.path, np.float32, shape)
    assert not other.is_whole
    with pytest.raises(StoreError, match="damaged or missing"):
        other.map()


def test_an_array_without_values_is_an_array(tmp_path) -> None:
    empty = StoredArray(tmp_path / "matrix.npy", np.float32, (0, 3))
    empty.lay_out()
    assert empty.map().shape == (0, 3)
