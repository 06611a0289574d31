from itertools import combinations

import numpy as np
import pytest
from sklearn.cluster import KMeans

from ecglens.errors import CannotFillError
from ecglens.geometry import cluster_agreement


def adjusted_rand(a, b):
    """Hubert and Arabie (1985) by looking at every pair."""
    pairs = list(combinations(range(len(a)), 2))
    same_a = np.array([a[i] == a[j] for i, j in pairs])
    same_b = np.array([b[i] == b[j] for i, j in pairs])
    chance = same_a.sum() * same_b.sum() / len(pairs)
    return (np.sum(same_a & same_b) - chance) / ((same_a.sum() + same_b.sum()) / 2 - chance)


def test_ari_is_that_of_counted_pairs():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 25)
    X = rng.normal(size=(75, 3)) + labels[:, None]
    table = cluster_agreement(X, labels, 3, seeds=[4, 9])
    assert table["seed"].tolist() == [4, 9]
    for seed, ari in zip(table["seed"], table["ari"], strict=True):
        clusters = KMeans(3, n_init=10, random_state=seed).fit(X).labels_
        assert ari == pytest.approx(adjusted_rand(labels, clusters))


def test_planted_clusters_and_noise():
    rng = np.random.default_rng(0)
    labels = np.repeat(["ptb-xl", "chn", "georgia"], 100)
    noise = rng.normal(size=(300, 5))
    planted = noise + 30 * (labels[:, None] == ["ptb-xl", "chn", "georgia", "", ""])
    assert cluster_agreement(planted, labels, 3, seeds=range(3))[["ari", "ami"]].to_numpy() == pytest.approx(1)
    assert cluster_agreement(noise, labels, 3, seeds=range(3))[["ari", "ami"]].abs().to_numpy().max() < 0.05


def test_refusals():
    X = np.random.default_rng(0).normal(size=(40, 2))
    with pytest.raises(CannotFillError, match="two classes"):
        cluster_agreement(X, np.ones(40), 1, seeds=[0])
    with pytest.raises(CannotFillError, match="2 clusters need as many distinct embeddings, there are 1"):
        cluster_agreement(np.ones((40, 2)), np.tile([0, 1], 20), 2, seeds=[0])
