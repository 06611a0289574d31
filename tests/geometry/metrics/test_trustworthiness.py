"""Trustworthiness and continuity against scikit-learn."""

import numpy as np
import pytest
from sklearn import manifold

from ecglens.geometry import find_neighbours, project_pca, trustworthiness

X = np.random.default_rng(0).normal(size=(60, 5)) * [9, 4, 1, 1, 1] + 50


def test_trustworthiness_is_that_of_scikit_learn_both_ways():
    plane = project_pca(X)
    found = trustworthiness(X, plane, k=7)
    assert found.trustworthiness == pytest.approx(manifold.trustworthiness(X, plane, n_neighbors=7))
    assert found.continuity == pytest.approx(manifold.trustworthiness(plane, X, n_neighbors=7))
    np.testing.assert_array_equal(trustworthiness(X, plane, find_neighbours(X, 9), k=7).per_record, found.per_record)
    sampled = trustworthiness(X, plane, k=7, sample=40)
    assert len(sampled.chosen) == 40
    assert sampled.trustworthiness == pytest.approx(found.trustworthiness, abs=0.1)
    scrambled = np.random.default_rng(0).permutation(plane)
    assert trustworthiness(X, scrambled, k=7).trustworthiness < found.trustworthiness - 0.2
    strangers = [trustworthiness(X, np.random.default_rng(i).normal(size=(60, 2)), k=7) for i in range(60)]
    for measured in ("trustworthiness", "continuity"):
        assert np.mean([getattr(kept, measured) for kept in strangers]) == pytest.approx(found.chance, abs=0.02)


def test_false_neighbours_and_torn_neighbourhoods_are_told_apart():
    """All on one point: no neighbourhood is torn, but neighbours are false. A line that is cut: the other way."""
    line = np.arange(60.0)[:, None]
    cut = np.where(line < 30, line, line + 1000)
    assert trustworthiness(line, cut, k=7).trustworthiness > trustworthiness(line, cut, k=7).continuity
    folded = np.minimum(line, 59 - line)
    assert trustworthiness(line, folded, k=7).trustworthiness < trustworthiness(line, folded, k=7).continuity


def test_too_large_a_neighbourhood_is_refused():
    with pytest.raises(ValueError, match="needs more than 60 records, there are 60"):
        trustworthiness(X, project_pca(X), k=30)
