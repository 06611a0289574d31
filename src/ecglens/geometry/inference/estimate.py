"""A number with its range, its interval and its chance level, as a row of a table."""

from __future__ import annotations

from typing import Any

import numpy as np

from ecglens.geometry.inference.resampling import Floats, read_null

Row = dict[str, Any]
"""Columns of `ecglens.geometry.measure_geometry`, and what they come from: ``range``, ``draws`` and ``null``."""

Range = tuple[float, float]

RANGES: dict[str, Range] = {
    "knn_raw": (0, 1),
    "knn_macro": (0, 1),
    "knn_class": (0, 1),
    # Its lower end is `ecglens.geometry.purity.Purity.lowest`, or -1: what lies farther below chance tells no more.
    "knn_rescaled": (-1, 1),
    # Chacón and Rastrojo (2023), Minimum adjusted Rand index for two clusterings of a given size.
    "ari": (-0.5, 1),
    "ami": (-1, 1),
    "v_measure": (0, 1),
    "ilisi": (0, 1),
    "bras": (0, 1),
    "variance_of_label": (0, 1),
    "variance_of_dataset": (0, 1),
    "leakage": (0, 1),
    "trustworthiness": (0, 1),
    "continuity": (0, 1),
}
"""Least and most that each number can be, by its name in the table; of ``knn_class:af``, by the part before the colon.

The alignment indices are differences of two numbers, and so are their ranges.
"""


def estimate(
    metric: str,
    value: float,
    draws: Floats,
    null: Floats,
    *,
    falls: bool = False,
    within: Range | None = None,
    quadratic: bool = True,
) -> Row:
    """A number as a row.

    Parameters
    ----------
    metric, value
        Its name and value.
    draws
        The number with one group of patients left out, for each group; NaN where it is undefined. Empty: no interval.
    null
        The number under permutation. Empty: no chance level.
    falls
        Whether structure makes it smaller, as it does with measures of mixing.
    within
        Its range, where that depends on the data.
    quadratic
        Whether it is quadratic in the labels where there is no structure; see `patient_interval`.

    Examples
    --------
    >>> row = estimate("ari", 0.5, np.linspace(0.49, 0.51, 41), np.zeros(99))
    >>> {name: round(number, 3) for name, number in row.items() if isinstance(number, float)}
    {'value': 0.5, 'patient_low': 0.424, 'patient_high': 0.576, 'null_mean': 0.0, 'null_low': 0.0, 'null_high': 0.0, \
'p_value': 0.01}
    """
    within = within or RANGES[metric.partition(":")[0]]
    row: Row = {"metric": metric, "value": float(value), "range": within, "draws": draws, "null": null}
    if len(draws):
        low, high = patient_interval(value, draws, null if quadratic else null[:0], within)
        row |= {"patient_low": low, "patient_high": high}
    if len(null):
        chance = read_null(value, null, falls=falls)
        row |= {"null_mean": chance.mean, "null_low": chance.low, "null_high": chance.high, "p_value": chance.p_value}
    return row


def patient_interval(value: float, draws: Floats, null: Floats, within: Range) -> Range:
    """Delete-a-group jackknife interval of 95 %, cut to the range of the number.

    Where there is no structure, agreement is a quadratic form in the labels, whose variance the jackknife doubles
    (Efron and Stein 1981, The jackknife estimate of variance). What it adds is the variance under permutation, less
    the nearer the value is to perfect; it is taken off, and is the least that is left.

    Parameters
    ----------
    value, draws, null
        As in `estimate`.
    within
        Range of the number.

    Returns
    -------
    tuple
        Ends of the interval, which holds the value; NaN where fewer than two of `draws` are defined.

    Examples
    --------
    >>> patient_interval(0.9, np.array([0.85, 0.9, 0.95]), np.empty(0), (-1, 1))
    (0.651..., 1)
    """
    from scipy.stats import t

    defined = draws[~np.isnan(draws)]
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
