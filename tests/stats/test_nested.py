"""A probe chosen on the other folds scores what it is worth; the best of the cell scores more."""

import numpy as np
import pytest

from ecglens.stats import choose_on_other_folds, corrected_t_test

STUDIES, RECORDS, FOLDS, PROBES, DIM = 800, 60, 15, 5, 40
LABEL, FOLD = np.arange(RECORDS) % 2, np.arange(RECORDS) // 2 % FOLDS


def f1_of_five_probes(rng) -> np.ndarray:
    """F1 on pure noise, ``[studies, folds, probes]``: nearest means on five overlapping parts of the features."""
    X, found = rng.normal(size=(STUDIES, RECORDS, DIM)), np.empty((STUDIES, FOLDS, PROBES))
    for fold in range(FOLDS):
        test, label = fold == FOLD, LABEL[fold != FOLD]
        first, second = (X[:, ~test][:, label == value].mean(axis=1) for value in (0, 1))
        for probe in range(PROBES):
            own = slice(4 * probe, 4 * probe + 24)
            weight = (second - first)[:, own]
            middle = (weight * (first + second)[:, own]).sum(axis=1) / 2
            said = np.einsum("snd,sd->sn", X[:, test, own], weight) > middle[:, None]
            positive = LABEL[test] == 1
            found[:, fold, probe] = 2 * (said & positive).sum(axis=1) / (said.sum(axis=1) + positive.sum())
    return found


def chosen_scores(scores: np.ndarray) -> np.ndarray:
    return scores[np.arange(len(scores)), choose_on_other_folds(scores)]


def nested_and_best(studies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean score of every study, with the probe chosen on the other folds and with the best of all folds."""
    return np.array([chosen_scores(study).mean() for study in studies]), studies.mean(axis=1).max(axis=1)


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return f1_of_five_probes(np.random.default_rng(0))


def test_of_independent_folds_the_nested_score_is_unbiased_and_the_best_of_the_cell_is_not() -> None:
    nested, best = nested_and_best(np.random.default_rng(0).beta(2, 2, (4000, FOLDS, PROBES)))
    assert nested.mean() == pytest.approx(0.5, abs=3 * nested.std() / np.sqrt(len(nested)))
    assert best.mean() > 0.55


def test_of_a_cross_validation_on_noise_little_bias_is_left(noise) -> None:
    """Models of the other folds were trained on the scored fold, so a part of the bias remains."""
    nested, best = nested_and_best(noise)
    assert best.mean() - noise.mean() > 0.05
    assert 0 <= nested.mean() - noise.mean() < (best.mean() - noise.mean()) / 3


def test_two_encoders_of_noise_differ_no_more_often_than_the_level_says(noise) -> None:
    half = STUDIES // 2
    pairs = zip(noise[:half], noise[half:], strict=True)
    n_test = RECORDS / FOLDS
    p_values = np.array(
        [corrected_t_test(chosen_scores(a) - chosen_scores(b), RECORDS - n_test, n_test).p_value for a, b in pairs]
    )
    assert 0 < (p_values < 0.05).mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / half)


def test_the_scored_fold_and_other_repeats_have_no_part_in_the_choice() -> None:
    rng = np.random.default_rng(1)
    scores, repeat = rng.random((20, 4)), np.repeat([0, 1], 10)
    chosen = choose_on_other_folds(scores, repeat)
    for fold in range(20):
        others = [other for other in range(20) if other != fold and repeat[other] == repeat[fold]]
        assert chosen[fold] == scores[others].mean(axis=0).argmax()
        changed = scores.copy()
        changed[fold] = rng.random(4)
        changed[repeat != repeat[fold]] = rng.random((10, 4))
        assert choose_on_other_folds(changed, repeat)[fold] == chosen[fold]


def test_equals_are_settled_by_order_and_gaps_by_the_number_of_scores() -> None:
    assert choose_on_other_folds(np.full((3, 2), 0.5)).tolist() == [0, 0, 0]
    gaps = [[0.9, 0.5], [np.nan, 0.5], [np.nan, 0.5]]
    assert choose_on_other_folds(gaps).tolist() == [1, 1, 1]
    assert choose_on_other_folds([[np.nan], [np.nan]]).tolist() == [0, 0]
