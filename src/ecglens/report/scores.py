"""Probe results as means with intervals."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from ecglens.report.frames import groups, rows, where
from ecglens.report.gaps import CANNOT_FILL, DONE, Grid, read_gaps, unfilled_cells
from ecglens.stats import corrected_interval
from ecglens.study.results import Results
from ecglens.study.samples import SHUFFLED, TRUE

PLACE = ["dataset", "task", "size"]
CELL = ["encoder", *PLACE, "labels"]
METRICS = {
    "f1": "F1", "auroc": "AUROC", "auprc": "AUPRC", "balanced_accuracy": "balanced accuracy", "mcc": "MCC",
    "brier": "Brier score", "precision": "precision", "recall": "recall", "f1_tuned": "F1, tuned threshold",
    "threshold_tuned": "tuned threshold", "calibration_slope": "calibration slope", "ece": "calibration error",
}  # fmt: skip
RANGES = {"mcc": (-1.0, 1.0), "calibration_slope": (-np.inf, np.inf)}
"""What values a metric can take where that is not 0 to 1."""

NUMBERS = ["probe", "metric", "mean", "low", "high", "n_folds", "n_undefined", "n_train", "n_test", "n_positive"]


def score_table(probe: pd.DataFrame) -> pd.DataFrame:
    """Mean and 95 % interval over folds of every metric; where a size has several draws, a fold's value is their mean.

    Parameters
    ----------
    probe
        Rows of the probe stage.

    Returns
    -------
    DataFrame
        One row per encoder, data set, task, size, labels, probe and metric: ``mean``; ``low`` and ``high``, corrected
        for the overlap of the training sets and clipped to the metric's range, all three NaN where fewer than half of
        the folds have a value; ``n_folds`` with a value and ``n_undefined`` fits without; ``n_train`` records that a
        fold trains on, ``n_test`` tested in all folds, ``n_positive`` of these positive.
    """
    done = where(probe, status=DONE)
    index = [*CELL, "probe", "draw", "fold", "metric"]
    fits = done.set_index(index)["value"].unstack()  # noqa: PD010 - keeps what is undefined
    found = []
    for key, part in groups(fits, [*CELL, "probe"]):
        folds = part.groupby("fold").mean()
        n_train, n_test = folds["n_train"].mean(), folds["n_test"].mean()
        counts = (n_train, int(folds["n_test"].sum()), int(folds["n_test_positive"].sum()))
        for metric in METRICS:
            mean = corrected_interval(folds[metric], n_train, n_test)
            if 2 * mean.n < len(folds):
                mean = replace(mean, mean=np.nan, low=np.nan, high=np.nan)
            low, high = np.clip([mean.low, mean.high], *RANGES.get(metric, (0.0, 1.0)))
            undefined = int(part[metric].isna().sum())
            found.append((*key, metric, mean.mean, low, high, mean.n, undefined, *counts))
    return pd.DataFrame(found, columns=[*CELL, *NUMBERS])


def f1_table(results: Results, scores: pd.DataFrame, grid: Grid) -> pd.DataFrame:
    """F1 of the best probe of every cell that the study asks for, with true and with shuffled labels.

    The best probe is chosen on shuffled labels in the same way, so that both sides gain equally from choosing.

    Returns
    -------
    DataFrame
        One row per cell: the columns of `score_table`, ``best`` (the highest mean of all encoders with the same data
        set, task and size), ``overlaps_shuffled`` (NA where there is nothing to compare), ``status`` and ``reason``.
    """
    f1 = scores[(scores["metric"] == "f1") & scores["mean"].notna()]
    chosen = f1.loc[f1.groupby(CELL)["mean"].idxmax()]
    table = _expected_cells(grid).merge(chosen, on=CELL, how="left")
    table = pd.concat([table, _gaps(results, table)], axis=1)
    true = table["labels"] == TRUE
    table["best"] = true & (table["mean"] == table.groupby([*PLACE, "labels"])["mean"].transform("max"))
    shuffled = table.loc[~true, ["encoder", *PLACE, "high"]].rename(columns={"high": "chance"})
    chance = table.merge(shuffled, on=["encoder", *PLACE], how="left")["chance"]
    comparable = true & table["low"].notna() & chance.notna()
    table["overlaps_shuffled"] = (table["low"] <= chance).astype("boolean").where(comparable)
    return table


def _expected_cells(grid: Grid) -> pd.DataFrame:
    cells = [
        (encoder, dataset, task, size, labels)
        for task, size, encoder, labels, dataset in product(
            grid.tasks, grid.sizes, grid.encoders, (TRUE, SHUFFLED), grid.datasets
        )
        if labels == TRUE or encoder in grid.shuffled
    ]
    return pd.DataFrame(cells, columns=CELL)


def _gaps(results: Results, table: pd.DataFrame) -> pd.DataFrame:
    """Status and reason of every row of the table."""
    gaps = read_gaps(results.failures)
    unfilled = unfilled_cells(results.probe, CELL)
    found = []
    for row in rows(table):
        key = (row.encoder, row.dataset, row.task, row.size, row.labels)
        if key in unfilled:
            found.append((CANNOT_FILL, unfilled[key]))
        elif pd.isna(row.mean):
            found.append(gaps.find("probe", key, row.encoder, [row.dataset]))
        else:
            found.append((DONE, ""))
    return pd.DataFrame(found, columns=["status", "reason"], index=table.index)
