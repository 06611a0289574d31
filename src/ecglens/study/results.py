"""The results of a run folder: small sealed Parquet files that pandas, DuckDB or Polars read as they are."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecglens._version import __version__
from ecglens.errors import StoreError
from ecglens.files import read_json, read_schema, read_table, write_table

STAGES: Mapping[str, tuple[str, ...]] = {
    "probe": ("encoder", "dataset", "task", "size", "labels", "probe", "draw", "repeat", "fold", "metric", "value"),
    "comparison": (
        "statistic", "task", "dataset", "size", "encoder", "other", "probe", "value", "low", "high", "sd", "p_value",
        "p_holm", "detectable", "worse", "equal", "better", "n", "n_records",
    ),
    "attribution": (
        "encoder", "dataset", "task", "size", "labels", "probe", "feature", "value", "sd", "additivity_error",
    ),
    "overlap": (
        "encoder", "task", "size", "labels", "probe", "unit", "dataset", "other", "k", "count", "repeat", "metric",
        "value",
    ),
    "geometry": (
        "encoder", "task", "level", "stratum", "counts", "space", "metric", "value", "low", "high", "spread_over",
        "patient_low", "patient_high", "null_mean", "null_low", "null_high", "p_value", "n", "n_classes", "n_repeats",
    ),
    "projection": ("encoder", "task", "method", "record_id", "dataset", "label", "x", "y"),
}  # fmt: skip
"""Columns of each stage's files; every file also has ``reason`` and ``status``: done, cannot-fill, or failed (one probe
beside others)."""

RAW: Mapping[str, tuple[str, ...]] = {
    "prediction": (
        "encoder", "dataset", "task", "size", "labels", "probe", "draw", "repeat", "record_id", "patient_id", "fold",
        "label", "probability",
    ),
    "resample": ("encoder", "task", "level", "stratum", "counts", "space", "metric", "repeat", "value"),
    "neighbourhood": (
        "encoder", "task", "dataset", "record_id", "patient_id", "label", "same_label", "same_dataset",
    ),
    "replicate": (
        "encoder", "dataset", "task", "size", "labels", "probe", "kind", "repeat", "part", "feature", "value", "n",
    ),
}  # fmt: skip
"""Columns of what lies behind the numbers: a file for each cell that made one, which `load_results` leaves on disk."""

TEXT = frozenset({
    "encoder", "dataset", "task", "size", "labels", "probe", "metric", "statistic", "other", "level", "stratum",
    "counts", "space", "spread_over", "unit", "method", "record_id", "patient_id", "kind", "status", "reason",
})  # fmt: skip
"""Columns that hold text, in every file: one that is empty in a cell must not make the folder unreadable as a whole."""

DEFECT_COLUMNS = ["dataset", "record_id", "reason", "detail", "encoder"]
SHORTCUT_COLUMNS = [
    "dataset", "task", "drawn", "fact", "n", "n_positive", "n_values", "value", "low", "high", "p_value", "p_holm",
    "detectable", "status", "reason",
]  # fmt: skip
LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn", "torch", "shap", "umap-learn")


def write_frame(path: Path, frame: pd.DataFrame, provenance: Mapping[str, Any] | None = None) -> None:
    """Write a table as sealed Parquet, atomically, with the columns of `TEXT` as text."""
    write_table(path, frame, provenance, TEXT)


def read_provenance(path: Path) -> dict[str, Any]:
    """What a file's numbers depend on, from its metadata; raises `StoreError` if the file is damaged."""
    return read_schema(path)[1]


def is_finished(path: Path, stage: str) -> bool:
    """Whether a cell's file, and every file that was written beside it, reads back as it was written."""
    try:
        schema, facts = read_schema(path)
        for other in facts["beside"]:
            read_schema(beside(path, other))
    except (StoreError, LookupError):
        return False
    return set(STAGES[stage]) <= set(schema.names)


def beside(path: Path, stage: str) -> Path:
    """Where a cell writes what belongs to another stage: under the same name in that folder."""
    return path.parents[1] / stage / path.name


def cell_frame(stage: str, key: Mapping[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a cell in the columns of its stage."""
    frame = rows.assign(**key)
    columns = [*STAGES[stage], "status", "reason"]
    return frame.assign(status=frame.get("status", "done"), reason=frame.get("reason", "")).reindex(columns=columns)


def cannot_fill_frame(stage: str, key: Mapping[str, Any], reason: str) -> pd.DataFrame:
    """The one row of a cell that the data cannot fill."""
    return cell_frame(stage, key, pd.DataFrame({"value": [np.nan], "status": ["cannot-fill"], "reason": [reason]}))


def environment() -> dict[str, str]:
    """Versions of what computes the numbers."""
    xgboost = __import__("xgboost").__version__
    found = {name: version(name) for name in LIBRARIES}
    return {"ecglens": __version__, "python": platform.python_version(), "xgboost": xgboost, **found}


@dataclass(frozen=True)
class Results:
    """Everything a run has found so far, as tables.

    Parameters
    ----------
    study
        The study as plain data.
    provenance
        Versions, platform, data sets and encoders.
    records
        Data set to what is known of its records: counts, prevalence, ages, lengths.
    defects
        Columns dataset, record_id, reason, detail, encoder (empty: left out for every encoder).
    samples
        One row per data set, task, size and labels: n, n_positive, n_patients, reason.
    pools
        One row per task and data set: n, n_positive, drawn.
    probe, comparison, attribution, overlap, geometry, projection
        The cells' files in long form, columns as in `STAGES`.
    failures
        Columns stage, cell, error: what raised, with its traceback.
    shortcuts
        How well a site, a sampling rate, a length or a missing value predicts the label; columns as in
        `SHORTCUT_COLUMNS`.
    """

    study: Mapping[str, Any]
    provenance: Mapping[str, Any]
    records: Mapping[str, Any]
    defects: pd.DataFrame
    samples: pd.DataFrame
    pools: pd.DataFrame
    probe: pd.DataFrame
    comparison: pd.DataFrame
    attribution: pd.DataFrame
    overlap: pd.DataFrame
    geometry: pd.DataFrame
    projection: pd.DataFrame
    failures: pd.DataFrame
    shortcuts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=SHORTCUT_COLUMNS))


def load_results(run: Path | str, stages: Sequence[str] = tuple(STAGES)) -> Results:
    """Read a run folder, finished or not: only the cells of its latest plan count.

    Parameters
    ----------
    run
        The run folder.
    stages
        Those whose cells are read; the tables of the others are empty.

    Raises
    ------
    StoreError
        The folder holds no run, one of another version, or a damaged file.
    """
    run = Path(run)
    plan_file = run / "plan.json"
    if not plan_file.is_file():
        raise StoreError(
            f"{run}: not a run folder (plan.json is missing). Start one: ecglens run study.yaml --out {run}"
        )
    plan = read_json(plan_file)
    cells = {
        stage: _read_cells(run, stage, plan["cells"].get(stage, []) if stage in stages else []) for stage in STAGES
    }
    columns = {
        "samples": ["dataset", "task", "size", "labels", "n", "n_positive", "n_patients", "n_tested", "n_draws",
                    "reason", "negatives"],
        "pools": ["task", "dataset", "n", "n_positive", "drawn"],
        "failures": ["stage", "cell", "error"],
    }  # fmt: skip
    tables = {name: pd.DataFrame(plan[name], columns=names) for name, names in columns.items()}
    tables["shortcuts"] = pd.DataFrame(plan.get("shortcuts", []), columns=SHORTCUT_COLUMNS).infer_objects()
    tables["defects"] = read_table(run / "defects.parquet")
    tables["failures"] = pd.concat([tables["failures"], _failed_probes(cells["probe"])], ignore_index=True)
    return Results(plan["study"], plan["provenance"], plan["records"], **tables, **cells)


def _failed_probes(rows: pd.DataFrame) -> pd.DataFrame:
    """Probes that failed in a cell in which others did not."""
    failed = rows[rows["status"] == "failed"]
    place = ["encoder", "dataset", "task", "size", "labels", "probe"]
    cells = ["__".join(cell) for cell in failed[place].itertuples(index=False)]
    return pd.DataFrame({"stage": "probe", "cell": cells, "error": failed["reason"].to_numpy()}, dtype="str")


def _read_cells(run: Path, stage: str, files: list[str]) -> pd.DataFrame:
    paths = [run / file for file in files if (run / file).is_file()]
    empty = pd.DataFrame(columns=[*STAGES[stage], "status", "reason"])
    frames = [_of_this_version(path, stage) for path in paths]
    return pd.concat(frames, ignore_index=True) if frames else empty


def _of_this_version(path: Path, stage: str) -> pd.DataFrame:
    frame = read_table(path)
    missing = [name for name in STAGES[stage] if name not in frame]
    if missing:
        raise StoreError(
            f"{path}: no column {', '.join(missing)}: it was written by another version of ecglens. Remove it, or run "
            "the study into another folder."
        )
    return frame
