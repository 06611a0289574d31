"""Computation of overlap cells: features that a probe uses in several data sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.attribution import Importance, compare_importances
from ecglens.errors import CannotFillError
from ecglens.lenses.overlap.attribution import FOLD, HALF, PERMUTED
from ecglens.study.cell import CellTask

AT_CHANCE = " under shuffled labels"
"""Suffix of the inputs of shuffled labels."""


def _read_importance(path: Path) -> Importance:
    rows = pd.read_parquet(path)
    by_fold, halves, permuted = (_cube(rows[rows["kind"] == kind]) for kind in (FOLD, HALF, PERMUTED))
    first = rows[(rows["kind"] == FOLD) & (rows["repeat"] == 0) & (rows["feature"] == 0)].sort_values("part")
    d = by_fold.shape[-1]
    return Importance(by_fold, first["n"].to_numpy(), halves.reshape(-1, 2, d), permuted=permuted.reshape(-1, d))


def _cube(rows: pd.DataFrame) -> NDArray[np.float64]:
    shape = [int(rows[axis].max()) + 1 if len(rows) else 0 for axis in ("repeat", "part", "feature")]
    ordered = rows.sort_values(["repeat", "part", "feature"], kind="stable")
    return ordered["value"].to_numpy(dtype=np.float64).reshape(shape)


def compare_datasets(task: CellTask) -> pd.DataFrame:
    """Overlap of the top features between data sets for one encoder, task and probe, with its noise ceiling."""
    every = {name: _read_importance(path) for name, path in task.inputs.items()}
    importances = {name: found for name, found in every.items() if not name.endswith(AT_CHANCE)}
    at_chance = {name.removesuffix(AT_CHANCE): found for name, found in every.items() if name.endswith(AT_CHANCE)}
    if len(importances) < 2:
        raise CannotFillError(f"overlap needs two data sets, the cell has {', '.join(importances) or 'none'}")
    reference = task.settings["reference"]
    x, _ = task.open_embeddings(reference).take(list(task.read_sample()["record_id"].unique()))
    return compare_importances(
        importances,
        reference,
        x,
        ks=task.settings["cutoffs"],
        k=task.settings["top_k"],
        seed=task.derived_seed("overlap"),
        null_halves={name: found.halves for name, found in at_chance.items()},
    )
