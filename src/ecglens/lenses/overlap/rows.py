"""Columns of the results of feature overlap."""

from __future__ import annotations

from ecglens.lens import Row


class AttributionRow(Row):
    """Mean absolute SHAP value of one feature."""

    encoder: str
    dataset: str
    task: str
    size: str
    labels: str
    probe: str
    feature: int
    value: float
    sd: float
    additivity_error: float


class OverlapRow(Row):
    """A number on the top features of two data sets, or of one data set if ``other`` is the same."""

    encoder: str
    task: str
    size: str
    labels: str
    probe: str
    unit: str
    dataset: str
    other: str
    k: float
    count: float
    repeat: float
    metric: str
    value: float


class ReplicateRow(Row):
    """Mean absolute SHAP value of one feature in one replicate: a fold, a half, or a permutation of labels."""

    encoder: str
    dataset: str
    task: str
    size: str
    labels: str
    probe: str
    kind: str
    repeat: int
    part: int
    feature: int
    value: float
    n: int
