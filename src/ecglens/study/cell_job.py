"""The job of a cell: verify its inputs, compute it, write its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecglens.errors import CannotFillError
from ecglens.files import read_sealed
from ecglens.lens import Stage
from ecglens.study.cell import CellTask
from ecglens.study.results import beside, cannot_fill_frame, cell_frame, write_frame


@dataclass(frozen=True)
class CellJob:
    """A cell and the path of its result.

    Parameters
    ----------
    task
        Task to compute.
    stage
        Stage that computes it, with its tables.
    output
        Path of the result.
    provenance
        Provenance to store in the result files.
    """

    task: CellTask
    stage: Stage
    output: Path
    provenance: Mapping[str, Any]


def compute_cell(job: CellJob) -> None:
    """Compute a cell and write it, or write one row with the reason why it cannot be filled.

    Files of other cells are verified first: whatever reads them may trust them. The stage's own file is written last:
    if it is there, all are.
    """
    task, stage = job.task, job.stage
    for path in task.inputs.values():
        read_sealed(path)
    try:
        if task.reason:
            raise CannotFillError(task.reason)
        found = stage.compute(task)
        frames = dict(found) if isinstance(found, Mapping) else {stage.name: found}
        own = cell_frame(stage.row, task.key, frames.pop(stage.name))
    except CannotFillError as error:
        frames, own = {}, cannot_fill_frame(stage.row, task.key, str(error))
    facts = {**job.provenance, "stage": stage.name, "key": dict(task.key), "seed": task.seed}
    for name, frame in frames.items():
        if name in stage.raw:
            row = stage.raw[name]
            rows = frame.assign(**task.key).reindex(columns=list(row.columns()))
        else:
            row = stage.beside[name]
            rows = cell_frame(row, task.key, frame)
        write_frame(beside(job.output, name), rows, row, facts)
    write_frame(job.output, own, stage.row, {**facts, "beside": sorted(frames)})
