"""The run folder: small Parquet files, written atomically, that pandas, DuckDB or Polars read as they are."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ecglens._version import __version__
from ecglens.embeddings.store import plain
from ecglens.errors import StoreError

STAGES: Mapping[str, tuple[str, ...]] = {
    "probe": ("encoder", "dataset", "task", "size", "labels", "probe", "draw", "fold", "metric", "value"),
    "comparison": (
        "statistic", "task", "dataset", "size", "encoder", "other", "probe", "value", "low", "high", "p_value",
        "p_holm", "n",
    ),
    "attribution": ("encoder", "dataset", "task", "size", "labels", "probe", "feature", "value", "sd", "gap"),
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
        "encoder", "dataset", "task", "size", "labels", "probe", "draw", "record_id", "patient_id", "fold", "label",
        "probability",
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


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a kill leaves the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_json(path: Path, facts: Any) -> None:
    """Write plain data as JSON, atomically."""
    write_atomically(path, json.dumps(facts, indent=1, default=plain).encode())


def write_frame(path: Path, frame: pd.DataFrame, provenance: Mapping[str, Any] | None = None) -> None:
    """Write a table as Parquet, atomically, its provenance in the file's metadata under ``ecglens``."""
    table = pa.Table.from_pandas(frame, preserve_index=frame.index.name is not None)
    table = table.cast(pa.schema([_typed(field) for field in table.schema], table.schema.metadata))
    metadata = {**(table.schema.metadata or {}), b"ecglens": json.dumps(provenance or {}, default=plain).encode()}
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata(metadata), sink)
    write_atomically(path, sink.getvalue().to_pybytes())


def _typed(field: pa.Field) -> pa.Field:
    return field.with_type(pa.string()) if field.name in TEXT else field


def read_provenance(path: Path) -> dict[str, Any]:
    """The provenance that `write_frame` put into a file."""
    found: dict[str, Any] = json.loads((pq.read_schema(path).metadata or {}).get(b"ecglens", b"{}"))
    return found


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
        The folder holds no run, or one of another version.
    """
    run = Path(run)
    plan_file = run / "plan.json"
    if not plan_file.is_file():
        raise StoreError(
            f"{run}: not a run folder (plan.json is missing). Start one: ecglens run study.yaml --out {run}"
        )
    plan = json.loads(plan_file.read_text(encoding="utf-8"))
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
    tables["defects"] = pd.read_parquet(run / "defects.parquet")
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
    frame = pd.read_parquet(path)
    missing = [name for name in STAGES[stage] if name not in frame]
    if missing:
        raise StoreError(
            f"{path}: no column {', '.join(missing)}: it was written by another version of ecglens. Remove it, or run "
            "the study into another folder."
        )
    return frame
