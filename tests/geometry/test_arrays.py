"""Codes, blocks and checks of arrays."""

import numpy as np
import pytest

from ecglens.errors import InputError
from ecglens.geometry.arrays import BLOCK, blocks, check_values, coded, compact, name_rows


@pytest.mark.parametrize("n", [0, 1, BLOCK, BLOCK + 1, 3 * BLOCK - 1])
def test_blocks_cover_every_row_once(n):
    rows = np.arange(n)
    np.testing.assert_array_equal(np.concatenate([rows[:0], *(rows[piece] for piece in blocks(n))]), rows)


@pytest.mark.parametrize(
    "values", [np.array([7, 2, 7, 5]), np.array([-3, 10**9, -3]), np.array(["no", "af", "no"]), np.array([0.5, 0.1])]
)
def test_codes_are_those_of_numpy(values):
    np.testing.assert_array_equal(coded(values), np.unique(values, return_inverse=True)[1])


def test_compact_codes_are_those_of_numpy():
    codes = np.random.default_rng(0).integers(0, 40, 30)
    np.testing.assert_array_equal(compact(codes), np.unique(codes, return_inverse=True)[1])
    assert compact(codes[:0]).size == 0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.array([1.0, np.nan, 2.0]), "labels are missing in row 1"),
        (np.array(["a", None, None], dtype=object), "labels are missing in rows 1, 2"),
        (np.zeros(2), r"labels have the shape \(2,\), there are 3 records"),
        (np.zeros((3, 1)), r"labels have the shape \(3, 1\)"),
        (np.zeros(3) + 1j, "labels are complex numbers"),
    ],
)
def test_values_that_are_missing_are_named(values, said):
    with pytest.raises(InputError, match=said):
        check_values("labels", values, 3)


def test_few_rows_are_named():
    assert name_rows([4]) == "row 4"
    assert name_rows(list(range(5))) == "rows 0, 1, 2, 3, 4"
    assert name_rows(list(range(6))) == "rows 0, 1, 2, 3, 4 and 1 more"
