"""Computation of attribution cells: importance of features in one sample."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecglens.attribution import Importance, measure_importance
from ecglens.study.cell import CellTask, cell_matrix
from ecglens.study.draws import draws
from ecglens.study.fields import ProbeEntry
from ecglens.study.probe_entries import load_probe

FOLD, HALF, PERMUTED = "fold", "half", "permuted"
"""Kinds of replicates."""


def explain_sample(task: CellTask) -> dict[str, pd.DataFrame]:
    """Mean absolute SHAP value of every feature on held-out records, with all replicates."""
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
    """All replicates in long form: seed and fold, split and half, or permutation; `n` held-out records of a fold."""
    frames = []
    for kind, values in ((FOLD, found.by_fold), (HALF, found.halves), (PERMUTED, found.permuted[:, None])):
        repeat, part, feature = (axis.ravel() for axis in np.indices(values.shape))
        frame = pd.DataFrame({"repeat": repeat, "part": part, "feature": feature, "value": values.ravel()})
        frames.append(frame.assign(kind=kind, n=found.n_held_out[part] if kind == FOLD else 0))
    return pd.concat(frames, ignore_index=True)
