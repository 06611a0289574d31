"""Prediction of the label from one fact about a record, such as its site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.sampling import deal_folds

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

N_FOLDS = 5
N_LABELLINGS = 1999
"""Random labellings behind a p-value, whose smallest value is 1 / 2000."""

MOST_VALUES = 10
"""A number with more values than this is cut at its deciles."""

LEVEL = 0.05
Z_INTERVAL, Z_POWER = 1.959964, 0.841621
"""Normal quantiles at 97.5 % and at a power of 80 %."""


@dataclass(frozen=True)
class Prediction:
    """Balanced accuracy of the label, predicted from one fact about a record.

    Parameters
    ----------
    value
        Cross-validated; 0.5 is chance, 1 is perfect.
    low, high
        95 % confidence interval.
    p_value
        Share of random labellings that reach `value`, one-sided, the observed one counted in.
    detectable
        Smallest balanced accuracy that is found in four of five such samples.
    n, n_values
        Records, and different values of the fact.
    """

    value: float
    low: float
    high: float
    p_value: float
    detectable: float
    n: int
    n_values: int


def predict_label(
    label: NDArray[Any], fact: NDArray[Any], seed: int = 0, level: float = LEVEL, n_labellings: int = N_LABELLINGS
) -> Prediction | None:
    """Predict the label from a fact: positive where the value is more common among the positives of the other folds.

    Parameters
    ----------
    label
        0 or 1, ``[n]``, of independent records: one a patient.
    fact
        Codes of the fact's values, ``[n]``.
    seed
        Random seed of the folds and of the labellings.
    level
        Level of the test that `detectable` refers to; below 0.05 where several facts are tested.
    n_labellings
        Random labellings behind the p-value.

    Returns
    -------
    Prediction or None
        None if there is one value only, or fewer than two records of a class.

    Notes
    -----
    Folds are stratified by label. Under the null hypothesis labels are exchangeable inside a fold, so that positives
    per value are multivariate hypergeometric and the p-value is exact. The interval joins Wilson's intervals of the two
    classes' recall (Newcombe 1998, Statistics in Medicine 17:873), so that it stays inside 0 and 1, and has a width
    where all records are predicted correctly.

    Examples
    --------
    >>> found = predict_label(np.tile([0, 1], 50), np.tile([0, 1], 50))
    >>> found.value, round(found.low, 2), found.p_value
    (1.0, 0.95, 0.0005)
    """
    values, code = np.unique(fact, return_inverse=True)
    n_positive = int(np.sum(label == 1))
    n_folds = min(N_FOLDS, n_positive, len(label) - n_positive)
    if len(values) < 2 or n_folds < 2:
        return None
    rng = np.random.default_rng(seed)
    held, positive = _count(label, code, deal_folds(label, n_folds, rng))
    hits = _hits(positive[None], held)[0]
    null = _hits(_labellings(positive, held, n_labellings, rng), held).mean(axis=1)
    value = float(hits.mean())
    sizes = np.array([n_positive, len(label) - n_positive])
    low, high = _interval(hits, sizes)
    share = min(0.5, 1 - np.bincount(code).max() / len(code))
    error = np.sqrt(share * (1 - share) * (1 / sizes).sum()) / 2
    return Prediction(
        value=value,
        low=low,
        high=high,
        p_value=float((1 + np.sum(null >= value - 1e-12)) / (1 + n_labellings)),
        detectable=float(min(1, np.quantile(null, 1 - level, method="higher") + Z_POWER * error)),
        n=len(label),
        n_values=len(values),
    )


def cut(numbers: NDArray[Any]) -> Ints:
    """Codes of numbers: their values, or deciles where there are more than `MOST_VALUES`; NaN has a code of its own.

    Examples
    --------
    >>> cut(np.array([10.0, 5.0, np.nan, 10.0])).tolist(), np.bincount(cut(np.arange(100.0))).tolist()
    ([1, 0, 2, 1], [10, 10, 10, 10, 10, 10, 10, 10, 10, 10])
    """
    values = np.unique(numbers)
    known = values[~np.isnan(values)]
    if len(known) > MOST_VALUES:
        known = np.unique(np.nanquantile(numbers, np.arange(MOST_VALUES) / MOST_VALUES, method="higher"))
    code = np.searchsorted(known, numbers, side="right") - 1
    return np.where(np.isnan(numbers), len(known), code)


def _count(label: NDArray[Any], code: Ints, fold: Ints) -> tuple[Ints, Ints]:
    """Records, and positive ones, of each fold and value, ``[folds, values]``."""
    shape = (int(fold.max()) + 1, int(code.max()) + 1)
    place = fold * shape[1] + code
    held, positive = (np.bincount(place[chosen], minlength=shape[0] * shape[1]) for chosen in (label >= 0, label == 1))
    return held.reshape(shape), positive.reshape(shape)


def _labellings(positive: Ints, held: Ints, n: int, rng: np.random.Generator) -> Ints:
    """Positives of each fold and value if labels are random inside each fold, ``[n, folds, values]``."""
    parts = [
        rng.multivariate_hypergeometric(all_, int(some.sum()), size=n, method="marginals")
        for all_, some in zip(held, positive, strict=True)
    ]
    return np.stack(parts, axis=1)


def _hits(positive: Ints, held: Ints) -> Floats:
    """Recall of positives and of negatives, ``[labellings, 2]``; a value that is as common in both counts as half."""
    negative = held - positive
    learnt, against = (part.sum(axis=1, keepdims=True) - part for part in (positive, negative))
    n_learnt, n_against = (part.sum(axis=2, keepdims=True) for part in (learnt, against))
    called = (1 + np.sign(learnt * n_against - against * n_learnt)) / 2
    right = [(positive * called).sum(axis=(1, 2)), (negative * (1 - called)).sum(axis=(1, 2))]
    n = [part.sum(axis=(1, 2)) for part in (positive, negative)]
    return np.asarray(np.stack(right, axis=1) / np.stack(n, axis=1), dtype=np.float64)


def _interval(recall: Floats, n: Ints) -> tuple[float, float]:
    """Interval of the mean of two independent shares from Wilson's interval of each."""
    z2 = Z_INTERVAL**2
    middle = (recall + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_INTERVAL * np.sqrt(recall * (1 - recall) / n + z2 / (4 * n**2)) / (1 + z2 / n)
    below, above = recall - (middle - half), middle + half - recall
    value = recall.mean()
    return float(value - np.hypot(*below) / 2), float(value + np.hypot(*above) / 2)
