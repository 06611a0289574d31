"""k-means against scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics
from sklearn.cluster import KMeans

from ecglens.geometry.metrics.kmeans import k_means


@pytest.mark.parametrize(("n", "n_clusters"), [(300, 3), (300, 5), (9000, 4)])
def test_k_means_is_as_tight_as_scikit_learn(n, n_clusters):
    rng = np.random.default_rng(n_clusters)
    Z = (rng.normal(size=(n, 6)) + 2.5 * rng.integers(0, 2, (n, 6)) * (np.arange(6) < 2)).astype(np.float32)
    Z -= Z.mean(axis=0)
    found = k_means(Z, n_clusters, seeds=range(4))
    expected = KMeans(n_clusters, n_init=20, random_state=0).fit(Z)
    np.testing.assert_allclose(found.inertia, expected.inertia_, rtol=0.01)
    for labels, inertia in zip(found.labels, found.inertia, strict=True):
        own = [((Z[labels == c] - Z[labels == c].mean(axis=0)) ** 2).sum() for c in range(n_clusters)]
        assert sum(own) == pytest.approx(inertia, rel=2e-3)
        if n_clusters == 4:  # as many as were planted
            assert metrics.adjusted_rand_score(labels, expected.labels_) > 0.95
