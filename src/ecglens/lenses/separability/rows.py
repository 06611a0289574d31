"""Columns of the results of separability."""

from __future__ import annotations

from ecglens.lens import Row


class GeometryRow(Row):
    """A metric as returned by `ecglens.geometry.measure_geometry`."""

    encoder: str
    task: str
    level: str
    stratum: str
    counts: str
    space: str
    metric: str
    value: float
    low: float
    high: float
    spread_over: str
    patient_low: float
    patient_high: float
    null_mean: float
    null_low: float
    null_high: float
    p_value: float
    n: float
    n_classes: float
    n_repeats: float


class ProjectionRow(Row):
    """Coordinates of a record in a projection."""

    encoder: str
    task: str
    method: str
    record_id: str
    dataset: str
    label: int
    x: float
    y: float


class ResampleRow(Row):
    """Value of one subsample or clustering."""

    encoder: str
    task: str
    level: str
    stratum: str
    counts: str
    space: str
    metric: str
    repeat: int
    value: float


class NeighbourhoodRow(Row):
    """Share of a record's neighbours with its label, and from its data set."""

    encoder: str
    task: str
    dataset: str
    record_id: str
    patient_id: str
    label: int
    same_label: float
    same_source: float
