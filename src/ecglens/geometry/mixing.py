"""Metrics of mixing and of explained variance, as rows of a table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.bench import Bench, Moved
from ecglens.geometry.inference.estimate import Row, estimate
from ecglens.geometry.levels import Question
from ecglens.geometry.metrics.bras import BRAS, bras, permuted_bras, weighted_bras
from ecglens.geometry.metrics.lisi import ILISI, effective_numbers, ilisi, weighted_lisi, weighted_medians
from ecglens.geometry.metrics.partitions import count_pairs, weigh_pairs
from ecglens.geometry.metrics.pc_regression import (
    PC_REGRESSION_DATASET,
    PC_REGRESSION_LABEL,
    pc_regression,
    permuted_pc_regression,
    weighted_pc_regression,
)
from ecglens.geometry.metrics.source_classifier import (
    SOURCE_CLASSIFIER,
    balanced_accuracy,
    patient_folds,
    predict_linear,
)
from ecglens.metric import Metric
from ecglens.status import CANNOT_FILL, DONE

REFIT = 1.6
"""Variance of the source classifier's score over that of its fixed predictions.

The classifier would be another one of other patients, which widens the interval and the null. In simulations of 60 to
400 records, 8 to 100 features, 2 and 4 data sets, the ratio is 1.1 to 1.75.
"""

Measures = dict[str, tuple[Metric, Question, Callable[[], Row]]]

COMPONENTS = 50
"""Principal components whose variance is explained."""

LISI_NEIGHBOURS = 90
"""Three times the perplexity that LISI was published with."""


def label_mixing(bench: Bench, labels: tuple[Question, Moved], sources: tuple[Question, Moved]) -> list[Row]:
    """BRAS, and the variance that the label explains."""
    (label, moved_labels), (source, moved_sources) = labels, sources
    by_label = partial(_variance, PC_REGRESSION_LABEL, bench, label.values, moved_labels)
    measures: Measures = {
        "bras": (BRAS, source, partial(_bras, bench, label.values, source.values, moved_sources)),
        "pc_regression": (PC_REGRESSION_LABEL, label, by_label),
    }
    return [_row(*measure) for name, measure in measures.items() if name in bench.plan.metrics]


def source_mixing(bench: Bench, sources: tuple[Question, Moved]) -> list[Row]:
    """Metrics of the data sets without labels."""
    question, moved = sources
    by_source = partial(_variance, PC_REGRESSION_DATASET, bench, question.values, moved)
    measures: Measures = {
        "ilisi": (ILISI, question, partial(_ilisi, bench, question.values, moved)),
        "pc_regression": (PC_REGRESSION_DATASET, question, by_source),
        "source_classifier": (SOURCE_CLASSIFIER, question, partial(_classifier, bench, question.values, moved)),
    }
    return [_row(*measure) for name, measure in measures.items() if name in bench.plan.metrics]


def _row(metric: Metric, asked: Question, measure: Callable[[], Row]) -> Row:
    place = {"level": "mixing", "stratum": "all", "counts": "natural", "n": len(asked.values), "metric": metric.name}
    try:
        asked.need_two_values()
        return place | measure() | {"status": DONE, "reason": ""}
    except CannotFillError as error:
        return place | {"value": np.nan, "status": CANNOT_FILL, "reason": str(error)}


def _bras(bench: Bench, label: NDArray[np.int64], source: NDArray[np.int64], moved: Moved) -> Row:
    X = bench.index.points
    replicates = weighted_bras(X, label, source, bench.weights)
    null = permuted_bras(X, label, source, moved())
    return estimate(BRAS, bras(X, label, source), replicates, null, quadratic=False)


def _variance(metric: Metric, bench: Bench, code: NDArray[np.int64], moved: Moved) -> Row:
    first = bench.spaces["embedding"].first(COMPONENTS)
    value = pc_regression(first, code)
    replicates = weighted_pc_regression(first, code, bench.weights)
    return estimate(metric, value, replicates, permuted_pc_regression(first, moved()))


def _ilisi(bench: Bench, source: NDArray[np.int64], moved: Moved) -> Row:
    others = int(source.max())
    nearest = bench.index.nearest(LISI_NEIGHBOURS)
    value = ilisi(nearest, source)
    replicates = weighted_medians(weighted_lisi(nearest, source, bench.weights), bench.weights)
    null = np.median(effective_numbers(nearest, moved()), axis=0, overwrite_input=True)
    return estimate(ILISI, value, (replicates - 1) / others, (null - 1) / others)


def _classifier(bench: Bench, source: NDArray[np.int64], moved: Moved) -> Row:
    folds = patient_folds(source, bench.index.patient, seed=bench.plan.seed)
    found = predict_linear(bench.index.points, source, folds, bench.moments)
    shape = (int(source.max()) + 1,) * 2
    value = balanced_accuracy(count_pairs(found[None], source, shape))[0]
    replicates = balanced_accuracy(weigh_pairs(found, source, bench.weights, shape))
    replicates = value + np.sqrt(REFIT) * (replicates - value)
    # The records' data sets change places, what they were taken for stays: the classifier is not fitted again.
    null = balanced_accuracy(np.swapaxes(count_pairs(moved(), found, shape), 1, 2))
    if len(null):
        null = np.clip(null.mean() + np.sqrt(REFIT) * (null - null.mean()), 0, 1)
    return estimate(SOURCE_CLASSIFIER, value, replicates, null, quadratic=False)
