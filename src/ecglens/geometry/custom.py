"""Third-party metrics: value, interval over patients and chance level of a pure function."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError, EcgLensError, printable
from ecglens.geometry.bench import Bench, Moved
from ecglens.geometry.inference.estimate import Row, estimate
from ecglens.geometry.levels import Question
from ecglens.geometry.metrics import GeometryMetric, Part

ROUNDING = 1e-6
"""A value beyond the range of its metric by this much is taken for rounding."""


class CustomMetricError(EcgLensError):
    """A third-party metric failed, or returned a value outside its range."""


def custom_metric(metric: GeometryMetric, bench: Bench, question: Question, moved: Moved) -> list[Row]:
    """One metric at one level: measured again without one group of patients at a time, and for permuted classes.

    Raises
    ------
    CannotFillError
        The metric gives this reason, or NaN.
    CustomMetricError
        The function failed, or a value is out of the range of the metric.
    """
    everything = np.arange(len(question.members))
    whole = _part(bench, question, everything)
    value = _call(metric, whole)
    if np.isnan(value):
        raise CannotFillError(f"{metric.title} is not defined for these records")
    weights = bench.weights[question.members]
    replicates = [_defined(metric, _part(bench, question, np.flatnonzero(kept))) for kept in weights.T]
    null = [_defined(metric, replace(whole, codes=codes.astype(np.int64))) for codes in moved()]
    return [estimate(metric, value, np.array(replicates), np.array(null), quadratic=False)]


def _part(bench: Bench, question: Question, kept: NDArray[np.int64]) -> Part:
    members = question.members[kept]
    return Part(
        coordinates=bench.index.points[members],
        codes=question.values[kept],
        n_classes=len(question.names),
        within=question.within[kept],
        patients=bench.index.patient[members],
        search=cache(lambda: bench.index.among(members, bench.plan.k)),
    )


def _defined(metric: GeometryMetric, part: Part) -> float:
    """Value of a replicate; NaN where it cannot be filled."""
    try:
        return _call(metric, part)
    except CannotFillError:
        return np.nan


def _call(metric: GeometryMetric, part: Part) -> float:
    if metric.measure is None:
        raise CustomMetricError(f"metric '{metric.name}' has no function")
    try:
        value = float(metric.measure(part))
    except CannotFillError:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {printable(error, 200)}"
        raise CustomMetricError(f"metric '{metric.name}' failed: {said}") from error
    if value < metric.low - ROUNDING or value > metric.high + ROUNDING:
        ends = f"{metric.low:g} to {metric.high:g}"
        raise CustomMetricError(f"metric '{metric.name}' gave {value:g}, its range is {ends}")
    return float(np.clip(value, metric.low, metric.high))
