import numpy as np
import pytest
from scipy.stats import fisher_exact

from ecglens.attribution import overlap, top_k
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
