"""How much average ranks move when other folds and other patients had been met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ecglens.stats.ranks import place_among, rank

Floats = NDArray[np.float64]

REPLICATES_AT_ONCE = 100
"""Bounds the memory: weights of so many replicates are held together, ``[100, n]``."""


@dataclass(frozen=True)
class Block:
    """Out-of-fold predictions of all treatments on one data set and task.

    Parameters
    ----------
    label
        0 or 1, ``[n]``.
    fold, patient
        Of each record, ``[n]``; no patient is in two folds.
    predicted
        What each treatment calls positive, boolean ``[draws, n]``: a treatment that was fitted several times scores
        the mean over these.
    chance_label, chance_predicted
        Shuffled labels of the same records, and what treatments that were trained on them call positive, ``[draws, n]``
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
    blocks: Sequence[Block], n_replicates: int = 1000, seed: int = 0, level: float = 0.95
) -> RankIntervals:
    """Percentile interval of every treatment's average rank, by bootstrap over folds and, inside each, patients.

    A replicate draws, in every block, as many folds as there are with replacement and, for each, as many patients as it
    holds with replacement. F1 of a fold is computed from the drawn records, its mean over a treatment's fits and the
    drawn folds gives the ranks, and these are averaged over blocks. A fold without positives, drawn or predicted,
    counts as missing. A replicate in which all drawn folds of a treatment are missing is left out for all treatments.

    Parameters
    ----------
    blocks
        Data sets x tasks, all with the same treatments.
    n_replicates, seed
        Of the bootstrap; every block has random numbers of its own.
    level
        Of the interval.

    Returns
    -------
    RankIntervals
        NaN where more than half of the replicates are left out.

    Examples
    --------
    >>> label, fold = np.tile([0, 1], 30), np.repeat(np.arange(6), 10)
    >>> guess = np.zeros(60, dtype=bool)
    >>> block = Block(label, fold, np.arange(60), [label[None] == 1, np.arange(60)[None] % 4 == 1])
    >>> low, high, n_left_out, _ = rank_intervals([block], 200)
    >>> low.tolist(), high.tolist(), n_left_out
    ([1.0, 2.0], [1.0, 2.0], 0)
    """
    total, placed = np.zeros((n_replicates, len(blocks[0].predicted))), np.zeros(n_replicates)
    for number, block in enumerate(blocks):
        rng = np.random.default_rng([seed, number])
        for start in range(0, n_replicates, REPLICATES_AT_ONCE):
            rows = slice(start, min(start + REPLICATES_AT_ONCE, n_replicates))
            scores, chance = _mean_f1(block, rows.stop - rows.start, rng)
            total[rows] += rank(scores)
            placed[rows] += place_among(chance, scores)
    tail = 50 * (1 - level)
    whole = total[~np.isnan(total).any(axis=1)]
    n_left_out = n_replicates - len(whole)
    if 2 * n_left_out > n_replicates:
        nothing = np.full(total.shape[1], np.nan)
        return RankIntervals(nothing, nothing, n_left_out)
    low, high = np.percentile(whole / len(blocks), [tail, 100 - tail], axis=0)
    known = placed[~np.isnan(placed)] / len(blocks)
    ends = np.percentile(known, [tail, 100 - tail]) if 2 * len(known) >= n_replicates else np.full(2, np.nan)
    return RankIntervals(low, high, n_left_out, (float(ends[0]), float(ends[1])))


def _mean_f1(block: Block, n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Mean F1 over drawn folds, ``[n, treatments]``, and its mean on shuffled labels, ``[n]``."""
    patients, patient = np.unique(block.patient, return_inverse=True)
    folds, fold_of_record = np.unique(block.fold, return_inverse=True)
    fold_of_patient = np.empty(len(patients), dtype=np.int64)
    fold_of_patient[patient] = fold_of_record
    members = np.eye(len(folds))[fold_of_record]
    weights = _patient_weights(fold_of_patient, len(folds), n, rng)[:, patient]
    called = [(said, block.label == 1) for said in block.predicted]
    called += [(said, block.chance_label == 1) for said in block.chance_predicted]
    f1 = np.stack([_f1_by_fold(weights, members, said, positive) for said, positive in called], axis=1)
    drawn = rng.multinomial(len(folds), np.full(len(folds), 1 / len(folds)), size=n)[:, None]
    scores, chance = np.split(_mean_of_defined(f1, 2, drawn), [len(block.predicted)], axis=1)
    return scores, chance.mean(axis=1) if chance.shape[1] else np.full(n, np.nan)


def _f1_by_fold(weights: Floats, members: Floats, said: NDArray[np.bool_], positive: NDArray[np.bool_]) -> Floats:
    """F1 of the weighed records of each fold, mean over a treatment's draws, ``[n, folds]``."""
    hits = weights @ (members * (said & positive)[..., None])
    counted = weights @ (members * (said.astype(np.float64) + positive)[..., None])
    with np.errstate(invalid="ignore"):
        return _mean_of_defined(2 * hits / counted, 0)


def _mean_of_defined(values: Floats, axis: int, times: NDArray[np.int64] | int = 1) -> Floats:
    """Weighted mean of what is not NaN."""
    with np.errstate(invalid="ignore"):
        mean: Floats = (np.nan_to_num(values) * times).sum(axis) / (~np.isnan(values) * times).sum(axis)
    return mean


def _patient_weights(fold: NDArray[np.int64], n_folds: int, n: int, rng: np.random.Generator) -> Floats:
    """How often each patient is drawn, ``[n, patients]``; a fold keeps its number of patients."""
    weights = np.empty((n, len(fold)))
    for number in range(n_folds):
        inside = np.flatnonzero(fold == number)
        weights[:, inside] = rng.multinomial(len(inside), np.full(len(inside), 1 / len(inside)), size=n)
    return weights
