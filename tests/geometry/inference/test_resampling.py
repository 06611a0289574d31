"""Equal counts, permutations between patients, and groups of patients left out."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from ecglens.errors import CannotFillError
from ecglens.geometry import find_neighbours, knn_purity
from ecglens.geometry.inference.resampling import draw_equal, leave_out, permuter, read_null, weighted_mean
from ecglens.geometry.metrics.knn_purity_batch import permuted_purities

RNG = np.random.default_rng(0)
N = 120
X, LABELS, GROUPS = RNG.normal(size=(N, 4)), RNG.integers(0, 3, N), RNG.integers(0, 70, N)


def test_equal_counts_of_every_cell_and_every_record_its_turn():
    sources = RNG.choice(2, N, p=[0.2, 0.8])
    cells = np.column_stack([LABELS, sources])
    smallest = min(np.sum((c == LABELS) & (sources == s)) for c in range(3) for s in range(2))
    seen = np.zeros(N)
    for seed in range(300):
        chosen = draw_equal(cells, np.random.default_rng(seed))
        assert (np.diff(chosen) > 0).all()
        counts = np.unique(cells[chosen], axis=0, return_counts=True)[1]
        assert counts.tolist() == [smallest] * 6
        seen[chosen] += 1
    for c, s in np.unique(cells, axis=0):
        inside = (c == LABELS) & (sources == s)
        expected = 300 * smallest / inside.sum()
        assert abs(seen[inside] - expected).max() < 5 * np.sqrt(expected) + 1e-9
    assert len(draw_equal(cells, np.random.default_rng(0), most=2)) == 12
    with pytest.raises(CannotFillError, match="every class needs records in every data set"):
        draw_equal(np.array([[0, 0], [1, 0], [0, 1]]), np.random.default_rng(0))


def test_permutation_keeps_patients_and_strata_together():
    patients = np.repeat(np.arange(30), np.arange(30) % 3 + 1)
    within = np.repeat(np.arange(30) % 2, np.arange(30) % 3 + 1)
    values = patients.copy()
    permute = permuter(patients, within)
    moved = permute(values, 1, np.random.default_rng(0))[0]
    assert (moved != values).mean() > 0.5
    for patient in range(30):
        origin = np.unique(moved[patients == patient])
        assert len(origin) == 1
    np.testing.assert_array_equal(within[np.searchsorted(patients, moved)], within)
    assert sorted(moved[np.searchsorted(patients, np.arange(30))]) == list(range(30))


def test_patients_of_many_records_leave_the_data_set_that_alone_has_such():
    patients = np.repeat(np.arange(60), np.repeat([1, 2], 30))
    sources = np.repeat([0, 1], [30, 60])
    moved = permuter(patients, np.zeros(90, dtype=int))(sources, 50, np.random.default_rng(0))
    assert moved.mean() == pytest.approx(0.5, abs=0.05)
    assert (moved[:, 30::2] == moved[:, 31::2]).all()


def test_the_null_is_calibrated_where_records_of_a_patient_are_alike():
    """Shuffling records one by one would call such noise significant far too often."""
    small = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        patients = np.repeat(np.arange(40), 4)
        labels = rng.integers(0, 2, 40)[patients]
        points = rng.normal(size=(40, 3))[patients] + 0.05 * rng.normal(size=(160, 3))
        nearest = find_neighbours(points, 5, patients)
        permute = permuter(patients, np.zeros(160, dtype=int))
        moved = permute(labels, 60, rng)
        null = permuted_purities(nearest, moved, patients, 2).numbers("ab")["knn_rescaled"]
        small.append(read_null(knn_purity(nearest, labels, patients).rescaled, null).p_value <= 0.1)
    assert np.mean(small) < 0.1 + 4 * np.sqrt(0.09 / 60)


def test_p_value_counts_the_observed_in():
    assert read_null(1.0, np.zeros(99)).p_value == pytest.approx(0.01)
    assert read_null(-1.0, np.zeros(99)).p_value == 1
    assert read_null(-1.0, np.zeros(99), falls=True).p_value == pytest.approx(0.01)
    assert np.isnan(read_null(np.nan, np.zeros(99)).p_value)


def test_every_permutation_is_as_likely():
    values = np.array([0, 0, 1, 1])
    moved = permuter(np.arange(4), np.zeros(4, dtype=int))(values, 6000, np.random.default_rng(0))
    arrangements, counts = np.unique(moved, axis=0, return_counts=True)
    assert len(arrangements) == 6
    assert stats.chisquare(counts).pvalue > 0.001


def test_groups_of_patients_are_left_out_once_each():
    patients = RNG.integers(0, 30, N)
    weights = leave_out(patients, 7, np.random.default_rng(0))
    assert weights.shape == (N, 7)
    assert (weights.sum(axis=1) == 6).all()
    assert all(len(np.unique(weights[patients == patient], axis=0)) == 1 for patient in np.unique(patients))
    held = [len(np.unique(patients[column == 0])) for column in weights.T]
    assert set(held) <= {len(np.unique(patients)) // 7, len(np.unique(patients)) // 7 + 1}
    assert leave_out(patients, 200, RNG).shape == (N, len(np.unique(patients)))
    assert leave_out(np.zeros(5), 50, RNG).shape == leave_out(patients, 0, RNG)[:5].shape == (5, 0)


def test_subsamples_share_permutations_as_far_as_they_share_records():
    """A rare class is in every subsample, the other class is not: sums over subsamples correlate by what they share."""
    rng, n, rare = np.random.default_rng(5), 400, 40
    labels, scores = (np.arange(n) < rare).astype(int), rng.normal(size=n)
    rarity = np.where(labels == 1, rare, n - rare)
    sums, chosen = [], []
    for _ in range(6):
        members = np.sort(np.r_[np.arange(rare), rare + rng.permutation(n - rare)[:rare]])
        permute = permuter(members, np.zeros(2 * rare, dtype=int), rarity[members])
        moved = permute(labels[members], 4000, np.random.default_rng(1))
        assert (moved.sum(axis=1) == rare).all()
        sums.append((2.0 * moved - 1) @ (scores[members] - scores[members].mean()))
        chosen.append(members)
    shared = np.mean([len(np.intersect1d(one, other)) for one, other in combinations(chosen, 2)]) / (2 * rare)
    correlation = np.corrcoef(sums)[np.triu_indices(6, 1)].mean()
    assert correlation == pytest.approx(shared, abs=0.06)


def test_weighted_mean_is_that_of_records_written_out():
    values, times = RNG.normal(size=N), RNG.poisson(1, (N, 4)).astype(np.uint8)
    expected = [np.repeat(values, column).mean() for column in times.T]
    np.testing.assert_allclose(weighted_mean(values, times), expected)
