import numpy as np
import pytest
from scipy.stats import fisher_exact

from ecglens.attribution import overlap, rank_biased_overlap, top_k
from ecglens.errors import CannotFillError


def test_top_k_is_a_sort():
    importance = np.random.default_rng(0).permutation(200) + 1.0
    assert top_k(importance, 50).tolist() == sorted(range(200), key=lambda i: -importance[i])[:50]
    assert top_k(np.array([1.0, 2, 2, 1, 2]), 4).tolist() == [1, 2, 4, 0]


def test_independent_importance_overlaps_by_chance():
    rng = np.random.default_rng(0)
    results = [overlap(rng.random(300), rng.random(300), 50) for _ in range(400)]
    shares = np.array([result.share for result in results])
    assert abs(shares.mean() - results[0].chance) < 4 * shares.std() / np.sqrt(400)
    assert results[0].chance == pytest.approx(50 / 300)


@pytest.mark.parametrize("shared", [0, 7, 20])
def test_share_and_p_value_of_a_planted_overlap(shared):
    a, b = np.zeros(100), np.zeros(100)
    a[:20] = 1
    b[20 - shared : 40 - shared] = 1
    result = overlap(a, b, 20)
    table = [[shared, 20 - shared], [20 - shared, 60 + shared]]
    assert result.share == shared / 20
    assert result.p_value == pytest.approx(fisher_exact(table, alternative="greater").pvalue)


def test_unused_features_never_overlap():
    a, b = np.zeros(768), np.zeros(768)
    a[[300, 400, 500]] = 1
    b[[300, 401]] = 1
    result = overlap(a, b, 50)
    assert (result.share, result.n_a, result.n_b) == (1 / 50, 3, 2)
    assert result.chance == pytest.approx(3 * 2 / 768 / 50)


def test_refusals():
    with pytest.raises(CannotFillError, match="top 3 of 3 features"):
        overlap(np.ones(3), np.ones(3), 3)
    with pytest.raises(ValueError, match="a has 3 features, b has 4"):
        overlap(np.ones(3), np.ones(4), 2)


def naive_rbo(a, b, p: float, depth: int) -> float:
    """The sum over prefixes of equal length, taken so far that the rest has no weight."""
    return (1 - p) * sum(p ** (d - 1) * len(set(a[:d]) & set(b[:d])) / d for d in range(1, depth + 1))


@pytest.mark.parametrize("p", [0.5, 0.9])
def test_rank_biased_overlap_is_the_weighted_agreement_of_all_prefixes(p):
    rng = np.random.default_rng(0)
    a, b = rng.random(400), rng.random(400)
    b[rng.random(400) < 0.5] = a[rng.random(400) < 0.5].mean()
    ranked = [np.argsort(-x, kind="stable").tolist() for x in (a, b)]
    assert rank_biased_overlap(a, b, p) == pytest.approx(naive_rbo(*ranked, p, 400), abs=1e-9)


def test_rank_biased_overlap_of_uneven_rankings_extrapolates():
    a, b = np.zeros(9), np.zeros(9)
    a[[4, 2]] = [2, 1]
    b[[4, 2, 7, 1]] = [4, 3, 2, 1]
    # The short ranking agrees at every rank it has: taken as agreeing for ever.
    assert rank_biased_overlap(a, b) == pytest.approx(1)
    assert rank_biased_overlap(b, a) == pytest.approx(1)
    assert rank_biased_overlap(a, np.roll(a, 3)) == 0
    assert rank_biased_overlap(a, np.zeros(9)) == 0
    assert np.isnan(rank_biased_overlap(np.zeros(3), np.zeros(3)))


def test_jaccard_counts_either_top():
    a, b = np.arange(10.0, 0, -1), np.array([10, 9, 1, 1, 8, 7, 0, 0, 0, 0.0])
    result = overlap(a, b, 4)
    assert result.jaccard == pytest.approx(len({0, 1, 2, 3} & {0, 1, 4, 5}) / len({0, 1, 2, 3} | {0, 1, 4, 5}))
