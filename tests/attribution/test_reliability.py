import numpy as np
import pytest
from scipy.stats import kendalltau, t

from ecglens.attribution import (
    corrected_overlap,
    levels_off,
    measure_ceiling,
    reliability,
    reliability_growth,
    share_of_halves,
)


def noisy(rng, n: int, noise: float, d: int = 60) -> np.ndarray:
    """Repeated measurements of one falling importance."""
    return np.abs(np.exp(-np.arange(d) / 8) + noise * rng.normal(size=(n, d)))


def test_agreement_of_halves_is_counted() -> None:
    rng = np.random.default_rng(0)
    first, second = noisy(rng, 4, 0.1), noisy(rng, 4, 0.1)
    found = reliability(first, second, 10)
    for repeat, (a, b) in enumerate(zip(first, second, strict=True)):
        one, two = set(np.argsort(-a)[:10]), set(np.argsort(-b)[:10])
        assert found.share[repeat] == len(one & two) / 10
        assert found.jaccard[repeat] == pytest.approx(len(one & two) / len(one | two))
        assert found.kendall_tau[repeat] == pytest.approx(kendalltau(a, b).statistic)


def test_one_feature_has_no_order() -> None:
    assert np.isnan(reliability(np.ones((2, 1)), np.ones((2, 1)), 1).kendall_tau).all()


def test_two_empty_tops_have_no_jaccard() -> None:
    found = reliability(np.zeros((2, 9)), np.zeros((2, 9)), 3)
    assert np.isnan(found.jaccard).all()
    assert (found.share == 0).all()


def test_averaging_more_fits_raises_the_agreement_of_a_noisy_ranking_only() -> None:
    rng = np.random.default_rng(1)
    counts = [1, 2, 4, 8]
    rising = reliability_growth(noisy(rng, 16, 0.3), 10, counts)
    flat = reliability_growth(noisy(rng, 16, 0.0), 10, counts)
    assert rising[-1] > rising[0] + 0.15
    assert flat == pytest.approx([1, 1, 1, 1])
    assert levels_off(counts, flat) == 1
    with pytest.raises(ValueError, match="two groups of 9 fits need 18, there are 16"):
        reliability_growth(noisy(rng, 16, 0.1), 10, [9])


def test_levels_off_looks_at_all_larger_counts() -> None:
    assert levels_off([1, 2, 4], [0.5, 0.505, 0.7]) is None
    assert levels_off([1, 2, 4], [0.5, 0.7, 0.65]) == 2


def test_correction_puts_chance_at_zero_and_the_ceiling_at_one() -> None:
    ceiling = measure_ceiling(np.full(5, 0.9), np.full(5, 0.4))
    assert (ceiling.mean, ceiling.low, ceiling.high) == pytest.approx((0.6, 0.6, 0.6))
    assert corrected_overlap(0.1, 0.1, ceiling) == 0
    assert corrected_overlap(0.6, 0.1, ceiling) == pytest.approx(1)


def test_nothing_is_concluded_where_the_interval_of_the_ceiling_reaches_chance() -> None:
    splits = np.array([0.2, 0.3, 0.4, 0.3])
    ceiling = measure_ceiling(splits, splits)
    half = t.ppf(0.975, 3) * splits.std(ddof=1) * np.sqrt(1 / 4 + 1)
    assert (ceiling.low, ceiling.high) == pytest.approx((0.3 - half / np.sqrt(2), 0.3 + half / np.sqrt(2)))
    certain = measure_ceiling(splits, np.full(4, 0.9))
    assert certain.mean == pytest.approx(np.sqrt(0.3 * 0.9))
    assert certain.high - certain.mean == pytest.approx(half * np.sqrt(0.9 / 0.3) / 2)
    assert np.isnan(corrected_overlap(0.3, ceiling.low + 1e-9, ceiling))
    assert corrected_overlap(0.3, ceiling.low - 1e-9, ceiling) == pytest.approx(1)
    for few in (np.array([0.9]), np.empty(0)):
        assert np.isnan(corrected_overlap(0.8, 0.1, measure_ceiling(few, splits)))


def test_share_of_halves_counts_every_pair() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(3, 2, 30)), rng.normal(size=(2, 2, 30))
    tops = [[set(np.argsort(-half)[:8]) for half in halves.reshape(-1, 30)] for halves in (a, b)]
    shares = [len(one & two) / 8 for one in tops[0] for two in tops[1]]
    found, chance, most = share_of_halves(a, b, 8)
    assert len(shares) == 24
    assert found == pytest.approx(np.mean(shares))
    assert chance == pytest.approx(8 / 30)
    assert most == 1
    assert np.isnan(share_of_halves(a[:0], b)).all()


def test_a_probe_that_uses_few_features_is_held_against_what_it_could_share() -> None:
    a = np.zeros((2, 2, 300))
    a[..., :5] = 1
    shared = share_of_halves(a, a, 50)
    assert shared == pytest.approx((0.1, 5 * 5 / (300 * 50), 0.1))
    own = reliability(a[:, 0], a[:, 1], 50).share
    assert corrected_overlap(shared.share, shared.chance, measure_ceiling(own, own)) == pytest.approx(1)
    nothing = share_of_halves(a * 0, a, 50)
    assert np.isnan(corrected_overlap(nothing.share, nothing.chance, measure_ceiling(own * 0, own)))


def test_attenuation_is_undone() -> None:
    """Two data sets with one true ranking score 1 by their halves; whole samples, which are less noisy, more."""
    rng = np.random.default_rng(2)
    k, d, values = 10, 60, []
    for _ in range(60):
        a, b = (noisy(rng, 10, 0.15).reshape(5, 2, d) for _ in range(2))
        ceiling = measure_ceiling(*(reliability(x[:, 0], x[:, 1], k).share for x in (a, b)))
        shared, chance, _ = share_of_halves(a, b, k)
        whole = float(reliability(a[:1].mean(axis=1), b[:1].mean(axis=1), k).share[0])
        values.append([(observed - chance) / (ceiling.mean - chance) for observed in (shared, whole)])
    of_halves, of_whole = np.mean(values, axis=0)
    assert of_halves == pytest.approx(1, abs=0.05)
    assert of_whole > 1.15
