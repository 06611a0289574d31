"""Clusters of rings, of planted groups and of noise."""

import numpy as np
import pytest
from sklearn import metrics

from ecglens.errors import CannotFillError
from ecglens.geometry import cluster_agreement, find_neighbours
from ecglens.geometry.metrics.clustering import spectral_clusters

AGREEMENT = ["ari", "ami", "v_measure"]


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
