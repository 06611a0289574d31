"""Results of a run folder: small sealed Parquet files, readable by pandas, DuckDB and Polars."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecglens._version import __version__
from ecglens.errors import ConfigError, StoreError, did_you_mean
from ecglens.files import read_json, read_schema, read_table, write_table
from ecglens.lens import Row, Stage, load_lenses
from ecglens.status import CANNOT_FILL, DONE, FAILED

STATE = ("status", "reason")
"""Columns that every file has in addition to those of its row type."""


class DefectRow(Row):
    """An excluded record; ``encoder`` is empty if it is excluded for every encoder."""

    dataset: str
    record_id: str
    reason: str
    detail: str
    encoder: str


class SampleRow(Row):
    """Number of records of a sample."""

    dataset: str
    task: str
    size: str
    labels: str
    n: int
    n_positive: int
    n_patients: int
    n_tested: int
    n_draws: int
    reason: str
    negatives: str


class JointRow(Row):
    """Number of records of a data set in a joint sample."""

    task: str
    dataset: str
    n: int
    n_positive: int
    drawn: str


class FailureRow(Row):
    """A failed job with its traceback."""

    stage: str
    cell: str
    error: str


LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn", "torch", "shap", "umap-learn")


def environment() -> dict[str, str]:
    """Versions of Python and of the libraries that results depend on."""
    xgboost = __import__("xgboost").__version__
    found = {name: version(name) for name in LIBRARIES}
    return {"ecglens": __version__, "python": platform.python_version(), "xgboost": xgboost, **found}


class RecordRow(Row):
    """Key of a record."""

    record_id: str
    patient_id: str
    dataset: str


def write_frame(
    path: Path, frame: pd.DataFrame, row: type[Row] = RecordRow, provenance: Mapping[str, Any] | None = None
) -> None:
    """Write a table as sealed Parquet, atomically; text columns of its row type are text, even if all are missing."""
    write_table(path, frame, provenance, row.texts() | frozenset(STATE))


def is_finished(path: Path, stage: Stage) -> bool:
    """Whether a cell's file, and every file that came with it, reads back as it was written and has its columns."""
    try:
        schema, facts = read_schema(path)
        schemas = {stage.name: schema, **{name: read_schema(beside(path, name))[0] for name in facts["beside"]}}
    except (StoreError, LookupError):
        return False
    kinds = {**stage.tables, **stage.raw}
    return all(set(kinds[name].columns()) <= set(found.names) for name, found in schemas.items())


def beside(path: Path, name: str) -> Path:
    """Where a cell writes another of its tables: under the same name in that table's folder."""
    return path.parents[1] / name / path.name


def cell_frame(row: type[Row], key: Mapping[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a cell in the columns of their type."""
    frame = rows.assign(**key)
    columns = [*row.columns(), *STATE]
    return frame.assign(status=frame.get("status", DONE), reason=frame.get("reason", "")).reindex(columns=columns)


def cannot_fill_frame(row: type[Row], key: Mapping[str, Any], reason: str) -> pd.DataFrame:
    """The one row of a cell that the data cannot fill."""
    return cell_frame(row, key, pd.DataFrame({"value": [np.nan], "status": [CANNOT_FILL], "reason": [reason]}))


@dataclass(frozen=True)
class Results:
    """Results of a run, finished or not, as tables.

    The table of a stage is an attribute: ``results.probe``. Its columns are those of the stage's row type, ``status``
    (done, cannot-fill, failed) and ``reason``.

    Parameters
    ----------
    study
        The study as plain data.
    provenance
        Versions, platform and encoders.
    records
        Summary of the records by data set: counts, prevalence, ages and lengths.
    defects, samples, joint_samples, failures
        Columns as in `DefectRow`, `SampleRow`, `JointRow`, `FailureRow`.
    lenses
        Lenses of the run, by name or import path.
    tables
        Table of every stage by name.
    """

    study: Mapping[str, Any]
    provenance: Mapping[str, Any]
    records: Mapping[str, Any]
    defects: pd.DataFrame
    samples: pd.DataFrame
    joint_samples: pd.DataFrame
    failures: pd.DataFrame
    lenses: tuple[str, ...] = ()
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def __getattr__(self, name: str) -> pd.DataFrame:
        tables: Mapping[str, pd.DataFrame] = self.__dict__.get("tables", {})
        if name not in tables:
            raise AttributeError(f"results have no table {name!r}.{did_you_mean(name, tables)} {', '.join(tables)}")
        return tables[name]

    def replaced(self, **changes: Any) -> Results:
        """The same results with other fields, or with other tables of stages."""
        tables = {name: changes.pop(name) for name in [*changes] if name in self.tables}
        return replace(self, **changes, tables={**self.tables, **tables})


def load_results(run: Path | str, stages: Iterable[str] | None = None) -> Results:
    """Read a run folder, finished or not; only the cells of its latest plan are read.

    Parameters
    ----------
    run
        The run folder.
    stages
        Stages to read, by default all; the tables of the others are empty.

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
    kinds = {name: row for stage in _stages(plan) for name, row in stage.tables.items()}
    wanted = kinds if stages is None else set(stages)
    tables = {name: read_cells(run, row, plan["cells"].get(name, []) * (name in wanted)) for name, row in kinds.items()}
    samples, joint_samples, failures = (
        pd.DataFrame(plan[name], columns=list(row.columns()))
        for name, row in {"samples": SampleRow, "joint_samples": JointRow, "failures": FailureRow}.items()
    )
    failed = [_failed_rows(name, table) for name, table in tables.items()]
    return Results(
        plan["study"],
        plan["provenance"],
        plan["records"],
        read_table(run / "defects.parquet"),
        samples,
        joint_samples,
        pd.concat([failures, *failed], ignore_index=True),
        tuple(plan.get("lenses", ())),
        tables,
    )


def _stages(plan: Mapping[str, Any]) -> list[Stage]:
    try:
        return [stage for lens in load_lenses(plan.get("lenses", ())) for stage in lens.stages]
    except ConfigError as error:
        raise StoreError(f"the run has results of a lens that is not installed: {error}") from error


def _failed_rows(stage: str, table: pd.DataFrame) -> pd.DataFrame:
    """Rows that failed in a cell in which others did not, such as one probe."""
    failed = table[table["status"] == FAILED]
    place = [name for name in ("encoder", "dataset", "task", "size", "labels", "probe") if name in table]
    cells = ["__".join(cell) for cell in failed[place].itertuples(index=False)]
    return pd.DataFrame({"stage": stage, "cell": cells, "error": failed["reason"].to_numpy()}, dtype="str")


def read_cells(run: Path, row: type[Row], files: list[str]) -> pd.DataFrame:
    """Rows of the files of a run folder that are there."""
    paths = [run / file for file in files if (run / file).is_file()]
    frames = [_of_this_version(path, row) for path in paths]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*row.columns(), *STATE])


def _of_this_version(path: Path, row: type[Row]) -> pd.DataFrame:
    frame = read_table(path)
    missing = [name for name in row.columns() if name not in frame]
    if missing:
        raise StoreError(
            f"{path}: no column {', '.join(missing)}: it was written by another version of ecglens. Remove it, or run "
            "the study into another folder."
        )
    return frame
