"""Computation of separability cells: metrics and projections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry import (
    GeometryPlan,
    NeighbourIndex,
    build_index,
    find_neighbours,
    measure_geometry,
    measure_projection,
    per_record,
    project_pca,
    project_umap,
)
from ecglens.geometry.arrays import blocks
from ecglens.geometry.pca import find_moments
from ecglens.geometry.projection_quality import neighbourhood
from ecglens.status import CANNOT_FILL, DONE
from ecglens.study.cell import CellTask, joint_matrix

Matrix = NDArray[np.float32]


def measure_joint_sample(task: CellTask) -> dict[str, pd.DataFrame]:
    """Measure separability by the label of one task and by data set, or by data set only."""
    x, records = joint_matrix(task)
    if task.settings["features"] == "standardised":
        moments = find_moments(x)
        for rows in blocks(len(x)):
            x[rows] = (x[rows] - moments.mean) * moments.inverse_spread()
    sources, patients = (records[name].to_numpy(dtype=str) for name in ("dataset", "patient_id"))
    plan = GeometryPlan(**task.settings["plan"], seed=task.derived_seed("geometry"), device=task.device)
    index = build_index(x, patients, sources, metric=plan.metric, seed=plan.seed, device=plan.device)
    labels = {task.key["task"]: records["label"].to_numpy()} if "task" in task.key else {}
    sites = records["site"].to_numpy(dtype=str) if "site" in records else None
    found = measure_geometry(x, labels, sources, patients, plan, index=index, sites=sites)
    frames = {}
    if labels:
        frames["neighbourhood"] = _neighbourhoods(index, records, plan.k)
        numbers, frames["projection"] = _pictures(task, index.points, records, index, plan)
        found = pd.concat([found, *numbers], ignore_index=True)
    return {"geometry": found, "resample": _resamples(found), **frames}


def _resamples(found: pd.DataFrame) -> pd.DataFrame:
    """Values of every subsample or clustering."""
    averaged = found[found["repeats"].notna()]
    lengths = averaged["repeats"].map(len)
    rows = averaged.loc[averaged.index.repeat(lengths)].drop(columns="value")
    values = np.concatenate([*averaged["repeats"], np.empty(0)])
    return rows.assign(value=values, repeat=[number for n in lengths for number in range(n)])


def _neighbourhoods(index: NeighbourIndex, records: pd.DataFrame, k: int) -> pd.DataFrame:
    """For each record, the share of its neighbours with the same label, and from the same data set."""
    named = records[["record_id", "patient_id", "dataset", "label"]]
    try:
        nearest = index.among(np.arange(len(records)), k)
    except CannotFillError:
        return named.iloc[:0]
    values = {"same_label": records["label"], "same_source": records["dataset"]}
    shares = {name: per_record(nearest, value.to_numpy()) for name, value in values.items()}
    return named.assign(**shares)


def _pictures(
    task: CellTask, x: Matrix, records: pd.DataFrame, index: NeighbourIndex, plan: GeometryPlan
) -> tuple[list[pd.DataFrame], pd.DataFrame]:
    """Metrics and coordinates of both planes."""
    nearest = index.nearest(task.settings["umap"]["n_neighbors"] - 1)
    umap = task.settings["umap"] | {"n_neighbors": min(task.settings["umap"]["n_neighbors"], nearest.k + 1)}
    planes: Mapping[str, Callable[[], NDArray[np.float64]]] = {
        "umap": lambda: project_umap(x, task.derived_seed("umap"), **umap, neighbours=nearest),
        "pca": lambda: project_pca(x),
    }
    labels = records["label"].to_numpy()
    sources, patients = (records[column].to_numpy(dtype=str) for column in ("dataset", "patient_id"))
    place = records[["record_id", "dataset", "label"]]
    # What a plane keeps is judged by all records, also those of the same patient.
    around = find_neighbours(x, neighbourhood(len(x)), seed=plan.seed, device=plan.device)
    numbers, coordinates = [], []
    for name, project in planes.items():
        row: dict[str, Any] = {"method": name}
        try:
            xy = project()
        except CannotFillError as error:
            failed = {"status": [CANNOT_FILL], "reason": [str(error)]}
            coordinates.append(pd.DataFrame(failed).assign(**row))
            continue
        coordinates.append(place.assign(**row, x=xy[:, 0], y=xy[:, 1], status=DONE, reason=""))
        numbers.append(measure_projection(x, xy, labels, sources, patients, name, plan, around))
    return numbers, pd.concat(coordinates, ignore_index=True)
