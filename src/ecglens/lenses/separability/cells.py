"""Cells of the separability lens."""

from __future__ import annotations

from collections.abc import Iterator

from ecglens.closure import code_digest
from ecglens.devices import check_device
from ecglens.geometry.metrics import METRICS, load_metric
from ecglens.lens import Cell
from ecglens.lenses.separability.joint_samples import EVERYTHING
from ecglens.lenses.separability.settings import GeometrySettings, ProjectionSettings
from ecglens.study.config import Study
from ecglens.study.explain import at
from ecglens.study.run_state import RunState


def geometry_cells(state: RunState) -> Iterator[Cell]:
    """One cell per encoder and task, with projections, and one per encoder over the records of all tasks."""
    asked, projection = state.study.settings(GeometrySettings), state.study.settings(ProjectionSettings)
    settings = {"plan": asked.plan, "features": asked.features} | _outside(asked)
    of_a_task = settings | {"plan": {**asked.plan, "sources": False}, "umap": projection.model_dump()}
    files = state.joint_files("separability")
    held = {task: set(sample["dataset"]) for task, sample in state.joint_samples["separability"].items()}
    for encoder in (entry.name for entry in state.study.encoders):
        for task, file in files.items():
            alone = task == EVERYTHING
            yield Cell(
                key={"encoder": encoder} | ({} if alone else {"task": task}),
                datasets=tuple(name for name in state.cards if name in held[task]),
                sample=file,
                settings=settings if alone else of_a_task,
                device=asked.device,
            )


def _outside(asked: GeometrySettings) -> dict[str, dict[str, str]]:
    """Code digest of third-party metrics, which the code of a cell does not import."""
    metrics = {name: load_metric(name).measure for name in asked.metrics if name not in METRICS.builtins}
    return {"code": {name: code_digest(measure) for name, measure in metrics.items()}} if metrics else {}


def foresee_geometry(state: RunState) -> dict[str, int]:
    """Number of geometry cells, for the dry run."""
    return {"geometry cells": len(state.study.encoders) * (len(state.tasks) + 1)}


def check_geometry(study: Study) -> None:
    """Refuse unknown metrics and devices."""
    asked = study.settings(GeometrySettings)
    for metric in asked.metrics:
        with at(study, "geometry", "metrics"):
            load_metric(metric)
    if (device := asked.device) is not None:
        with at(study, "geometry", "device"):
            check_device(device)
