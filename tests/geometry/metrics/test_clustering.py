from itertools import combinations

import numpy as np
import pytest
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from ecglens.errors import CannotFillError
from ecglens.geometry import cluster_agreement, find_neighbours
from ecglens.geometry.metrics.clustering import spectral_clusters
from ecglens.geometry.metrics.kmeans import k_means
from ecglens.geometry.metrics.partitions import compare_partitions, contingency
from ecglens.geometry.pca import principal_components

AGREEMENT = ["ari", "ami", "v_measure"]


def adjusted_rand(a, b):
    """Hubert and Arabie (1985) by looking at every pair."""
    pairs = list(combinations(range(len(a)), 2))
    same_a = np.array([a[i] == a[j] for i, j in pairs])
    same_b = np.array([b[i] == b[j] for i, j in pairs])
    chance = same_a.sum() * same_b.sum() / len(pairs)
    return (np.sum(same_a & same_b) - chance) / ((same_a.sum() + same_b.sum()) / 2 - chance)


def test_partition_agreement_is_that_of_counted_pairs_and_scikit_learn():
    rng = np.random.default_rng(0)
    for n, n_a, n_b in [(75, 3, 3), (60, 2, 5), (40, 40, 3), (50, 1, 4), (50, 4, 1)]:
        a, b = rng.permutation(np.arange(n) % n_a), rng.integers(0, n_b, n)
        b[:n_b] = np.arange(n_b)
        found = compare_partitions(contingency(a, b))
        if min(n_a, n_b) > 1:
            assert found.ari == pytest.approx(adjusted_rand(a, b))
        assert found.ari == pytest.approx(metrics.adjusted_rand_score(a, b), abs=1e-12)
        assert found.ami == pytest.approx(metrics.adjusted_mutual_info_score(a, b), abs=1e-9)
        assert found.v_measure == pytest.approx(metrics.v_measure_score(a, b), abs=1e-12)


def test_large_tables_neither_overflow_nor_lose_tails():
    rng = np.random.default_rng(1)
    a = np.repeat([0, 1], [299_000, 1_000])
    b = np.where(rng.random(300_000) < 0.9, a, 1 - a)
    found = compare_partitions(contingency(a, b))
    assert found.ari == pytest.approx(metrics.adjusted_rand_score(a, b))
    assert found.ami == pytest.approx(metrics.adjusted_mutual_info_score(a, b), rel=1e-9)


def test_one_cluster_of_two_classes_says_nothing():
    assert compare_partitions(np.array([[30], [20]])).ari == 0
    assert compare_partitions(np.array([[50]])) == compare_partitions(np.eye(4, dtype=int))


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


def test_components_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 12)) @ rng.normal(size=(12, 12)) * np.r_[np.ones(11), 0] + 1e3
    for standardise in (False, True):
        plain = StandardScaler().fit_transform(X) if standardise else X
        expected = PCA(5, svd_solver="full").fit(plain)
        found = principal_components(X, 5, standardise=standardise)
        np.testing.assert_allclose(found.variance, expected.explained_variance_ * 299 / 300, rtol=1e-8)
        np.testing.assert_allclose(found.variance / found.total, expected.explained_variance_ratio_, rtol=1e-8)
        np.testing.assert_allclose(np.abs(found.coordinates), np.abs(expected.transform(plain)), rtol=2e-3, atol=1e-3)


def test_a_graph_tells_rings_apart_that_k_means_cannot():
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    ring = np.c_[np.cos(angle), np.sin(angle)]
    X, labels = np.r_[ring, 4 * ring], np.repeat([0, 1], 120)
    graph = spectral_clusters(find_neighbours(X, 5), 2)
    assert metrics.adjusted_rand_score(labels, graph) == 1
    assert cluster_agreement(X, labels, 2, seeds=[0])["ari"].max() < 0.5


def test_planted_clusters_and_noise():
    rng = np.random.default_rng(0)
    labels = np.repeat(["ptb-xl", "chn", "georgia"], 100)
    noise = rng.normal(size=(300, 5))
    planted = noise + 30 * (labels[:, None] == ["ptb-xl", "chn", "georgia", "", ""])
    assert cluster_agreement(planted, labels, 3, seeds=range(3))[AGREEMENT].to_numpy() == pytest.approx(1)
    assert cluster_agreement(noise, labels, 3, seeds=range(3))[["ari", "ami"]].abs().to_numpy().max() < 0.05


def test_refusals():
    X = np.random.default_rng(0).normal(size=(40, 2))
    with pytest.raises(CannotFillError, match="two classes"):
        cluster_agreement(X, np.ones(40), 1, seeds=[0])
    with pytest.raises(CannotFillError, match="2 clusters need as many distinct embeddings, there are 1"):
        cluster_agreement(np.ones((40, 2)), np.tile([0, 1], 20), 2, seeds=[0])
