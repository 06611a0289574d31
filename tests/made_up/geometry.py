"""Geometry of a made-up task: quick settings, and one number of a table."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.geometry import GeometryPlan, measure_geometry

FAST = GeometryPlan(repeats=4, permutations=40, bootstraps=40, seeds=2, n_init=3)


def lead(
    table: pd.DataFrame, level: str, metric: str = "knn_rescaled", counts: str = "equal", stratum: str = "all"
) -> Any:
    """The one row of a number in the embedding."""
    chosen = table[(table["level"] == level) & (table["metric"] == metric) & (table["counts"] == counts)]
    chosen = chosen[(chosen["stratum"] == stratum) & chosen["space"].astype(object).fillna("").isin(["", "embedding"])]
    assert len(chosen) == 1
    return chosen.iloc[0]


def measure(
    X: NDArray[Any], labels: Any, sources: Any, plan: GeometryPlan = FAST, patients: NDArray[Any] | None = None
) -> pd.DataFrame:
    """The geometry of one task; by default every record has a patient of its own."""
    patients = np.arange(len(X)) if patients is None else patients
    return measure_geometry(X, {"af": labels}, sources, patients, plan)
