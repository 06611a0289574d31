import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecglens.errors import CannotFillError
from ecglens.geometry import find_neighbours, knn_purity


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(20, 60))
def test_same_as_counting_one_by_one(seed, n_classes, n_groups):
    rng = np.random.default_rng(seed)
    X, groups = rng.normal(size=(70, 3)), rng.integers(0, n_groups, 70)
    labels = np.r_[np.arange(n_classes), rng.integers(0, n_classes, 70 - n_classes)]
    nearest = find_neighbours(X, 4, groups)
    share = np.array([np.mean([labels[j] == labels[i] for j in nearest.indices[i]]) for i in range(70)])
    legal = np.array([np.mean(labels[groups != groups[i]] == labels[i]) for i in range(70)])
    observed = np.array([share[labels == c].mean() for c in range(n_classes)])
    expected = np.array([legal[labels == c].mean() for c in range(n_classes)])
    found = knn_purity(nearest, labels, groups)
    assert found.raw == pytest.approx(share.mean())
    assert found.per_class == pytest.approx(dict(enumerate(observed)))
    assert found.expected == pytest.approx(dict(enumerate(expected)))
    assert found.macro == pytest.approx(observed.mean())
    assert found.rescaled == pytest.approx(((observed - expected) / (1 - expected)).mean())


@pytest.mark.parametrize("prevalence", [0.02, 0.1, 0.5])
def test_noise_is_zero_at_any_prevalence(prevalence):
    rng = np.random.default_rng(5)
    rescaled, raw = [], []
    for _ in range(20):
        labels = rng.permutation(np.arange(500) < 500 * prevalence)
        found = knn_purity(find_neighbours(rng.normal(size=(500, 8)), 10), labels)
        rescaled.append(found.rescaled)
        raw.append(found.raw)
    assert abs(np.mean(rescaled)) < 4 * np.std(rescaled) / np.sqrt(20)
    assert abs(np.mean(rescaled)) < 0.06
    assert np.mean(raw) == pytest.approx(prevalence**2 + (1 - prevalence) ** 2, abs=0.02)


@pytest.mark.parametrize("n_rare", [11, 50, 250])
def test_perfect_separation_is_one(n_rare):
    labels = np.where(np.arange(500) < n_rare, "af", "other")
    X = np.random.default_rng(0).normal(size=(500, 4)) + 100 * (labels == "af")[:, None]
    found = knn_purity(find_neighbours(X, 10), labels)
    assert (found.raw, found.macro, found.rescaled) == (1, 1, 1)


def test_records_of_one_patient_do_not_count_as_agreement():
    rng = np.random.default_rng(0)
    patients, labels = np.repeat(np.arange(60), 6), np.repeat(rng.permutation(60) % 2, 6)
    X = rng.normal(size=(60, 8))[patients] + 0.01 * rng.normal(size=(360, 8))
    with_own = knn_purity(find_neighbours(X, 5), labels).rescaled
    without = knn_purity(find_neighbours(X, 5, patients), labels, patients).rescaled
    assert with_own == 1
    assert abs(without) < 0.3


def test_one_class_is_refused():
    X = np.random.default_rng(0).normal(size=(40, 2))
    with pytest.raises(CannotFillError, match="two classes"):
        knn_purity(find_neighbours(X, 3), np.ones(40))


def test_a_class_that_one_patient_holds_does_not_count():
    labels = np.r_[np.zeros(40, dtype=int), np.ones(12, dtype=int)]
    patients = np.r_[np.arange(40), np.full(12, 40)]
    X = np.random.default_rng(0).normal(size=(52, 3)) + 50 * labels[:, None]
    found = knn_purity(find_neighbours(X, 5, patients), labels, patients)
    assert found.attainable[1] == found.expected[1] == 0
    assert found.rescaled == 1
