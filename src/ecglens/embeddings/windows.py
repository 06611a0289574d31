"""Counts of records that are shorter or longer than an encoder's window."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from ecglens.signals import Recipe, Windows

SLACK = 1e-3
"""Tolerance in seconds by which a record may differ from a whole number of windows."""


def count_windows(records: pd.DataFrame, recipe: Recipe) -> dict[str, int]:
    """Count records by their treatment in a recipe's windows.

    Parameters
    ----------
    records
        Record table with ``n_samples`` and ``fs``.
    recipe
        Recipe of an encoder; a recipe without windows accepts any length.

    Returns
    -------
    dict
        Number of records by treatment, in words, the most frequent first.

    Examples
    --------
    >>> records = pd.DataFrame({"n_samples": [5000, 5000, 2200], "fs": 500.0})
    >>> count_windows(records, Recipe((Windows(5, short="pad"),)))
    {'2 windows': 2, 'filled up with zeros': 1}
    """
    step = next((step for step in recipe.steps if isinstance(step, Windows)), None)
    if step is None:
        return {}
    seconds = records["n_samples"] / records["fs"]
    return dict(Counter(_fate(step, float(length)) for length in seconds).most_common())


def _fate(step: Windows, seconds: float) -> str:
    if seconds < step.seconds - SLACK:
        return "filled up with zeros" if step.short == "pad" else "left out as too short"
    whole = int((seconds + SLACK) // step.seconds)
    n = 1 if step.take == "first" else step.count or whole
    words = "1 window" if n == 1 else f"{n} windows"
    lost = 0.0 if step.count and step.take == "all" else seconds - n * step.seconds
    return f"{words}, {lost:.2g} s not seen" if lost > SLACK else words
