"""Explained variance against least squares."""

import numpy as np
import pytest

from ecglens.errors import CannotFillError
from ecglens.geometry import pc_regression
from ecglens.geometry.inference.resampling import permuter
from ecglens.geometry.metrics.pc_regression import permuted_pc_regression, weighted_pc_regression
from ecglens.geometry.pca import principal_components

RNG = np.random.default_rng(0)
X = RNG.normal(size=(240, 6)) + 1
SOURCES = RNG.choice(["ptb-xl", "chn", "georgia"], 240)
LABELS = RNG.integers(0, 2, 240)
APART = X + 60 * (SOURCES[:, None] == ["ptb-xl", "chn", "georgia", "", "", ""])
CODES = np.unique(SOURCES, return_inverse=True)[1]
MOVED = permuter(np.arange(240), LABELS)(CODES, 5, np.random.default_rng(1))
TIMES = RNG.poisson(1, (240, 4)).astype(np.uint8)


def test_explained_variance_is_the_weighted_r_squared_of_a_regression():
    components = principal_components(X + 0.3 * APART, 4)
    design = (SOURCES[:, None] == np.unique(SOURCES)).astype(float)
    r2 = []
    for column in components.coordinates.astype(float).T:
        fitted = design @ np.linalg.lstsq(design, column, rcond=None)[0]
        r2.append(1 - ((column - fitted) ** 2).sum() / ((column - column.mean()) ** 2).sum())
    expected = np.average(r2, weights=components.variance)
    assert pc_regression(components, SOURCES) == pytest.approx(expected, rel=1e-5)
    noise = pc_regression(principal_components(RNG.normal(size=(2000, 20)), 20), RNG.integers(0, 5, 2000))
    assert noise == pytest.approx(4 / 1999, rel=0.5)


def test_many_labellings_at_once_are_each_as_one():
    components = principal_components(APART)
    for at, codes in enumerate(MOVED):
        expected = pc_regression(components, codes)
        assert permuted_pc_regression(components, MOVED)[at] == pytest.approx(expected, rel=1e-5)


def test_weights_are_records_written_out():
    components = principal_components(APART, 3)
    for at, times in enumerate(TIMES.T):
        written = np.repeat(np.arange(240), times)
        part = type(components)(components.coordinates[written], components.variance, components.total)
        expected = pc_regression(part, CODES[written])
        assert weighted_pc_regression(components, CODES, TIMES)[at] == pytest.approx(expected)


def test_refusals():
    with pytest.raises(CannotFillError, match="needs two groups, there is one"):
        pc_regression(principal_components(X), np.zeros(240))
    with pytest.raises(CannotFillError, match="all embeddings are the same"):
        pc_regression(principal_components(np.ones((240, 3))), LABELS)
