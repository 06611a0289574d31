"""What is said of a picture, and what stands there if it cannot be said."""

import numpy as np
import pytest
from sklearn import manifold

from ecglens.geometry import GeometryPlan, measure_projection
from ecglens.geometry.projection_quality import neighbourhood

N = 90
LABELS, SOURCES = np.arange(N) % 2, np.arange(N) // 45
X = np.random.default_rng(0).normal(size=(N, 4)) + 9 * LABELS[:, None]
PLAN = GeometryPlan(seeds=2, n_init=2, permutations=20, bootstraps=10)


def measure(plane, **facts):
    arguments = {"labels": LABELS, "sources": SOURCES, "patients": np.arange(N), "space": "pca", "plan": PLAN} | facts
    return measure_projection(X, plane, **arguments).set_index(["level", "metric"])


def test_numbers_are_those_of_scikit_learn():
    found = measure(X[:, :2])
    expected = manifold.trustworthiness(X, X[:, :2], n_neighbors=15)
    assert found.loc[("picture", "trustworthiness"), "value"] == pytest.approx(expected)
    assert found.loc[("picture", "continuity"), "value"] == pytest.approx(
        manifold.trustworthiness(X[:, :2], X, n_neighbors=15)
    )
    assert set(found["space"]) == {"pca"}


def test_clusters_of_a_plane_follow_what_is_planted_at_its_level():
    found = measure(X[:, :2])["value"]
    assert found["label", "ari"] == pytest.approx(1)
    assert abs(found["source", "ari"]) < 0.05
    turned = measure(np.random.default_rng(1).normal(size=(N, 2)) + 50 * SOURCES[:, None])["value"]
    assert turned["source", "ari"] == pytest.approx(1)


def test_one_data_set_is_a_reason_at_its_level_only():
    found = measure(X[:, :2], sources=np.zeros(N))
    assert found.loc[("source", "ari"), "reason"] == "there is one data set only: 0.0"
    assert found.loc[("label", "ari"), "status"] == "done"


@pytest.mark.parametrize(("n", "k"), [(5, 2), (30, 14), (31, 15), (1000, 15)])
def test_neighbourhood_is_less_than_half_of_the_records(n, k):
    assert neighbourhood(n) == k
    assert 2 * k < n
