from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.metrics import f1_score

from ecglens.stats import Block, rank_intervals
from ecglens.stats.bootstrap import _mean_f1


def make_block(rng, accuracies, n_patients=60, n_folds=5) -> Block:
    patient = np.repeat(np.arange(n_patients), 2)
    label = rng.integers(0, 2, len(patient))
    right = rng.random((len(accuracies), len(patient))) < np.array(accuracies)[:, None]
    return Block(label, patient % n_folds, patient, np.where(right, label == 1, label == 0)[:, None])


class Everyone:
    """Draws that return every fold and patient once."""

    def multinomial(self, n, shares, size):
        return np.ones((size, len(shares)), dtype=int)


def test_without_resampling_it_is_the_mean_f1_over_folds() -> None:
    block = make_block(np.random.default_rng(0), [0.8, 0.6])
    found, chance = _mean_f1(block, 2, Everyone())
    assert np.isnan(chance).all()
    for place, said in enumerate(block.predicted):
        folds = [f1_score(block.label[block.fold == f], said[0, block.fold == f]) for f in range(5)]
        assert found[:, place] == pytest.approx(np.mean(folds))


def test_a_treatment_fitted_several_times_scores_their_mean() -> None:
    rng = np.random.default_rng(5)
    block = make_block(rng, [0.9, 0.5])
    said = np.concatenate(block.predicted)
    both = replace(block, predicted=[said, said[:1]])
    apart, together = (_mean_f1(one, 50, np.random.default_rng(6))[0] for one in (block, both))
    np.testing.assert_allclose(together, np.stack([apart.mean(axis=1), apart[:, 0]], axis=1))


def test_a_clear_order_is_certain_and_equal_treatments_share_ranks() -> None:
    rng = np.random.default_rng(1)
    low, high, *_ = rank_intervals([make_block(rng, [0.98, 0.7, 0.3]) for _ in range(6)], 300)
    np.testing.assert_allclose([low, high], [[1, 2, 3], [1, 2, 3]], atol=0.01)
    low, high, *_ = rank_intervals([make_block(rng, [0.7, 0.7]) for _ in range(2)], 300)
    assert (low < 1.5).all()
    assert (high > 1.5).all()


def test_the_interval_is_that_of_a_plain_loop() -> None:
    block = make_block(np.random.default_rng(2), [0.75, 0.7, 0.65])
    rng, found = np.random.default_rng(3), []
    for _ in range(400):
        scores = []
        folds = rng.integers(0, 5, 5)
        drawn = [rng.choice(np.unique(block.patient[block.fold == f]), 12) for f in folds]
        for said in block.predicted:
            rows = [np.concatenate([np.flatnonzero(block.patient == who) for who in group]) for group in drawn]
            scores.append(np.mean([f1_score(block.label[r], said[0, r], zero_division=np.nan) for r in rows]))
        found.append(rankdata(-np.array(scores)))
    scores = [
        f1_score(block.label[block.fold == f], said[0, block.fold == f]) for said in block.predicted for f in range(5)
    ]
    mean = rankdata(-np.mean(np.reshape(scores, (3, 5)), axis=1))
    moved = np.clip(found - np.mean(found, axis=0) + mean, 1, 3)
    many = [rank_intervals([block], 400, seed)[0] for seed in range(2)]
    assert np.array_equal(many[0], rank_intervals([block], 400, 0)[0])
    low, high, *_ = rank_intervals([block], 400)
    assert (low <= mean).all()
    assert (mean <= high).all()
    assert np.abs(low - np.percentile(moved, 2.5, axis=0)).max() <= 1
    assert np.abs(high - np.percentile(moved, 97.5, axis=0)).max() <= 1


def test_intervals_cover_the_rank_to_be_expected_and_never_exclude_the_one_that_was_found() -> None:
    rng, accuracies = np.random.default_rng(7), [0.95, 0.92, 0.89, 0.86]

    def found() -> tuple[list[Block], np.ndarray]:
        blocks = [make_block(rng, accuracies) for _ in range(6)]
        return blocks, np.mean([rankdata(-_mean_f1(block, 1, None)[0][0]) for block in blocks], axis=0)

    expected = np.mean([found()[1] for _ in range(100)], axis=0)
    assert expected[0] < 1.8, "the best is not far from the first place, where a plain bootstrap never gets"
    covered = []
    for seed in range(30):
        blocks, ranks = found()
        low, high, *_ = rank_intervals(blocks, 60, seed)
        assert ((low <= ranks + 1e-9) & (ranks <= high + 1e-9)).all()
        covered.append((low <= expected) & (expected <= high))
    assert np.mean(covered, axis=0).min() >= 0.9


def test_shuffled_labels_are_judged_by_their_own_and_placed_among_the_others() -> None:
    rng = np.random.default_rng(4)
    block = make_block(rng, [0.95, 0.3])
    shuffled = rng.permutation(block.label)
    right = rng.random((2, len(shuffled))) < np.array([[0.7], [0.6]])
    said = np.where(right, shuffled == 1, shuffled == 0)[:, None]
    own = replace(block, chance_label=shuffled, chance_predicted=said)
    scores, chance = _mean_f1(own, 2, Everyone())
    folds = [[f1_score(shuffled[block.fold == f], one[0, block.fold == f]) for f in range(5)] for one in said]
    np.testing.assert_allclose(chance, np.mean(folds))
    np.testing.assert_array_equal(scores, _mean_f1(block, 2, Everyone())[0])
    found = rank_intervals([own], 300)
    assert found.chance == (2, 2)
    assert found.low.tolist() == rank_intervals([block], 300).low.tolist()
    assert np.isnan(rank_intervals([own, block], 300).chance).all()
    few = replace(own, chance_label=(np.arange(len(shuffled)) < 6).astype(int), chance_predicted=np.zeros_like(said))
    found = rank_intervals([few], 300)
    assert (found.n_left_out, found.chance) == (0, (3, 3)), "replicates without a positive have no place, others do"


def test_replicates_without_a_score_are_left_out_for_all_treatments() -> None:
    fold = np.arange(40) % 4
    label = ((fold < 2) & (np.arange(40) // 4 % 2 == 0)).astype(int)
    block = Block(label, fold, np.arange(40), np.stack([label == 1, np.zeros(40, dtype=bool), label == 0])[:, None])
    low, high, n_left_out, _ = rank_intervals([block], 400)
    assert (low.tolist(), high.tolist()) == ([1, 2.5, 2.5], [1, 2.5, 2.5])
    assert 10 < n_left_out < 60, "no fold with positives is drawn in one replicate of sixteen"
    nobody = Block(np.zeros(40), fold, np.arange(40), np.zeros((2, 1, 40), dtype=bool))
    low, high, n_left_out, _ = rank_intervals([nobody], 50)
    assert np.isnan([low, high]).all()
    assert n_left_out == 50
