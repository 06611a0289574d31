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
    """A number about the most important features of two data sets; inside one where ``other`` is the same."""

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
    """Mean absolute SHAP value of one feature in one repetition: of a fold, a half, or under permuted labels."""

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
