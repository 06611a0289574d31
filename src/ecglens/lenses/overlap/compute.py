"""Cells of feature overlap: which features a probe relies on, and whether data sets share them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.attribution import Importance, compare_importances, measure_importance
from ecglens.errors import CannotFillError
from ecglens.study.cell import CellTask, cell_matrix
from ecglens.study.draws import draws
from ecglens.study.fields import ProbeEntry
from ecglens.study.probe_entries import load_probe

FOLD, HALF, PERMUTED = "fold", "half", "permuted"

AT_CHANCE = " under shuffled labels"
"""End of the name of an input that holds what a data set gave under shuffled labels."""


def explain_sample(task: CellTask) -> dict[str, pd.DataFrame]:
    """Mean absolute SHAP value of every feature on held-out records, and every repetition behind it."""
    x, (sample, *_) = cell_matrix(task)
    y, folds = sample["label"].to_numpy(), sample["fold"].to_numpy()
    entry = ProbeEntry.model_validate(task.settings["probe"]["entry"])
    found = measure_importance(
        x,
        y,
        folds,
        load_probe(entry),
        seed=task.derived_seed("probe"),
        seeds=task.settings["seeds"],
        halves=task.settings["halves"],
        permutations=task.settings["permutations"],
        train=draws(sample)[0],
        engine=task.settings["engine"],
        n_rows=entry.explain_rows,
    )
    numbers = {
        "feature": np.arange(x.shape[1]),
        "value": found.mean,
        "sd": found.sd,
        "additivity_error": found.additivity_error,
    }
    return {"attribution": pd.DataFrame(numbers), "replicate": _replicate_rows(found)}


def _replicate_rows(found: Importance) -> pd.DataFrame:
    """Every repetition in long form: seed and fold, repeat and half, or permutation; `n` held-out records of a fold."""
    frames = []
    for kind, values in ((FOLD, found.by_fold), (HALF, found.halves), (PERMUTED, found.permuted[:, None])):
        repeat, part, feature = (axis.ravel() for axis in np.indices(values.shape))
        frame = pd.DataFrame({"repeat": repeat, "part": part, "feature": feature, "value": values.ravel()})
        frames.append(frame.assign(kind=kind, n=found.n_held_out[part] if kind == FOLD else 0))
    return pd.concat(frames, ignore_index=True)


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
    """Whether data sets share the most important features of one encoder, task and probe, against the ceiling."""
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
