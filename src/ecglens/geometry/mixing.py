"""How well data sets mix, and how much of the variance is theirs, as rows of a table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.evaluate import Bench, Moved
from ecglens.geometry.inference.estimate import Row, estimate
from ecglens.geometry.levels import Question
from ecglens.geometry.metrics.bras import bras, permuted_bras, weighted_bras
from ecglens.geometry.metrics.lisi import effective_numbers, ilisi, weighted_lisi, weighted_medians
from ecglens.geometry.metrics.partitions import count_pairs, weigh_pairs
from ecglens.geometry.metrics.pc_regression import pc_regression, permuted_pc_regression, weighted_pc_regression
from ecglens.geometry.metrics.source_classifier import balanced_accuracy, patient_folds, predict_linear
from ecglens.geometry.pca import Components, Moments

REFIT = 1.6
"""Variance of the source classifier's score over that of its fixed predictions.

The classifier would be another one of other patients, which widens the interval and the null. In simulations of 60 to
400 records, 8 to 100 features, 2 and 4 data sets, the ratio is 1.1 to 1.75.
"""

LISI_NEIGHBOURS = 90
"""Three times the perplexity that LISI was published with."""


def label_mixing(
    X: NDArray[Any], first: Components, bench: Bench, labels: tuple[Question, Moved], sources: tuple[Question, Moved]
) -> list[Row]:
    """BRAS, and the variance that the label explains; `first` are the components to explain."""
    (label, moved_labels), (source, moved_sources) = labels, sources
    return [
        _row("bras", len(X), source, partial(_bras, X, bench, label.values, source.values, moved_sources)),
        _row("variance_of_label", len(X), label, partial(_variance, first, bench, label.values, moved_labels)),
    ]


def source_mixing(
    X: NDArray[Any], first: Components, moments: Moments, bench: Bench, sources: tuple[Question, Moved]
) -> list[Row]:
    """What can be said of the data sets alone."""
    question, moved = sources
    measures: dict[str, Callable[[], Row]] = {
        "ilisi": partial(_ilisi, bench, question.values, moved),
        "variance_of_dataset": partial(_variance, first, bench, question.values, moved),
        "leakage": partial(_leakage, X, bench, question.values, moments, moved),
    }
    return [_row(metric, len(X), question, measure) for metric, measure in measures.items()]


def _row(metric: str, n: int, asked: Question, measure: Callable[[], Row]) -> Row:
    place = {"level": "mixing", "stratum": "all", "counts": "natural", "n": n, "metric": metric}
    try:
        asked.need_two_values()
        return place | measure() | {"metric": metric, "status": "done", "reason": ""}
    except CannotFillError as error:
        return place | {"value": np.nan, "status": "cannot-fill", "reason": str(error)}


def _bras(X: NDArray[Any], bench: Bench, label: NDArray[np.int64], source: NDArray[np.int64], moved: Moved) -> Row:
    draws = weighted_bras(X, label, source, bench.weights)
    null = permuted_bras(X, label, source, moved())
    return estimate("bras", bras(X, label, source), draws, null, falls=True, quadratic=False)


def _variance(first: Components, bench: Bench, code: NDArray[np.int64], moved: Moved) -> Row:
    value = pc_regression(first, code)
    draws = weighted_pc_regression(first, code, bench.weights)
    return estimate("variance_of_label", value, draws, permuted_pc_regression(first, moved()))


def _ilisi(bench: Bench, source: NDArray[np.int64], moved: Moved) -> Row:
    others = int(source.max())
    nearest = bench.index.nearest(LISI_NEIGHBOURS)
    value = ilisi(nearest, source)
    draws = weighted_medians(weighted_lisi(nearest, source, bench.weights), bench.weights)
    null = np.median(effective_numbers(nearest, moved()), axis=0, overwrite_input=True)
    return estimate("ilisi", value, (draws - 1) / others, (null - 1) / others, falls=True)


def _leakage(X: NDArray[Any], bench: Bench, source: NDArray[np.int64], moments: Moments, moved: Moved) -> Row:
    found = predict_linear(X, source, patient_folds(source, bench.index.patient, seed=bench.plan.seed), moments)
    shape = (int(source.max()) + 1,) * 2
    value = balanced_accuracy(count_pairs(found[None], source, shape))[0]
    draws = balanced_accuracy(weigh_pairs(found, source, bench.weights, shape))
    draws = value + np.sqrt(REFIT) * (draws - value)
    # The records' data sets change places, what they were taken for stays: the classifier is not fitted again.
    null = balanced_accuracy(np.swapaxes(count_pairs(moved(), found, shape), 1, 2))
    if len(null):
        null = np.clip(null.mean() + np.sqrt(REFIT) * (null - null.mean()), 0, 1)
    return estimate("leakage", value, draws, null, quadratic=False)
