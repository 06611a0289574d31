"""Agreement of partitions against scikit-learn, and against every pair counted."""

from itertools import combinations

import numpy as np
import pytest
from sklearn import metrics
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, v_measure_score

from ecglens.geometry.metrics.partitions import compare_tables, count_pairs, weigh_pairs


def adjusted_rand(a, b):
    """Hubert and Arabie (1985) by looking at every pair."""
    pairs = list(combinations(range(len(a)), 2))
    same_a = np.array([a[i] == a[j] for i, j in pairs])
    same_b = np.array([b[i] == b[j] for i, j in pairs])
    chance = same_a.sum() * same_b.sum() / len(pairs)
    return (np.sum(same_a & same_b) - chance) / ((same_a.sum() + same_b.sum()) / 2 - chance)


def agreement(a, b):
    """All three of two partitions."""
    tables = count_pairs(a[None], b, (int(a.max()) + 1, int(b.max()) + 1))
    return {name: values.item() for name, values in compare_tables(tables).items()}


def test_partition_agreement_is_that_of_counted_pairs_and_scikit_learn():
    rng = np.random.default_rng(0)
    for n, n_a, n_b in [(75, 3, 3), (60, 2, 5), (40, 40, 3), (50, 1, 4), (50, 4, 1)]:
        a, b = rng.permutation(np.arange(n) % n_a), rng.integers(0, n_b, n)
        b[:n_b] = np.arange(n_b)
        found = agreement(a, b)
        if min(n_a, n_b) > 1:
            assert found["ari"] == pytest.approx(adjusted_rand(a, b))
        assert found["ari"] == pytest.approx(metrics.adjusted_rand_score(a, b), abs=1e-12)
        assert found["ami"] == pytest.approx(metrics.adjusted_mutual_info_score(a, b), abs=1e-9)
        assert found["v_measure"] == pytest.approx(metrics.v_measure_score(a, b), abs=1e-12)


def test_large_tables_neither_overflow_nor_lose_tails():
    rng = np.random.default_rng(1)
    a = np.repeat([0, 1], [299_000, 1_000])
    b = np.where(rng.random(300_000) < 0.9, a, 1 - a)
    found = agreement(a, b)
    assert found["ari"] == pytest.approx(metrics.adjusted_rand_score(a, b))
    assert found["ami"] == pytest.approx(metrics.adjusted_mutual_info_score(a, b), rel=1e-9)


def test_one_cluster_of_two_classes_says_nothing():
    assert compare_tables(np.array([[[30], [20]]]))["ari"] == 0
    same = (np.array([[[50]]]), np.eye(4, dtype=int)[None])
    assert [values.item() for tables in same for values in compare_tables(tables).values()] == [1] * 6


@pytest.mark.parametrize("name", ["ari", "ami", "v_measure"])
def test_only_what_is_named_is_computed(name, monkeypatch):
    if name != "ami":
        monkeypatch.setattr("ecglens.geometry.metrics.partitions.expected_information", None)
    tables = np.array([[[3, 1], [0, 4]]])
    assert list(compare_tables(tables, [name])) == [name]


def poisson(patients, draws, rng):
    return rng.poisson(1.0, (patients.max() + 1, draws)).astype(np.uint8)[patients]


def test_clusters_of_patients_drawn_anew_agree_as_their_records_written_out():
    rng = np.random.default_rng(3)
    labels, clusters, patients = rng.integers(0, 3, 200), rng.integers(0, 2, 200), rng.integers(0, 80, 200)
    weights = poisson(patients, 5, rng)
    found = compare_tables(weigh_pairs(labels, clusters, weights, (3, 2)))
    for draw, times in enumerate(weights.T.astype(int)):
        written = np.repeat(labels, times), np.repeat(clusters, times)
        assert found["ari"][draw] == pytest.approx(adjusted_rand_score(*written))
        assert found["ami"][draw] == pytest.approx(adjusted_mutual_info_score(*written))
        assert found["v_measure"][draw] == pytest.approx(v_measure_score(*written))


def test_many_labellings_agree_as_each_does():
    rng = np.random.default_rng(4)
    labellings, clusters = rng.integers(0, 3, (6, 150)), rng.integers(0, 4, 150)
    labellings[0] = clusters.clip(max=2)
    found = compare_tables(count_pairs(labellings, clusters, (3, 4)))
    for row, labels in enumerate(labellings):
        assert found["ari"][row] == pytest.approx(adjusted_rand_score(labels, clusters))
        assert found["ami"][row] == pytest.approx(adjusted_mutual_info_score(labels, clusters))
