"""Separability as a table."""

from __future__ import annotations

from itertools import product
from typing import Any

import pandas as pd

from ecglens.report.gaps import CANNOT_FILL, Grid, read_gaps, unfilled_cells
from ecglens.study.results import Results

LEVELS = ("label", "dataset")
KNN_METRICS = ("knn_raw", "knn_rescaled")
CLUSTER_METRICS = ("ari", "ami")
PLACE = ["encoder", "task", "level", "stratum", "metric"]


def separability_table(results: Results, grid: Grid) -> pd.DataFrame:
    """Separability as mean and standard deviation over k-means seeds.

    Returns
    -------
    DataFrame
        One row per encoder, task, level, stratum and metric: ``mean``, ``sd`` (NaN for neighbours, which have no seed),
        ``n_repeats``, ``n`` records, ``n_classes``; ``status`` and ``reason``.
    """
    measured = results.geometry[results.geometry["level"].notna()]
    aggregated: Any = {
        "mean": ("value", "mean"), "sd": ("value", "std"), "n_repeats": ("value", "size"),
        "n": ("n", "first"), "n_classes": ("n_classes", "first"), "status": ("status", "first"),
        "reason": ("reason", "first"),
    }  # fmt: skip
    table = measured.groupby(PLACE, sort=False, as_index=False).agg(**aggregated)
    known = set(zip(table["encoder"], table["task"], strict=True))
    reasons = unfilled_cells(results.geometry, ["encoder", "task"])
    gaps: list[dict[str, Any]] = []
    for encoder, task in product(grid.encoders, grid.tasks):
        if (encoder, task) in known:
            continue
        gap = read_gaps(results.failures).find("geometry", (encoder, task), encoder, grid.datasets)
        status, reason = (CANNOT_FILL, reasons[encoder, task]) if (encoder, task) in reasons else gap
        for level, metric in product(LEVELS, (*KNN_METRICS, *CLUSTER_METRICS)):
            place = dict(zip(PLACE, (encoder, task, level, "all", metric), strict=True))
            gaps.append(place | {"status": status, "reason": reason})
    return pd.DataFrame([*table.to_dict("records"), *gaps], columns=table.columns)
