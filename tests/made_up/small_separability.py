"""Separability of two encoders on two data sets, as few rows as a table needs."""

from typing import Any

import pandas as pd
from tests.made_up.small import small_results, stored, summary_of

from ecglens.lenses.separability.rows import GeometryRow, ProjectionRow
from ecglens.lenses.separability.summary import read_separability
from ecglens.report import Summary


def row(encoder: str, level: str, metric: str, value: float, **facts: Any) -> dict[str, Any]:
    """A number of all records of a task on equal counts, with an interval of 0.1 to either side."""
    place = {"encoder": encoder, "task": "af", "level": level, "metric": metric, "value": value, "stratum": "all"}
    ends = {"counts": "equal", "patient_low": value - 0.1, "patient_high": value + 0.1, "n": 600}
    return place | ends | facts


def natural(encoder: str, level: str, metric: str, value: float, **facts: Any) -> dict[str, Any]:
    """A number of all records, with both ends of its null."""
    return row(encoder, level, metric, value, counts="natural", null_low=0.01, null_high=0.05, **facts)


def geometry(*rows: dict[str, Any]) -> pd.DataFrame:
    """Rows of the stage."""
    return stored(GeometryRow, *rows)


def projection(*rows: dict[str, Any]) -> pd.DataFrame:
    """Rows of the pictures."""
    return stored(ProjectionRow, *rows)


def separability_summary(
    *rows: dict[str, Any], study: dict[str, Any] | None = None, points: pd.DataFrame | None = None, **changes: Any
) -> Summary:
    """A summary in which the geometry has these rows."""
    stages = {"geometry": geometry(*rows), "projection": projection() if points is None else points}
    results = small_results(study, **stages | changes)
    return summary_of(read_separability(summary_of(results=results)), results=results)
