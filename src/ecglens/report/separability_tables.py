"""Tables of separability."""

from __future__ import annotations

from itertools import product
from typing import Any

from ecglens.report.frames import groups, rows, where
from ecglens.report.gaps import DONE
from ecglens.report.separability import LEVELS
from ecglens.report.summary import Summary
from ecglens.report.tables import Cell, Table, gap_cell, number, texts

METRIC_WORDS = {"knn_raw": "kNN", "knn_rescaled": "kNN rescaled", "ari": "ARI", "ami": "AMI"}
LEVEL_WORDS = {
    "label": "label", "dataset": "data set", "label-within-dataset": "label within a data set",
    "dataset-within-label": "data set within a label", "label-across-datasets": "label across data sets",
}  # fmt: skip
STRATUM_WORDS = {
    ("dataset-within-label", "0"): "negatives",
    ("dataset-within-label", "1"): "positives",
    ("label-across-datasets", "all"): "all data sets",
}


def separability_tables(summary: Summary) -> list[Table]:
    """Label level beside data set level, then the strata, task by task."""
    return [make(summary, task) for make in (_separability, _strata) for task in summary.grid.tasks]


def _separability(summary: Summary, task: str) -> Table:
    table = where(summary.separability, task=task)
    table = table[table["level"].isin(LEVELS)]
    most = table[table["level"] == "label"].groupby("metric")["mean"].max().to_dict()
    places = list(product(LEVELS, METRIC_WORDS))
    found = []
    for encoder, part in groups(table, "encoder"):
        cells = {
            (row.level, row.metric): _separability_cell(row, best=row.level == "label" and row.mean == most[row.metric])
            for row in rows(part)
        }
        found.append(texts(encoder, *(cells.get(place, "–") for place in places)))
    geometry = summary.study["geometry"]
    caption = (
        f"kNN: share of the {geometry['k']} nearest neighbours that carry the same label (label) or come from the same "
        "data set (data set), other records of the patient excluded; rescaled: macro-averaged, chance 0, perfect 1. "
        "ARI and AMI: k-means against label or data set, mean ± standard deviation over seeds. Features are taken "
        f"{geometry['space']}. Best: the highest at label level. At data set level a high number means that the "
        "embedding shows the recorder."
    )
    columns = ("encoder", *(f"{LEVEL_WORDS[level]}: {METRIC_WORDS[metric]}" for level, metric in places))
    return Table("separability", summary.heading("Separability", task), columns, tuple(found), caption)


def _strata(summary: Summary, task: str) -> Table:
    table = where(summary.separability, task=task)
    table = table[~table["level"].isin(LEVELS)]
    found = []
    for (encoder, level, stratum), part in groups(table, ["encoder", "level", "stratum"]):
        cells = {row.metric: _separability_cell(row) for row in rows(part)}
        first = next(rows(part))
        name = STRATUM_WORDS.get((level, stratum), stratum)
        metrics = (cells.get(metric, "–") for metric in METRIC_WORDS)
        found.append(texts(encoder, LEVEL_WORDS[level], name, *metrics, number(first.n, 0)))
    columns = ("encoder", "what neighbours share", "among", *METRIC_WORDS.values(), "records")
    title = summary.heading("Separability within data sets, within labels, and across data sets", task)
    caption = "A stratum holds one recorder, or one label; across data sets, neighbours come from other recorders only."
    return Table("separability", title, columns, tuple(found), caption, n_names=3, details=True)


def _separability_cell(row: Any, *, best: bool = False) -> Cell:
    if row.status != DONE:
        return gap_cell(row)
    spread = f" ± {number(row.sd)}" if row.n_repeats > 1 else ""
    return Cell(number(row.mean) + spread, strong=best)
