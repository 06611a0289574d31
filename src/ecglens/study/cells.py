"""Running the cells of lenses: identity, stored results and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ecglens.closure import code_digest
from ecglens.embeddings.read import digest
from ecglens.files import remove
from ecglens.lens import Cell, Lens, Stage
from ecglens.study.cell import CellTask
from ecglens.study.cell_job import CellJob, compute_cell
from ecglens.study.executors.base import Job
from ecglens.study.results import beside, is_finished
from ecglens.study.run_state import RunState


def run_lens(state: RunState, lens: Lens, *, recompute: bool = False) -> None:
    """Run the stages of a lens, one after the other.

    Parameters
    ----------
    state
        State of the run.
    lens
        Lens to run.
    recompute
        Whether to compute stored cells again.
    """
    for stage in lens.stages:
        jobs = [job for cell in stage.cells(state) if (job := cell_job(state, stage, cell, recompute))]
        state.execute(stage.name, jobs)
        state.write_plan()


def cell_job(state: RunState, stage: Stage, cell: Cell, recompute: bool = False) -> Job | None:
    """The job of a cell; ``None`` if its files are whole already, or if its embeddings could not be made."""
    needed = _needed(state, cell)
    folders, unread, unwanted = _embeddings(state, cell.key.get("encoder", ""), needed)
    if (("encoder" in cell.key and not needed) or unwanted) and not cell.reason:
        cell = replace(cell, reason=f"no record of {', '.join(unwanted) or 'any data set'} is in a sample")
    if len(folders) < len(needed) and not cell.reason:
        return None
    identity = {
        "key": cell.key,
        "embeddings": {name: Path(folder).name for name, folder in folders.items()},
        "unread": unread,
        "sample": cell.sample.stem if cell.sample else "",
        "inputs": {name: path.name for name, path in cell.inputs.items()},
        "settings": cell.settings,
        "seed": state.study.seed,
        "reason": cell.reason,
        "versions": state.versions,
        "code": code_digest(stage.compute),
    }
    slug = "__".join(cell.key.values()) or "all"
    output = state.out / "results" / stage.name / f"{slug}__{digest(identity, 8)}.parquet"
    for name in stage.tables:
        state.cells[name].append(str(beside(output, name).relative_to(state.out)))
    state.made[stage.name, *cell.key.values()] = output
    finished = is_finished(output, stage)
    if finished and (state.only_cached or not recompute):
        return None
    for name in stage.tables:
        remove(beside(output, name))
    task = CellTask(
        cell.key, folders, unread, cell.sample, cell.inputs, cell.settings, state.study.seed, cell.reason, cell.device
    )
    return Job(stage.name, slug, compute_cell, CellJob(task, stage, output, identity))


def _needed(state: RunState, cell: Cell) -> list[str]:
    """Data sets whose embeddings a cell needs."""
    if "encoder" not in cell.key:
        return []
    own = (cell.key["dataset"],) if "dataset" in cell.key else cell.datasets
    return list(state.cards) if own is None else list(own)


def _embeddings(
    state: RunState, encoder: str, datasets: Sequence[str]
) -> tuple[dict[str, str], dict[str, list[str]], list[str]]:
    """Folders and unread records by data set, as far as there are embeddings; and data sets without a wanted record."""
    stores = state.stores
    folders = {name: stores.folders[encoder, name] for name in datasets if (encoder, name) in stores.folders}
    unread = {name: stores.unread[encoder, name] for name in folders if stores.unread[encoder, name]}
    return folders, unread, [name for name in datasets if name in stores.unwanted]
