"""Scores of two encoders on two data sets, as few numbers as a table needs."""

from typing import Any

import pandas as pd
from tests.made_up.small import GRID

from ecglens.lenses.scores.means import CELL
from ecglens.lenses.scores.nested import NESTED
from ecglens.lenses.scores.ranking import rank_encoders
from ecglens.lenses.scores.rows import ComparisonRow
from ecglens.lenses.scores.summary import Scores
from ecglens.probes.metrics import METRICS
from ecglens.report.gaps import Grid
from ecglens.study.results import cell_frame


def row(statistic: str, encoder: str = "", dataset: str = "", **numbers: Any) -> dict[str, Any]:
    """A row of the comparison stage."""
    place = {"encoder": encoder, "dataset": dataset, "task": "af" if dataset else "", "size": "S", "probe": "mlp"}
    return place | {"statistic": statistic} | numbers


RANKS = (
    row("rank", "features", value=1.25, low=1.0, high=1.5),
    row("rank", "conv", value=1.75, low=1.5, high=2.0),
    row("score", "features", "here", value=0.8),
    row("score", "conv", "here", value=0.7),
)
"""The encoder that the study names last is best."""


def cell_rows(**facts: Any) -> list[dict[str, Any]]:
    """Nested F1 of every cell of the grid, under true labels; conv under shuffled ones, too."""
    found = []
    for size in GRID.sizes:
        for encoder, labels in (("conv", "true"), ("conv", "shuffled"), ("features", "true")):
            for dataset in GRID.datasets:
                mean = (0.5 if labels == "shuffled" else 0.7) + 0.01 * GRID.datasets.index(dataset)
                place = dict(zip(CELL, (encoder, dataset, "af", size, labels), strict=True))
                numbers = {"mean": mean, "low": mean - 0.1, "high": mean + 0.1, "n_folds": 5, "n_undefined": 0}
                counts = {"n_train": 200.0, "n_test": 250, "n_positive": 100}
                found.append(place | {"probe": NESTED, "chosen": "mlp"} | numbers | counts | facts)
    return found


def f1_of(cells: list[dict[str, Any]]) -> pd.DataFrame:
    """The table of F1; a cell may bring other columns."""
    beside = {"best_probe": "xgboost", "best_mean": 0.82, "fixed_probe": "mlp", "fixed_mean": 0.65}
    rest = {"metric": "f1", "best": False, "overlaps_shuffled": pd.NA, "status": "done", "reason": ""}
    return pd.DataFrame([beside | rest | cell for cell in cells])


def scores_of(*comparison: dict[str, Any], f1: pd.DataFrame | None = None, grid: Grid = GRID, **fields: Any) -> Scores:
    """What the lens found: rows of the comparison after `RANKS`, and a table of F1."""
    ranking = rank_encoders(cell_frame(ComparisonRow, {}, pd.DataFrame([*RANKS, *comparison])), grid)
    table = f1_of(cell_rows()) if f1 is None else f1
    nested = [table.assign(metric=metric) for metric in METRICS]
    return Scores(fields.get("scores", pd.concat(nested)), table, ranking, fields.get("verdicts", ()))
