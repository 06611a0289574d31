"""A label predicted from one fact: planted truths, scikit-learn, and nulls that keep their size."""

import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from ecglens.stats.shortcuts import cut, predict_label


def balanced(n: int) -> np.ndarray:
    return np.tile([0, 1], n // 2)


def given_away(label: np.ndarray, among_positives: float, among_negatives: float, rng) -> np.ndarray:
    """A fact with two values; always guessing by it has a balanced accuracy of (1 + difference) / 2."""
    return (rng.random(len(label)) < np.where(label == 1, among_positives, among_negatives)).astype(int)


NULLS = {
    "two values": lambda rng, n: rng.integers(0, 2, n),
    "unequal": lambda rng, n: (rng.random(n) < 0.2).astype(int),
    "many sites": lambda rng, n: rng.zipf(1.5, n).clip(max=51),
    "length": lambda rng, n: cut(rng.normal(10, 1, n)),
}


@pytest.mark.parametrize("kind", NULLS)
@pytest.mark.parametrize(("n", "prevalence"), [(100, 0.5), (300, 0.1)])
def test_a_fact_that_says_nothing_is_rarely_found(kind, n, prevalence) -> None:
    rng = np.random.default_rng(11)
    label = (np.arange(n) < prevalence * n).astype(int)
    found = [predict_label(label, NULLS[kind](rng, n), seed, n_labellings=399) for seed in range(200)]
    rejected = sum(one.p_value <= 0.05 for one in found)
    assert binomtest(rejected, 200, 0.05, alternative="greater").pvalue > 0.002
    if kind != "unequal":  # whose few different tables leave the exact test below its level
        assert binomtest(rejected, 200, 0.05, alternative="less").pvalue > 0.002
    assert np.mean([one.value for one in found]) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(("shares", "n"), [((0.9, 0.3), 200), ((0.35, 0.15), 400), ((0.06, 0.0), 1000)])
def test_the_value_is_the_closed_form_and_the_interval_covers_it(shares, n) -> None:
    rng, label = np.random.default_rng(5), balanced(n)
    found = [predict_label(label, given_away(label, *shares, rng), seed, n_labellings=49) for seed in range(200)]
    truth = (1 + shares[0] - shares[1]) / 2
    assert np.mean([one.value for one in found]) == pytest.approx(truth, abs=0.01)
    covered = sum(one.low <= truth <= one.high for one in found)
    assert binomtest(covered, 200, 0.95).pvalue > 0.001


@pytest.mark.parametrize(("n", "share"), [(100, 0.5), (400, 0.5), (400, 0.15)])
def test_the_detectable_value_is_found_in_about_four_of_five(n, share) -> None:
    rng, label = np.random.default_rng(8), balanced(n)
    asked = np.mean([predict_label(label, given_away(label, share, share, rng), i).detectable for i in range(20)])
    effect = asked - 0.5
    found = [predict_label(label, given_away(label, share + effect, share - effect, rng), i) for i in range(150)]
    assert 0.65 < np.mean([one.p_value <= 0.05 for one in found]) < 0.92


def test_many_values_are_judged_as_by_a_tree_of_scikit_learn() -> None:
    rng, label = np.random.default_rng(2), balanced(3000)
    site = np.where(label == 1, rng.integers(0, 8, 3000), rng.integers(3, 12, 3000))
    tree = DecisionTreeClassifier(class_weight="balanced", random_state=0)
    one_hot = OneHotEncoder().fit_transform(site[:, None])
    called = cross_val_predict(tree, one_hot, label, cv=StratifiedKFold(5, shuffle=True, random_state=0))
    assert predict_label(label, site).value == pytest.approx(balanced_accuracy_score(label, called), abs=0.015)


def test_a_rare_value_has_about_the_p_of_fishers_exact_test() -> None:
    label = balanced(200)
    fact = np.zeros(200, dtype=int)
    fact[np.flatnonzero(label == 1)[:9]] = 1
    fact[np.flatnonzero(label == 0)[:1]] = 1
    table = [[9, 1], [91, 99]]
    assert predict_label(label, fact).p_value == pytest.approx(fisher_exact(table, "greater")[1], abs=0.02)


def test_a_perfect_prediction_has_an_interval_of_some_width() -> None:
    found = predict_label(balanced(20), balanced(20))
    assert (found.value, found.high) == (1, 1)
    assert 0.7 < found.low < 0.9


@pytest.mark.parametrize(("label", "fact"), [([0, 1] * 9, [1] * 18), ([1] + [0] * 17, [0, 1] * 9), ([0] * 9, [1] * 9)])
def test_what_cannot_be_tested_has_no_prediction(label, fact) -> None:
    assert predict_label(np.array(label), np.array(fact)) is None


def test_numbers_are_cut_at_deciles_where_there_are_many() -> None:
    numbers = np.random.default_rng(0).exponential(size=1000)
    code = cut(np.append(numbers, np.nan))
    np.testing.assert_array_equal(np.bincount(code), [100] * 10 + [1])
    assert np.corrcoef(np.argsort(np.argsort(numbers)), code[:-1])[0, 1] > 0.99
    assert len(set(cut(np.r_[np.full(990, 10.0), np.linspace(5, 9, 10)]))) == 2
