"""Split-half reliability of a feature ranking, which limits its overlap with any other (noise ceiling)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecglens.attribution.overlap import in_top
from ecglens.errors import InputError
from ecglens.stats import Interval, corrected_interval

NO_CEILING = (
    "no ceiling was measured: without halves that can be cross-validated nothing tells how well a ranking repeats"
)


def too_low(ceiling: float, low: float, high: float, chance: float) -> str:
    """Reason why an overlap allows no conclusion.

    Examples
    --------
    >>> too_low(0.31, 0.2, 0.42, 0.27)
    'cannot tell: the interval of the ceiling, 0.31 [0.20, 0.42], reaches chance (0.27)'
    >>> too_low(0.31, float("nan"), float("nan"), 0.27)
    'cannot tell: one split gives the ceiling, 0.31, no interval'
    """
    if np.isnan(low):
        return f"cannot tell: one split gives the ceiling, {ceiling:.2f}, no interval"
    interval = f"{ceiling:.2f} [{low:.2f}, {high:.2f}]"
    return f"cannot tell: the interval of the ceiling, {interval}, reaches chance ({chance:.2f})"


@dataclass(frozen=True)
class Reliability:
    """Agreement of two rankings, one value per repetition.

    Parameters
    ----------
    share, jaccard
        Of the top `k`: shared features over `k`, and over features in either top, ``[repeats]``; Jaccard is NaN where
        both tops are empty.
    kendall_tau
        Of all features, tau-b, ``[repeats]``; NaN where a side holds one value only.
    k
        Size of the top.
    """

    share: NDArray[np.float64]
    jaccard: NDArray[np.float64]
    kendall_tau: NDArray[np.float64]
    k: int


def reliability(first: NDArray[Any], second: NDArray[Any], k: int = 50) -> Reliability:
    """Compare importances that were measured on two halves of a data set, repeatedly.

    Parameters
    ----------
    first, second
        Importance of each feature on the one and the other half, ``[repeats, d]``; halves share no patient.
    k
        Size of the top.

    Examples
    --------
    >>> found = reliability(np.array([[4.0, 3, 2, 1]]), np.array([[4.0, 2, 3, 1]]), k=2)
    >>> found.share, found.jaccard.round(2), found.kendall_tau.round(2)
    (array([0.5]), array([0.33]), array([0.67]))
    """
    from scipy.stats import kendalltau

    one, two = in_top(first, k), in_top(second, k)
    shared, either = (one & two).sum(axis=1), (one | two).sum(axis=1)
    many = first.shape[-1] > 1
    tau = np.array([kendalltau(a, b).statistic if many else np.nan for a, b in zip(first, second, strict=True)])
    return Reliability(shared / k, _ratio(shared, either), tau, k)


def _ratio(shared: NDArray[np.int64], either: NDArray[np.int64]) -> NDArray[np.float64]:
    """Jaccard, NaN where there is nothing in either top."""
    return np.asarray(np.where(either > 0, shared / np.maximum(either, 1), np.nan))


class SharedHalves(NamedTuple):
    """Means over pairs of a half of one data set and a half of another; NaN where one was not split.

    Parameters
    ----------
    share
        Shared part of the top.
    chance
        Expected share of two independent choices of as many features.
    most
        Largest possible share: below 1 if a probe uses fewer features than the top has.
    """

    share: float
    chance: float
    most: float


def share_of_halves(a: NDArray[Any], b: NDArray[Any], k: int = 50) -> SharedHalves:
    """What halves of one data set share with halves of another: measured as the ceiling is, on half the records.

    Parameters
    ----------
    a, b
        Importance of each feature on the halves of each data set, ``[repeats, 2, d]``; repeats may differ.
    k
        Size of the top.

    Examples
    --------
    >>> share_of_halves(np.array([[[4.0, 3, 2, 1], [3, 4, 1, 2]]]), np.array([[[4.0, 1, 3, 2], [4, 3, 2, 1]]]), k=2)
    SharedHalves(share=0.75, chance=0.5, most=1.0)
    """
    if not len(a) or not len(b):
        return SharedHalves(np.nan, np.nan, np.nan)
    d = a.shape[-1]
    one, two = (in_top(halves.reshape(-1, d), k).astype(np.float64) for halves in (a, b))
    n_one, n_two = one.sum(axis=1), two.sum(axis=1)
    most = np.minimum.outer(n_one, n_two).mean()
    return SharedHalves(float((one @ two.T).mean() / k), float(n_one.mean() * n_two.mean() / (d * k)), float(most / k))


def reliability_growth(
    replicates: NDArray[Any], k: int, counts: Sequence[int], n_repeats: int = 20, seed: int = 0
) -> NDArray[np.float64]:
    """How the agreement of two groups of fits rises with the fits that each averages.

    Parameters
    ----------
    replicates
        Importance of each feature in each fit (folds, seeds), ``[m, d]``.
    k
        Size of the top.
    counts
        Sizes of the groups; twice the largest is at most `m`.
    n_repeats, seed
        Random pairs of disjoint groups per count.

    Returns
    -------
    ndarray
        Mean Jaccard of the two tops, ``[counts]``; NaN where a pair of tops is empty.

    Examples
    --------
    >>> reliability_growth(np.tile([3.0, 2.0, 1.0, 0.5], (4, 1)), 2, [1, 2])
    array([1., 1.])
    """
    if counts and 2 * max(counts) > len(replicates):
        raise InputError(f"two groups of {max(counts)} fits need {2 * max(counts)}, there are {len(replicates)}")
    rng = np.random.default_rng(seed)
    found = np.zeros(len(counts))
    for place, count in enumerate(counts):
        for _ in range(n_repeats):
            chosen = rng.permutation(len(replicates))[: 2 * count]
            means = np.array([replicates[part].mean(axis=0) for part in (chosen[:count], chosen[count:])])
            one, two = in_top(means, k)
            found[place] += _ratio((one & two).sum(), (one | two).sum()) / n_repeats
    return found


def levels_off(counts: ArrayLike, values: ArrayLike, tolerance: float = 0.01) -> int | None:
    """The first count after which no larger one raises the value by more than `tolerance`; ``None`` if the last does.

    Examples
    --------
    >>> levels_off([1, 2, 4, 8], [0.4, 0.5, 0.6, 0.605]), levels_off([1, 2], [0.4, 0.5])
    (4, None)
    """
    counts, values = np.asarray(counts), np.asarray(values, dtype=np.float64)
    for place in range(len(counts) - 1):
        if values[place + 1 :].max() <= values[place] + tolerance:
            return int(counts[place])
    return None


def measure_ceiling(a: NDArray[Any], b: NDArray[Any]) -> Interval:
    """Noise ceiling of the overlap of two data sets: the geometric mean of their split-half shares.

    Parameters
    ----------
    a, b
        Split-half shares of each data set, ``[splits]``; splits may differ.

    Returns
    -------
    Interval
        NaN without splits, no bounds with one. Each mean has the variance ``(1 / splits + 1) * s**2``, since every
        split is of the same records; those of the two data sets are joined by the delta method.

    References
    ----------
    Nadeau and Bengio (2003), Inference for the generalization error, Machine Learning 52:239-281. Spearman (1904), The
    proof and measurement of association between two things, American Journal of Psychology 15:72.

    Examples
    --------
    >>> found = measure_ceiling(np.array([0.5, 0.6, 0.7]), np.array([0.5, 0.6, 0.7]))
    >>> round(found.mean, 2), round(found.low, 2)
    (0.6, 0.25)
    """
    one, two = (corrected_interval(splits, n_train=1, n_test=1) for splits in (a, b))
    mean = float(np.sqrt(one.mean * two.mean))
    halves = [(each.high - each.low) / 2 for each in (one, two)]
    ratio = two.mean / one.mean if one.mean and two.mean else 1.0
    half = float(np.hypot(np.sqrt(ratio) * halves[0], halves[1] / np.sqrt(ratio))) / 2
    return Interval(mean, mean - half, mean + half, min(one.n, two.n), 0)


def corrected_overlap(observed: float, expected: float, ceiling: Interval) -> float:
    """An overlap between its chance level (0) and its ceiling (1).

    Take the observed share between halves too (`share_of_halves`): whole samples repeat better than their halves do,
    and two samples of one distribution would score far above 1. Values above 1 still occur: both are estimates.

    Parameters
    ----------
    observed, expected
        Shared part of two tops, and its expectation under chance.
    ceiling
        From `measure_ceiling`: the correction is that of a correlation for attenuation (Spearman 1904).

    Returns
    -------
    float
        NaN if the interval of the ceiling reaches chance, or there is none: nothing can be concluded.

    Examples
    --------
    >>> round(corrected_overlap(0.4, 0.1, Interval(0.6, 0.5, 0.7, 5, 0)), 2)
    0.6
    >>> corrected_overlap(0.4, 0.1, Interval(0.6, 0.05, 1.15, 5, 0))
    nan
    """
    return (observed - expected) / (ceiling.mean - expected) if ceiling.low > expected else float("nan")
