"""Probe results as means with intervals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from ecglens.lenses.scores.nested import NESTED, fixed_probe, nested_fits
from ecglens.probes.metrics import METRICS
from ecglens.report.frames import groups, rows, where
from ecglens.report.gaps import Grid, read_gaps, unfilled_cells
from ecglens.stats import corrected_interval
from ecglens.status import CANNOT_FILL, DONE
from ecglens.study.draws import SHUFFLED, TRUE
from ecglens.study.results import Results

PLACE = ["dataset", "task", "size"]
CELL = ["encoder", *PLACE, "labels"]
NUMBERS = [
    "probe", "chosen", "metric", "mean", "low", "high", "n_folds", "n_undefined", "n_train", "n_test", "n_positive",
]  # fmt: skip
BESIDE = ["probe", "mean", "low", "high"]
"""Columns of the best and of the fixed probe shown with the F1 of a cell."""


def score_table(probe: pd.DataFrame) -> pd.DataFrame:
    """Mean and 95 % interval over folds of every metric; the value of a fold is its mean over draws.

    Parameters
    ----------
    probe
        Rows of the probe stage.

    Returns
    -------
    DataFrame
        One row per encoder, data set, task, size, labels, probe and metric; in further rows ``probe`` is
        `ecglens.lenses.scores.nested.NESTED`, and every fold has the probe that is best on the other folds.
        ``chosen``, the probe of most folds; ``mean``; ``low`` and ``high``, corrected for the overlap of the training
        sets and clipped to the metric's range, all three NaN if fewer than half of the folds have a value; ``n_folds``
        with a value and ``n_undefined`` fits without; ``n_train`` records that a fold trains on,
        ``n_test`` tested in all folds of a repeat, ``n_positive`` of these positive.
    """
    done = where(probe, status=DONE)
    index = [*CELL, "probe", "draw", "repeat", "fold", "metric"]
    fits = done.set_index(index)["value"].unstack().reset_index()  # noqa: PD010 - keeps what is undefined
    found = []
    for cell, own in groups(fits, CELL):
        for name, part in [*groups(own, "probe"), (NESTED, nested_fits(own))]:
            found += [(*cell, name, *numbers) for numbers in _metrics(part)]
    return pd.DataFrame(found, columns=[*CELL, *NUMBERS])


def _metrics(fits: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Every metric of some fits, one probe a fold."""
    folds = fits.groupby("fold")[[*METRICS, "n_train", "n_test", "n_test_positive", "repeat"]].mean()
    n_train, n_test = folds["n_train"].mean(), folds["n_test"].mean()
    tested = folds[["n_test", "n_test_positive"]].sum() / folds["repeat"].nunique()
    counts = (n_train, *(int(number) for number in tested))
    chosen = fits.groupby("fold")["probe"].first().mode().iloc[0]
    for metric in METRICS.values():
        mean = corrected_interval(folds[metric.name], n_train, n_test)
        if 2 * mean.n < len(folds):
            mean = replace(mean, mean=np.nan, low=np.nan, high=np.nan)
        low, high = np.clip([mean.low, mean.high], metric.low, metric.high)
        yield chosen, metric.name, mean.mean, low, high, mean.n, int(fits[metric.name].isna().sum()), *counts


def f1_table(results: Results, scores: pd.DataFrame, grid: Grid) -> pd.DataFrame:
    """F1 of every cell that the study asks for, with true and with shuffled labels.

    Probes are chosen on shuffled labels in the same way.

    Returns
    -------
    DataFrame
        One row per cell: the columns of `score_table` for the probe that the other folds choose; ``best_probe``,
        ``best_mean``, ``best_low``, ``best_high`` of the probe with the highest mean, which is too high by
        construction; the same of one ``fixed`` probe (`ecglens.lenses.scores.nested.fixed_probe`); ``best`` (the
        highest mean of all encoders with the same data set, task and size), ``overlaps_shuffled`` (NA if there is
        nothing to compare), ``status`` and ``reason``.
    """
    f1 = scores[(scores["metric"] == "f1") & scores["mean"].notna()]
    single = f1[f1["probe"] != NESTED]
    fixed = fixed_probe([entry["name"] for entry in results.study["probes"]])
    beside = {"best": single.loc[single.groupby(CELL)["mean"].idxmax()], "fixed": where(single, probe=fixed)}
    table = _expected_cells(grid).merge(where(f1, probe=NESTED), on=CELL, how="left")
    for name, rows_of_probe in beside.items():
        named = rows_of_probe[[*CELL, *BESIDE]].rename(columns={column: f"{name}_{column}" for column in BESIDE})
        table = table.merge(named, on=CELL, how="left")
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
