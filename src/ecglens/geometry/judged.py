"""A number with its interval and its chance level, as a row of a table."""

from __future__ import annotations

from typing import Any

import numpy as np

from ecglens.geometry.resampling import Floats, read_null

Row = dict[str, Any]
"""Columns of `ecglens.geometry.measure_geometry`, and the arrays that they come from: ``draws`` and ``null``."""


def judge(metric: str, value: float, draws: Floats, null: Floats, *, falls: bool = False) -> Row:
    """A number as a row.

    Parameters
    ----------
    metric, value
        What it is.
    draws
        The same for patients drawn anew; NaN where it is undefined. Empty: no interval.
    null
        The same under permutation. Empty: no chance level.
    falls
        Whether structure makes it smaller, as it does with measures of mixing.

    Examples
    --------
    >>> row = judge("ari", 0.5, np.linspace(0.4, 0.6, 41), np.zeros(99))
    >>> {name: round(number, 3) for name, number in row.items() if isinstance(number, float)}
    {'value': 0.5, 'patient_low': 0.405, 'patient_high': 0.595, 'null_mean': 0.0, 'null_low': 0.0, 'null_high': 0.0, \
'p_value': 0.01}
    """
    row: Row = {"metric": metric, "value": float(value), "draws": draws, "null": null}
    if len(draws):
        row |= interval("patient_low", "patient_high", draws)
    if len(null):
        chance = read_null(value, null, falls=falls)
        row |= {"null_mean": chance.mean, "null_low": chance.low, "null_high": chance.high, "p_value": chance.p_value}
    return row


def averaged(row: Row, values: Floats, over: str) -> Row:
    """A row whose value is the mean of some: their spread, and the values themselves."""
    facts = {"n_repeats": len(values), "spread_over": over, "repeats": np.asarray(values).tolist()}
    return row | facts | interval("low", "high", values)


def interval(low: str, high: str, values: Floats) -> Row:
    """The central 95 % of values, under two names."""
    defined = values[~np.isnan(values)]
    ends = np.quantile(defined, [0.025, 0.975]) if len(defined) else (np.nan, np.nan)
    return {low: float(ends[0]), high: float(ends[1])}
