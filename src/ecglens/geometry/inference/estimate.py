"""Estimates: a value with its range, interval and chance level, as a row of a table."""

from __future__ import annotations

from typing import Any

import numpy as np

from ecglens.geometry.inference.resampling import Floats, read_null
from ecglens.metric import Metric

Row = dict[str, Any]
"""Columns of `ecglens.geometry.measure_geometry`, and what they come from: ``range``, ``replicates``, ``null``."""

Range = tuple[float, float]


def estimate(
    metric: Metric,
    value: float,
    replicates: Floats,
    null: Floats,
    *,
    within: Range | None = None,
    quadratic: bool = True,
) -> Row:
    """A number as a row.

    Parameters
    ----------
    metric, value
        Its words, of which name, range and direction count, and its value.
    replicates
        The number with one group of patients left out, for each group; NaN where it is undefined. Empty: no interval.
    null
        The number under permutation. Empty: no chance level.
    within
        Its range, if that depends on the data.
    quadratic
        Whether it is quadratic in the labels where there is no structure; see `patient_interval`.

    Examples
    --------
    >>> row = estimate(Metric(name="ari", title="", symbol=""), 0.5, np.linspace(0.49, 0.51, 41), np.zeros(99))
    >>> {name: round(number, 3) for name, number in row.items() if isinstance(number, float)}
    {'value': 0.5, 'patient_low': 0.424, 'patient_high': 0.576, 'null_mean': 0.0, 'null_low': 0.0, 'null_high': 0.0, \
'p_value': 0.01}
    """
    within = within or (metric.low, metric.high)
    row: Row = {"metric": metric.name, "value": float(value), "range": within, "replicates": replicates, "null": null}
    if len(replicates):
        low, high = patient_interval(value, replicates, null if quadratic else null[:0], within)
        row |= {"patient_low": low, "patient_high": high}
    if len(null):
        chance = read_null(value, null, falls=metric.falls)
        row |= {"null_mean": chance.mean, "null_low": chance.low, "null_high": chance.high, "p_value": chance.p_value}
    return row


def patient_interval(value: float, replicates: Floats, null: Floats, within: Range) -> Range:
    """Delete-a-group jackknife interval of 95 %, clipped to the range of the metric.

    Where there is no structure, agreement is a quadratic form in the labels, whose variance the jackknife doubles
    (Efron and Stein 1981, The jackknife estimate of variance). What it adds is the variance under permutation, less
    the nearer the value is to perfect; it is taken off, and is the least that is left.

    Parameters
    ----------
    value, replicates, null
        As in `estimate`.
    within
        Range of the number.

    Returns
    -------
    tuple
        Ends of the interval, which holds the value; NaN where fewer than two of `replicates` are defined.

    Examples
    --------
    >>> patient_interval(0.9, np.array([0.85, 0.9, 0.95]), np.empty(0), (-1, 1))
    (0.651..., 1)
    """
    from scipy.stats import t

    defined = replicates[~np.isnan(replicates)]
    if len(defined) < 2:
        return np.nan, np.nan
    variance = (len(defined) - 1) * np.var(defined)
    chance = null[~np.isnan(null)]
    if len(chance):
        room = (within[1] - value) / max(within[1] - chance.mean(), 1e-9)
        by_chance = np.var(chance) * np.clip(room, 0, 1) ** 2
        variance = max(by_chance, variance - by_chance)
    half = float(t.ppf(0.975, len(defined) - 1) * np.sqrt(variance))
    return min(value, max(within[0], value - half)), max(value, min(within[1], value + half))


def averaged(row: Row, values: Floats, over: str) -> Row:
    """A row whose value is the mean of some: their spread, and the values themselves."""
    facts = {"n_repeats": len(values), "spread_over": over, "repeats": np.asarray(values).tolist()}
    return row | facts | interval("low", "high", values)


def interval(low: str, high: str, values: Floats) -> Row:
    """The central 95 % of values, under two names."""
    defined = values[~np.isnan(values)]
    ends = np.quantile(defined, [0.025, 0.975]) if len(defined) else (np.nan, np.nan)
    return {low: float(ends[0]), high: float(ends[1])}
