"""Candidates from a torch device; without one, torch on the processor."""

import numpy as np
import pytest

from ecglens.errors import ConfigError
from ecglens.geometry import find_neighbours
from ecglens.geometry.neighbours.gpu import candidates_on
from ecglens.geometry.neighbours.matrix import prepare

X = np.random.default_rng(0).normal(size=(90, 5)).astype(np.float32)
GROUP, PART = np.arange(90) // 2, np.arange(90) % 3


def test_neighbours_are_those_of_numpy():
    for apart in (None, PART):
        found, expected = (find_neighbours(X, 6, GROUP, apart=apart, device=device) for device in ("cpu", None))
        np.testing.assert_array_equal(found.indices, expected.indices)
        np.testing.assert_array_equal(found.distances, expected.distances)


def test_places_that_no_legal_record_fills_are_marked():
    (_, inside, _), (_, across, _) = candidates_on("cpu", prepare(X), 40, GROUP, PART, inside=True, across=True)
    assert (inside >= 0).sum(axis=1).tolist() == [
        int(((g != GROUP) & (p == PART)).sum()) for g, p in zip(GROUP, PART, strict=True)
    ]
    assert (across >= 0).all()


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(ConfigError, match="nowhere"):
        find_neighbours(X, 3, device="nowhere")
