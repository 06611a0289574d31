"""Separability as a table, and look-ups in it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from ecglens.geometry.verdict import Measured
from ecglens.lenses.separability.rows import GeometryRow
from ecglens.report.frames import where
from ecglens.report.gaps import Grid, read_gaps, unfilled_cells
from ecglens.report.summary import Summary
from ecglens.status import CANNOT_FILL, DONE
from ecglens.study.results import STATE, Results

LEVELS = ("label", "source")
LEVEL_WORDS = {
    "label": "label", "source": "source", "label-within-source": "label within a source",
    "source-within-label": "source within a label", "site": "site", "site-within-source": "site within a source",
    "label-across-sources": "label across sources",
}  # fmt: skip
NATURAL, EQUAL = "natural", "equal"
EMBEDDING = "embedding"
LEADING = (("alignment", "knn_index"), ("label", "knn_rescaled"), ("source", "knn_rescaled"))
"""Level and metric of the main numbers."""


@dataclass(frozen=True)
class Separability:
    """Separability of a run.

    Parameters
    ----------
    table
        All metrics, see `separability_table`.
    projection
        Columns encoder, task, method, record_id, dataset, label, x, y: the UMAP and PCA pictures.
    """

    table: pd.DataFrame
    projection: pd.DataFrame


def read_separability(summary: Summary) -> Separability:
    """Read the geometry of a run, finished or not."""
    projection = where(summary.results.projection, status=DONE).drop(columns=list(STATE))
    return Separability(separability_table(summary.results, summary.grid), projection)


def separability_table(results: Results, grid: Grid) -> pd.DataFrame:
    """All separability metrics of a run.

    An encoder and task that were not measured have a row without value for each of `LEADING`. Numbers of all tasks'
    records together have the empty task.
    """
    columns = [*GeometryRow.columns(), *STATE]
    measured = results.geometry[results.geometry["level"].notna()][columns]
    known = set(zip(measured["encoder"], measured["task"], strict=True))
    reasons = unmeasured(results)
    gaps: list[dict[str, Any]] = []
    for encoder, task in product(grid.encoders, grid.tasks):
        if (encoder, task) in known:
            continue
        gap = read_gaps(results.failures).find("geometry", (encoder, task), encoder, grid.datasets)
        status, reason = (CANNOT_FILL, reasons[encoder, task]) if (encoder, task) in reasons else gap
        place = {"encoder": encoder, "task": task, "stratum": "all", "counts": EQUAL, "status": status}
        gaps += [place | {"level": level, "metric": metric, "reason": reason} for level, metric in LEADING]
    return pd.concat([measured, pd.DataFrame(gaps, columns=columns)], ignore_index=True) if gaps else measured


def unmeasured(results: Results) -> dict[tuple[str, ...], str]:
    """Reasons why separability could not be measured, by encoder and task."""
    whole = results.geometry[results.geometry["level"].isna()]
    return unfilled_cells(whole, ["encoder", "task"])


def leading(separability: pd.DataFrame, level: str, metric: str, counts: str = EQUAL) -> pd.DataFrame:
    """Numbers of one kind of all records of a task, one row per encoder: clusters are those of the embedding."""
    chosen = where(separability, level=level, metric=metric, counts=counts, stratum="all")
    return chosen[chosen["space"].fillna("").isin(["", EMBEDDING])]


def by_alignment(separability: pd.DataFrame, encoders: tuple[str, ...]) -> list[str]:
    """Encoders by alignment index, the highest first; those without one come last, in the order of the study."""
    index = leading(separability, *LEADING[0]).set_index("encoder")["value"].to_dict()
    return sorted(encoders, key=lambda encoder: -np.nan_to_num(index.get(encoder, np.nan), nan=-np.inf))


def leading_measured(separability: pd.DataFrame, level: str) -> Measured:
    """Rescaled kNN on equal counts at one level of one encoder and task, mean over strata; NaN if it is missing."""
    found = where(separability, level=level, metric="knn_rescaled", counts=EQUAL)
    return Measured(*found[["value", "patient_low", "patient_high"]].astype(float).mean())
