"""What a matrix of embeddings is, and its rows before they enter a product."""

import numpy as np
import pytest

from ecglens.errors import InputError
from ecglens.geometry.neighbours.matrix import prepare

X = np.random.default_rng(0).normal(5, 2, (3000, 4))


def test_rows_are_centred_and_under_cosine_distance_of_norm_1():
    found = prepare(X)
    np.testing.assert_allclose(found.mean, X.mean(axis=0))
    np.testing.assert_allclose(found.take(slice(7, 9)), X[7:9] - X.mean(axis=0))
    directions = X / np.linalg.norm(X, axis=1, keepdims=True)
    cosine = prepare(X, "cosine")
    np.testing.assert_allclose(cosine.take(np.array([3, 1])), directions[[3, 1]] - directions.mean(axis=0))


@pytest.mark.parametrize("dtype", [np.float16, np.int32, bool])
def test_other_numbers_become_double(dtype):
    assert prepare(np.ones((3, 2), dtype=dtype)).X.dtype == np.float64


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (np.ones(4), r"a matrix \[n, d\], this has the shape \(4,\)"),
        (np.ones((4, 0)), r"these are float64 \(4, 0\)"),
        (np.full((4, 3), "a"), "these are <U1"),
        (np.ones((4, 3)) * 1j, "these are complex128"),
        (np.array([[1.0, 2.0], [np.inf, 0.0]]), "not finite, in row 1"),
        (np.array([[1.0, 2.0], [-1e16, 0.0]]), r"beyond 1e\+15, in row 1"),
    ],
)
def test_what_is_no_matrix_of_numbers_is_refused(x, said):
    with pytest.raises(InputError, match=said):
        prepare(x)


def test_a_zero_row_has_no_direction_but_a_place():
    x = np.array([[1.0, 2.0], [0.0, 0.0]])
    assert prepare(x).scale.tolist() == [1, 1]
    with pytest.raises(InputError, match="no direction to compare: row 1"):
        prepare(x, "cosine")
