"""Columns of the results of shortcuts."""

from __future__ import annotations

from ecglens.lens import Row


class ShortcutRow(Row):
    """Prediction of the label of one task in one data set from one fact."""

    dataset: str
    task: str
    drawn: str
    fact: str
    n: int
    n_positive: int
    n_values: int
    value: float
    low: float
    high: float
    p_value: float
    p_holm: float
    detectable: float
