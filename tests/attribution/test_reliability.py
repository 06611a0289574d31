import numpy as np
import pytest
from scipy.stats import kendalltau

from ecglens.attribution import corrected_overlap, levels_off, reliability, reliability_growth


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
    assert corrected_overlap(0.1, 0.1, 0.9, 0.4) == 0
    assert corrected_overlap(0.6, 0.1, 0.9, 0.4) == pytest.approx(1)
    assert np.isnan(corrected_overlap(0.2, 0.1, 0.19, 0.19))
    assert np.isnan(corrected_overlap(0.2, 0.1, np.nan, 0.5))


def test_attenuation_is_undone() -> None:
    """Two data sets with the same true ranking, measured with noise, overlap as much as their halves do."""
    rng = np.random.default_rng(2)
    k, d, values = 10, 60, []
    for _ in range(60):
        a, b = (noisy(rng, 2, 0.15) for _ in range(2))
        ceilings = [float(reliability(x[:1], x[1:], k).share[0]) for x in (a, b)]
        observed = float(reliability(a[:1], b[:1], k).share[0])
        values.append(corrected_overlap(observed, k / d, *ceilings))
    assert np.nanmean(values) == pytest.approx(1, abs=0.1)
