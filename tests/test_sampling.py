import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecglens.errors import CannotFillError
from ecglens.sampling import SIZES, assign_folds, deal_folds, derive_seed, draw, shuffle_labels


@given(
    n_positive=st.integers(30, 200),
    n_negative=st.integers(30, 200),
    sizes=st.lists(st.integers(1, 60), min_size=2, max_size=2).map(sorted),
    balance=st.sampled_from(["equal", "natural"]),
    seed=st.integers(0, 99),
)
def test_draws_are_nested_and_keep_their_balance(n_positive, n_negative, sizes, balance, seed):
    y = np.random.default_rng(seed).permutation([1] * n_positive + [0] * n_negative)
    small, large = (draw(y, size, balance, seed) for size in sizes)
    assert set(small) <= set(large)
    share = 0.5 if balance == "equal" else n_positive / len(y)
    for chosen, size in ((small, sizes[0]), (large, sizes[1])):
        assert len(chosen) == size
        assert (np.diff(chosen) > 0).all()
        assert abs(y[chosen].sum() - share * size) <= 0.5


def test_the_ladder_fits_georgia():
    y = np.r_[np.ones(570), np.zeros(9000)]
    assert [len(draw(y, size, "equal", 0)) for size in SIZES.values()] == [100, 250, 500, 1000, 9570]


def test_seeds_differ():
    y = np.tile([0, 1], 100)
    assert not np.array_equal(draw(y, 50, "equal", 0), draw(y, 50, "equal", 1))


def test_draw_says_what_is_missing():
    y = np.r_[np.ones(31), np.zeros(500)]
    with pytest.raises(CannotFillError, match="needs 50 positives, has 31"):
        draw(y, 100, "equal", 0)
    with pytest.raises(CannotFillError, match="needs 35 positives, has 31"):
        draw(y, 600, "natural", 0)


@pytest.mark.parametrize("balance", ["equal", "natural"])
def test_nothing_to_draw_from(balance):
    with pytest.raises(CannotFillError, match="has 0"):
        draw(np.empty(0), 12, balance)
    assert len(draw(np.empty(0), None, balance)) == 0


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    n_patients=st.integers(20, 80),
    most_records=st.integers(1, 6),
    n_folds=st.integers(2, 6),
    seed=st.integers(0, 999),
)
def test_folds_are_disjoint_and_complete(n_patients, most_records, n_folds, seed):
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.repeat(np.arange(n_patients), rng.integers(1, most_records + 1, n_patients)))
    y = rng.integers(0, 2, len(groups))
    if min(len(np.unique(groups[y == label])) for label in (0, 1)) < n_folds:
        with pytest.raises(CannotFillError):
            assign_folds(y, groups, n_folds, seed)
        return
    folds = assign_folds(y, groups, n_folds, seed)
    assert all(len(np.unique(folds[groups == patient])) == 1 for patient in np.unique(groups))
    assert all(set(y[folds == fold]) == {0, 1} for fold in range(n_folds))
    assert np.array_equal(folds, assign_folds(y, groups, n_folds, seed))


def test_folds_are_stratified():
    y = np.r_[np.ones(150), np.zeros(850)]
    folds = assign_folds(y, np.arange(1000), 15, seed=3)
    assert np.ptp(np.bincount(folds)) <= 2
    assert np.ptp(np.bincount(folds, y)) <= 1


def test_folds_need_patients_of_each_class():
    y = np.r_[np.ones(40), np.zeros(40)]
    one_patient_with_all_positives = np.r_[np.zeros(40), np.arange(1, 41)]
    with pytest.raises(CannotFillError, match=r"15 patients with label 1\.0, there are 1\."):
        assign_folds(y, one_patient_with_all_positives)
    with pytest.raises(CannotFillError, match="two classes"):
        assign_folds(np.ones(40), np.arange(40))


def test_folds_without_a_class_are_refused():
    """Enough patients of each class, but stratification keeps apart the two that complete each other."""
    with pytest.raises(CannotFillError, match="In 5 shufflings"):
        assign_folds(np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2]), n_folds=2)


def test_shuffled_labels_lose_the_features():
    y = np.repeat([0, 1], 2000)
    shuffled = shuffle_labels(y, seed=1)
    assert shuffled.sum() == 2000
    assert abs(np.corrcoef(y, shuffled)[0, 1]) < 4 / np.sqrt(4000)


def test_of_an_odd_number_the_record_left_over_is_a_negative():
    y = np.tile([0, 1], 100)
    assert [int(y[draw(y, size, "equal", 3)].sum()) for size in (1, 25, 26, 27)] == [0, 12, 13, 13]


def test_dealt_folds_differ_by_at_most_one_record_of_each_kind():
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 3, 100)
    folds = deal_folds(kind, 7, rng)
    assert np.ptp(np.bincount(folds, minlength=7)) == 1
    assert all(np.ptp(np.bincount(folds[kind == one], minlength=7)) <= 1 for one in range(3))
    assert not np.array_equal(folds, deal_folds(kind, 7, rng))


def test_labels_shuffled_within_folds_stay_in_their_fold():
    rng = np.random.default_rng(0)
    y, folds = rng.integers(0, 2, 200), rng.integers(0, 5, 200)
    shuffled = shuffle_labels(y, seed=4, within=folds)
    np.testing.assert_array_equal(np.bincount(folds, shuffled), np.bincount(folds, y))
    assert (shuffled != y).mean() > 0.3


def test_every_part_of_a_place_makes_another_seed_and_their_borders_count():
    seeds = [derive_seed(0, "fold", "af"), derive_seed(1, "fold", "af"), derive_seed(0, "fold", "cd"), derive_seed(0)]
    assert len({*seeds, derive_seed(0, "foldaf"), derive_seed(0, "fol", "daf")}) == 6
    # The SHA-256 of "0" begins with the bytes 5f ec eb 66.
    assert derive_seed(0) == 0x66EBEC5F
