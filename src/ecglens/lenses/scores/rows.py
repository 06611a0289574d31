"""Columns of the results of scores."""

from __future__ import annotations

from ecglens.lens import Row


class ProbeRow(Row):
    """A metric of one fit: one fold of one probe."""

    encoder: str
    dataset: str
    task: str
    size: str
    labels: str
    probe: str
    draw: int
    repeat: int
    fold: int
    metric: str
    value: float


class PredictionRow(Row):
    """The probability that a fit gives a held-out record."""

    encoder: str
    dataset: str
    task: str
    size: str
    labels: str
    probe: str
    draw: int
    repeat: int
    record_id: str
    patient_id: str
    fold: int
    label: int
    probability: float


class ComparisonRow(Row):
    """A number that compares encoders; ``statistic`` says which."""

    statistic: str
    task: str
    dataset: str
    size: str
    encoder: str
    other: str
    probe: str
    value: float
    low: float
    high: float
    sd: float
    p_value: float
    p_holm: float
    detectable: float
    worse: float
    equal: float
    better: float
    n: int
    n_records: float
