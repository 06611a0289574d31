"""LISI against its published formula, and against records written out."""

import numpy as np
import pytest
from scipy.optimize import brentq

from ecglens.errors import CannotFillError
from ecglens.geometry import find_neighbours, ilisi, lisi
from ecglens.geometry.inference.resampling import permuter
from ecglens.geometry.metrics.lisi import ILISI, effective_numbers, weighted_lisi, weighted_medians

RNG = np.random.default_rng(0)
X = RNG.normal(size=(240, 6)) + 1
SOURCES = RNG.choice(["ptb-xl", "chn", "georgia"], 240)
LABELS = RNG.integers(0, 2, 240)
APART = X + 60 * (SOURCES[:, None] == ["ptb-xl", "chn", "georgia", "", "", ""])
CODES = np.unique(SOURCES, return_inverse=True)[1]
MOVED = permuter(np.arange(240), LABELS)(CODES, 5, np.random.default_rng(1))
TIMES = RNG.poisson(1, (240, 4)).astype(np.uint8)


def test_lisi_is_the_published_formula_solved_with_a_root_finder():
    nearest = find_neighbours(X, 30)
    for i in range(0, 240, 17):
        distance = nearest.distances[i]

        def entropy(beta, distance=distance):
            weight = np.exp(-beta * distance)
            share = weight / weight.sum()
            return -(share * np.log(share)).sum() - np.log(10)

        weight = np.exp(-brentq(entropy, 1e-6, 100) * distance)
        weight /= weight.sum()
        share = [weight[SOURCES[nearest.indices[i]] == name].sum() for name in np.unique(SOURCES)]
        assert lisi(nearest, SOURCES)[i] == pytest.approx(1 / np.square(share).sum(), rel=1e-3)


def test_ilisi_is_high_where_data_sets_mix_and_zero_where_they_are_apart():
    assert ilisi(find_neighbours(X, 60), SOURCES) > 0.7
    assert ilisi(find_neighbours(APART, 60), SOURCES) == pytest.approx(0, abs=1e-6)
    ties = find_neighbours(np.zeros((50, 2)), 30)
    assert (lisi(ties, np.arange(50) % 2) > 1).all()


def test_structure_makes_it_smaller():
    assert ILISI.falls
    assert ilisi(find_neighbours(APART, 60), SOURCES) < ilisi(find_neighbours(X, 60), SOURCES)


def test_many_labellings_at_once_are_each_as_one():
    nearest = find_neighbours(APART, 60)
    found = effective_numbers(nearest, MOVED)
    for at, codes in enumerate(MOVED):
        np.testing.assert_allclose(found[:, at], lisi(nearest, codes))


def test_weights_of_1_are_no_weights_and_medians_are_those_of_records_written_out():
    nearest, values = find_neighbours(APART, 60), RNG.normal(size=240)
    np.testing.assert_allclose(
        weighted_lisi(nearest, CODES, np.ones((240, 1))), effective_numbers(nearest, CODES[None])
    )
    for at, times in enumerate(TIMES.T):
        median = np.quantile(np.repeat(values, times), 0.5, method="inverted_cdf")
        assert weighted_medians(np.repeat(values[:, None], 4, axis=1), TIMES)[at] == median
    assert np.isnan(weighted_medians(values[:, None], np.zeros((240, 1), dtype=np.uint8)))


def test_refusals():
    with pytest.raises(CannotFillError, match="mixing needs 6 neighbours, there are 5"):
        ilisi(find_neighbours(X, 5), SOURCES)
    with pytest.raises(CannotFillError, match="needs two of them, there is one"):
        ilisi(find_neighbours(X, 9), np.zeros(240))
