import numpy as np
import pytest
from scipy import stats
from scipy.stats import rankdata as scipy_rank

from ecglens.stats import cliques, critical_difference, friedman, place_among


def test_friedman_is_scipys_on_average_ranks() -> None:
    scores = np.random.default_rng(0).normal(size=(9, 5)) + np.arange(5) / 2
    found = friedman(scores)
    expected = stats.friedmanchisquare(*scores.T)
    assert (found.statistic, found.p_value) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.average_ranks == pytest.approx(stats.rankdata(-scores, axis=1).mean(axis=0))
    assert found.average_ranks.argmin() == 4


def test_blocks_with_gaps_are_left_out_and_counted() -> None:
    scores = np.array([[0.9, 0.8, 0.7], [0.8, np.nan, 0.6], [0.5, 0.5, 0.4]])
    found = friedman(scores)
    assert (found.n_blocks, found.n_left_out) == (2, 1)
    assert found.average_ranks.tolist() == [1.25, 1.75, 3.0]
    nothing = friedman(scores[1:2])
    assert np.isnan(nothing.average_ranks).all()
    assert np.isnan(nothing.p_value)


def test_ties_everywhere_and_two_treatments_have_ranks_and_no_test() -> None:
    assert np.isnan(friedman(np.ones((4, 3))).p_value)
    two = friedman(np.array([[1.0, 0.0], [1.0, 0.0]]))
    assert two.average_ranks.tolist() == [1, 2]
    assert np.isnan(two.p_value)


@pytest.mark.parametrize(("k", "q"), [(2, 1.960), (3, 2.343), (5, 2.728), (10, 3.164)])
def test_critical_difference_has_the_published_constants(k: int, q: float) -> None:
    """Demsar (2006), table 5a."""
    assert critical_difference(k, 6) == pytest.approx(q * np.sqrt(k * (k + 1) / 36), rel=3e-4)


def test_cliques_are_the_largest_groups_within_the_difference() -> None:
    assert cliques([3.0, 1.0, 1.4, 3.2], 0.5) == [(1, 2), (0, 3)]
    assert cliques([1.0, 2.0, 3.0], 0.5) == []
    assert cliques([2.0, 1.0, 3.0], 10) == [(1, 0, 2)]


@pytest.mark.parametrize("seed", range(3))
def test_a_place_among_others_is_the_rank_by_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 5, size=(20, 6)).astype(float)  # with ties
    score, others = scores[:, 0], scores[:, 1:]
    ranks = np.array([scipy_rank(-row)[0] for row in scores])  # the best has rank 1, ties share theirs
    np.testing.assert_allclose(place_among(score, others), ranks)


def test_a_score_that_is_not_known_has_no_place() -> None:
    assert np.isnan(place_among(np.array(np.nan), np.array([0.9, 0.1])))
