"""Bootstrap confidence intervals of average ranks, over folds and patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ecglens.stats.ranks import place_among, rank

Floats = NDArray[np.float64]

REPLICATES_AT_ONCE = 100
"""Replicates whose weights are held in memory together, ``[100, n]``."""


@dataclass(frozen=True)
class Block:
    """Out-of-fold predictions of all treatments on one data set and task.

    Parameters
    ----------
    label
        0 or 1, ``[n]``.
    fold, patient
        Fold and patient of each record, ``[n]``; no patient is in two folds.
    predicted
        Records that each treatment calls positive, boolean ``[fits, n]``: a treatment that was fitted several times
        scores the mean over its fits.
    chance_label, chance_predicted
        Shuffled labels of the same records, and what treatments that were trained on them call positive, ``[fits, n]``
        each; none by default.
    """

    label: NDArray[Any]
    fold: NDArray[Any]
    patient: NDArray[Any]
    predicted: Sequence[NDArray[np.bool_]]
    chance_label: NDArray[Any] | None = None
    chance_predicted: Sequence[NDArray[np.bool_]] = ()


class RankIntervals(NamedTuple):
    """Bounds of average ranks, ``[treatments]`` each, and how many replicates they leave out.

    `chance` is the two bounds of the place that the mean F1 on shuffled labels takes, over the replicates that have
    one; NaN where more than half have none, or some block has no shuffled labels.
    """

    low: Floats
    high: Floats
    n_left_out: int
    chance: tuple[float, float] = (np.nan, np.nan)


def rank_intervals(
    blocks: Sequence[Block],
    n_replicates: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    ranks: Floats | None = None,
) -> RankIntervals:
    """Percentile interval of every treatment's average rank, by bootstrap over folds and, inside each, patients.

    A replicate draws, in every block, as many folds as there are with replacement and, for each, as many patients as it
    holds with replacement. F1 of a fold is computed from the drawn records, its mean over a treatment's fits and the
    drawn folds gives the ranks, and these are averaged over blocks. A fold without positives, drawn or predicted,
    counts as missing. A replicate in which all drawn folds of a treatment are missing is left out for all treatments.
    Replicates are re-centred on the ranks that were found: resampling adds noise, and noise pulls every rank towards
    the middle.

    Parameters
    ----------
    blocks
        Data sets x tasks, all with the same treatments.
    n_replicates, seed
        Replicates of the bootstrap and its random seed; every block has random numbers of its own.
    level
        Confidence level; the interval is cut at the first and the last rank.
    ranks
        Average ranks that were found, ``[treatments]``; by default those of the blocks, which hold only the records
        that all treatments predicted.

    Returns
    -------
    RankIntervals
        NaN where more than half of the replicates are left out.

    Examples
    --------
    >>> label, fold = np.tile([0, 1], 30), np.repeat(np.arange(6), 10)
    >>> block = Block(label, fold, np.arange(60), [label[None] == 1, np.arange(60)[None] % 4 == 1])
    >>> low, high, n_left_out, _ = rank_intervals([block], 200)
    >>> low.tolist(), high.tolist(), n_left_out
    ([1.0, 2.0], [1.0, 2.0], 0)
    """
    n_treatments = len(blocks[0].predicted)
    drawn, places = np.zeros((n_replicates, n_treatments)), np.zeros((n_replicates, 1))
    found_ranks, found_place = np.zeros(n_treatments), np.zeros(1)
    for number, block in enumerate(blocks):
        rng = np.random.default_rng([seed, number])
        for start in range(0, n_replicates, REPLICATES_AT_ONCE):
            rows = slice(start, min(start + REPLICATES_AT_ONCE, n_replicates))
            scores, chance = _mean_f1(block, rows.stop - rows.start, rng)
            drawn[rows] += rank(scores) / len(blocks)
            places[rows, 0] += place_among(chance, scores) / len(blocks)
        scores, chance = _mean_f1(block, 1, None)
        found_ranks += rank(scores[0]) / len(blocks)
        found_place += place_among(chance, scores) / len(blocks)
    low, high = _recentred(found_ranks if ranks is None else ranks, drawn, level, n_treatments)
    low_place, high_place = _recentred(found_place, places, level, n_treatments + 1)
    n_left_out = int(np.isnan(drawn).any(axis=1).sum())
    return RankIntervals(low, high, n_left_out, (float(low_place[0]), float(high_place[0])))


def _recentred(found: Floats, replicates: Floats, level: float, last: int) -> tuple[Floats, Floats]:
    """Percentiles of replicates ``[n, ranks]`` re-centred on what was found; NaN if most of them are undefined."""
    whole = replicates[~np.isnan(replicates).any(axis=1)]
    if 2 * len(whole) < len(replicates):
        return np.full_like(found, np.nan), np.full_like(found, np.nan)
    tail = 50 * (1 - level)
    low, high = np.percentile(whole - whole.mean(axis=0) + found, [tail, 100 - tail], axis=0)
    return np.clip(low, 1, last), np.clip(high, 1, last)


def _mean_f1(block: Block, n: int, rng: np.random.Generator | None) -> tuple[Floats, Floats]:
    """Mean F1 over drawn folds, ``[n, treatments]``, and on shuffled labels, ``[n]``; all folds once without `rng`."""
    patients, patient = np.unique(block.patient, return_inverse=True)
    folds, fold_of_record = np.unique(block.fold, return_inverse=True)
    fold_of_patient = np.empty(len(patients), dtype=np.int64)
    fold_of_patient[patient] = fold_of_record
    members = np.eye(len(folds))[fold_of_record]
    weights = _patient_weights(fold_of_patient, len(folds), n, rng)[:, patient]
    called = [(said, block.label == 1) for said in block.predicted]
    called += [(said, block.chance_label == 1) for said in block.chance_predicted]
    f1 = np.stack([_f1_by_fold(weights, members, said, positive) for said, positive in called], axis=1)
    times = _resample(len(folds), n, rng)[:, None]
    scores, chance = np.split(_mean_of_defined(f1, 2, times), [len(block.predicted)], axis=1)
    return scores, chance.mean(axis=1) if chance.shape[1] else np.full(n, np.nan)


def _f1_by_fold(weights: Floats, members: Floats, said: NDArray[np.bool_], positive: NDArray[np.bool_]) -> Floats:
    """F1 of the weighed records of each fold, mean over a treatment's fits, ``[n, folds]``."""
    hits = weights @ (members * (said & positive)[..., None])
    counted = weights @ (members * (said.astype(np.float64) + positive)[..., None])
    with np.errstate(invalid="ignore"):
        return _mean_of_defined(2 * hits / counted, 0)


def _mean_of_defined(values: Floats, axis: int, times: NDArray[np.int64] | int = 1) -> Floats:
    """Weighted mean of the values that are not NaN."""
    with np.errstate(invalid="ignore"):
        mean: Floats = (np.nan_to_num(values) * times).sum(axis) / (~np.isnan(values) * times).sum(axis)
    return mean


def _resample(number: int, n: int, rng: np.random.Generator | None) -> NDArray[np.int64]:
    """Counts of a resample of a number of things with replacement, ``[n, number]``; all once without `rng`."""
    if rng is None:
        return np.ones((n, number), dtype=np.int64)
    return rng.multinomial(number, np.full(number, 1 / number), size=n)


def _patient_weights(fold: NDArray[np.int64], n_folds: int, n: int, rng: np.random.Generator | None) -> Floats:
    """How often each patient is drawn, ``[n, patients]``; a fold keeps its number of patients."""
    weights = np.empty((n, len(fold)))
    for number in range(n_folds):
        inside = np.flatnonzero(fold == number)
        weights[:, inside] = _resample(len(inside), n, rng)
    return weights
