"""BRAS against its published definition, pair by pair."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from ecglens.errors import CannotFillError
from ecglens.geometry import bras
from ecglens.geometry.inference.resampling import permuter
from ecglens.geometry.metrics.bras import BRAS, permuted_bras, weighted_bras

RNG = np.random.default_rng(0)
X = RNG.normal(size=(240, 6)) + 1
SOURCES = RNG.choice(["ptb-xl", "chn", "georgia"], 240)
LABELS = RNG.integers(0, 2, 240)
APART = X + 60 * (SOURCES[:, None] == ["ptb-xl", "chn", "georgia", "", "", ""])
CODES = np.unique(SOURCES, return_inverse=True)[1]
MOVED = permuter(np.arange(240), LABELS)(CODES, 5, np.random.default_rng(1))
TIMES = RNG.poisson(1, (240, 4)).astype(np.uint8)


def silhouettes_by_pairs(X, groups):
    """Mean cosine distances by looking at every pair; between: the mean over the other groups' means."""
    distance, found = cdist(X, X, "cosine"), []
    for i in range(len(X)):
        means = {g: distance[i, (groups == g) & (np.arange(len(X)) != i)].mean() for g in np.unique(groups)}
        within = means.pop(groups[i])
        between = np.mean(list(means.values()))
        found.append((between - within) / max(between, within))
    return np.array(found)


@pytest.mark.parametrize("points", [X, X + 0.5 * APART])
def test_bras_is_the_published_definition_pair_by_pair(points):
    masks = [LABELS == 0, LABELS == 1]
    scores = [1 - np.abs(silhouettes_by_pairs(points[mask], SOURCES[mask])).mean() for mask in masks]
    assert bras(points, LABELS, SOURCES) == pytest.approx(np.mean(scores))


def test_structure_makes_it_smaller():
    assert BRAS.falls
    assert bras(APART, LABELS, SOURCES) < bras(X, LABELS, SOURCES)


def test_many_labellings_at_once_are_each_as_one():
    for at, codes in enumerate(MOVED):
        assert permuted_bras(APART, LABELS, CODES, MOVED)[at] == pytest.approx(bras(APART, LABELS, codes), abs=1e-5)
    assert permuted_bras(APART, LABELS, CODES, MOVED[:0]).shape == (0,)


def test_weights_are_records_written_out():
    for at, times in enumerate(TIMES.T):
        written = np.repeat(np.arange(240), times)
        mixed = bras(APART[written], LABELS[written], CODES[written])
        assert weighted_bras(APART, LABELS, CODES, TIMES)[at] == pytest.approx(mixed, abs=1e-5)


def test_one_data_set_is_refused():
    with pytest.raises(CannotFillError, match="no label is held by two data sets"):
        bras(X, LABELS, np.zeros(240))
