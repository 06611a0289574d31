"""Feature overlap of two encoders on three data sets, as few rows as a table needs."""

from itertools import combinations
from typing import Any

import pandas as pd
from tests.made_up.small import small_results, summary_of

from ecglens.lenses.overlap.rows import AttributionRow, OverlapRow
from ecglens.lenses.overlap.summary import Portability, read_overlap
from ecglens.lenses.scores.rows import ProbeRow
from ecglens.report import Summary
from ecglens.report.gaps import Grid
from ecglens.study.results import Results, cell_frame

DATASETS = ("a", "b", "c")
GRID = Grid(DATASETS, ("conv", "features"), ("af",), ("S",), ("conv",))
PLACE = {"task": "af", "size": "S"}
DIM = 200
F1 = {("conv", "mlp"): (0.75, 0.5, 0.25), ("conv", "tree"): (0.5, 0.25, 0.75), ("features", "mlp"): (0.75, 0.5, 0.5)}
"""By encoder and probe, over data sets: both probes of conv have the same mean, the first by name is taken."""

Rows = list[dict[str, Any]]


def probe_rows(f1: dict[tuple[str, str], tuple[float, ...]] = F1) -> pd.DataFrame:
    rows = [
        {"encoder": encoder, "probe": probe, "dataset": dataset, "labels": "true", "metric": "f1", "value": value}
        for (encoder, probe), values in f1.items()
        for dataset, value in zip(DATASETS, values, strict=True)
    ]
    return cell_frame(ProbeRow, PLACE, pd.DataFrame(rows))


def attribution_rows(error: float = 1e-6) -> pd.DataFrame:
    rows = [
        {"encoder": encoder, "probe": probe, "dataset": dataset, "labels": "true", "additivity_error": error}
        for encoder, probe in F1
        for dataset in DATASETS
    ]
    return cell_frame(AttributionRow, PLACE, pd.DataFrame(rows))


def between(share: float, encoder: str = "conv", probe: str = "mlp", labels: str = "true", **facts: Any) -> Rows:
    """Every pair of data sets, each metric at the top 20; `facts` are further metrics."""
    numbers = {"share": share, "chance": 20 / DIM, "most": 1.0, "ceiling": 0.9, "corrected": share / 0.9} | facts
    place = {"encoder": encoder, "probe": probe, "labels": labels, "unit": "feature"}
    return [
        place | {"dataset": a, "other": b, "k": 20, "metric": metric, "value": value}
        for a, b in combinations(DATASETS, 2)
        for metric, value in numbers.items()
    ]


def at(shares: dict[int, float], encoder: str = "conv", probe: str = "mlp", labels: str = "true") -> Rows:
    """Share and chance of every pair at several cut-offs."""
    return [
        row | {"k": k, "value": share if row["metric"] == "share" else k / DIM}
        for k, share in shares.items()
        for row in between(share, encoder, probe, labels)
        if row["metric"] in {"share", "chance"}
    ]


def inside(metric: str, values: dict[int, float], encoder: str = "conv", probe: str = "mlp", **facts: Any) -> Rows:
    """One metric inside every data set, by repeat, or by count of fits where the metric is one of growth."""
    place = {"encoder": encoder, "probe": probe, "labels": "true", "unit": "feature", "metric": metric, "k": 20}
    by = "count" if metric.startswith("growth") else "repeat"
    return [
        place | {"dataset": name, "other": name, by: number, "value": value} | facts
        for name in DATASETS
        for number, value in values.items()
    ]


def overlap_results(rows: Rows, study: dict[str, Any] | None = None, **changes: Any) -> Results:
    """Results whose stage of overlap has these rows."""
    stages = {
        "probe": probe_rows(),
        "attribution": attribution_rows(),
        "overlap": cell_frame(OverlapRow, PLACE, pd.DataFrame(rows, columns=[*OverlapRow.columns()])),
    }
    return small_results(study, **stages | changes)


def overlap_of(rows: Rows, grid: Grid = GRID, **changes: Any) -> Portability:
    """What the lens finds in these rows."""
    return read_overlap(summary_of(grid=grid, results=overlap_results(rows, **changes)))


def overlap_summary(*found: Any, rows: Rows, **changes: Any) -> Summary:
    """A summary of these rows, and of what other lenses found."""
    results = overlap_results(rows, **changes)
    return summary_of(read_overlap(summary_of(grid=GRID, results=results)), *found, grid=GRID, results=results)
