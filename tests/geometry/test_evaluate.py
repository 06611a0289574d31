"""Numbers of clusters as rows: means over seeds, and their permutations."""

import numpy as np
import pytest
from sklearn import metrics

from ecglens.geometry.evaluate import estimate_clusters
from ecglens.geometry.metrics.kmeans import Clusterings

SCIKIT_LEARN = {
    "ari": metrics.adjusted_rand_score,
    "ami": metrics.adjusted_mutual_info_score,
    "v_measure": metrics.v_measure_score,
}


def test_null_of_clusters_is_the_mean_over_seeds_of_each_permutation():
    rng = np.random.default_rng(0)
    found = Clusterings(rng.integers(0, 3, (4, 50)), np.arange(4.0))
    code, moved = rng.integers(0, 3, 50), rng.integers(0, 3, (5, 50)).astype(np.int16)
    rows = estimate_clusters(found, code, np.ones((50, 0), dtype=np.uint8), moved)
    for row in rows:

        def mean(labels, metric=row["metric"]):
            return np.mean([SCIKIT_LEARN[metric](labels, own) for own in found.labels])

        assert row["value"] == pytest.approx(mean(code))
        np.testing.assert_allclose(row["null"], [mean(labels) for labels in moved])


def test_only_named_numbers_are_rows():
    found = Clusterings(np.array([[0, 0, 1, 1]]), np.zeros(1))
    code, weights, moved = np.array([0, 0, 1, 1]), np.ones((4, 0), dtype=np.uint8), np.zeros((0, 4), dtype=np.int16)
    (row,) = estimate_clusters(found, code, weights, moved, ["ami"])
    assert (row["metric"], row["value"], row["n_repeats"]) == ("ami", 1, 1)
