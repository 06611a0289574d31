"""Feature overlap between data sets, and separability, as tables."""

from __future__ import annotations

from itertools import product
from typing import Any

import pandas as pd

from ecglens.attribution import overlap
from ecglens.errors import CannotFillError
from ecglens.report.frames import groups, rows, where
from ecglens.report.gaps import CANNOT_FILL, DONE, MISSING, Grid, read_gaps, unfilled_cells
from ecglens.study.plan import TRUE
from ecglens.study.results import Results, best_probes

OVERLAP_COLUMNS = [
    "encoder", "task", "size", "probe", "reference", "dataset", "share", "chance", "most", "p_value", "k", "dim",
    "n_reference", "n_other", "status", "reason",
]  # fmt: skip
NO_SIZE = "not computed yet, or no size that the data sets have in common"
LEVELS = ("label", "dataset")
KNN_METRICS = ("knn_raw", "knn_rescaled")
CLUSTER_METRICS = ("ari", "ami")
PLACE = ["encoder", "task", "level", "stratum", "metric"]


def overlap_table(results: Results, grid: Grid) -> pd.DataFrame:
    """Overlap of the most important features with the reference data set.

    Returns
    -------
    DataFrame
        One row per encoder, task and data set other than the reference: ``share`` of the top ``k`` features in common,
        ``chance`` (what two independent choices share), ``most`` (the greatest share possible: below 1 where a probe
        uses fewer than ``k`` features), ``p_value``, ``dim``, ``n_reference`` and ``n_other`` (features in the top of
        each side); ``status`` and ``reason``.
    """
    sizes = {task: part["size"].iloc[0] for task, part in groups(results.attribution, "task")}
    best = {(row.encoder, row.task): row for row in rows(best_probes(results.probe, sizes))}
    found: list[dict[str, Any]] = []
    for task, encoder in product(grid.tasks, grid.encoders):
        place = {"encoder": encoder, "task": task, "size": "", "probe": "", "reference": ""}
        row = best.get((encoder, task))
        if row is None:
            gap = read_gaps(results.failures).find("attribution", (), encoder, grid.datasets)
        elif len(grid.datasets) == 1:
            gap = (CANNOT_FILL, "overlap needs two data sets, the study has one")
        else:
            place |= {"size": row.size, "probe": row.probe, "reference": row.reference}
            others = [dataset for dataset in grid.datasets if dataset != row.reference]
            found += [place | {"dataset": dataset} | _compare(results, place, dataset) for dataset in others]
            continue
        gap = (MISSING, NO_SIZE) if gap[0] == MISSING else gap
        found += [place | {"dataset": name, "status": gap[0], "reason": gap[1]} for name in grid.datasets]
    return pd.DataFrame(found, columns=OVERLAP_COLUMNS)


def _compare(results: Results, place: dict[str, Any], dataset: str) -> dict[str, Any]:
    """Overlap of one data set with the reference, or the reason why there is none."""
    importances = []
    chosen = {name: place[name] for name in ("encoder", "task", "probe")}
    for side in (place["reference"], dataset):
        features = where(results.attribution, **chosen, dataset=side)
        done = where(features, status=DONE)
        if done.empty:
            status, reason = _attribution_gap(results, place, side, features)
            return {"status": status, "reason": f"{side}: {reason}"}
        importances.append(done.sort_values("feature")["value"].to_numpy())
    reference, other = importances
    try:
        found = overlap(reference, other, results.study["attribution"]["top_k"])
    except CannotFillError as error:
        return {"status": CANNOT_FILL, "reason": str(error)}
    return {
        "share": found.share, "chance": found.chance, "most": min(found.n_a, found.n_b) / found.k,
        "p_value": found.p_value, "k": found.k, "dim": found.dim, "n_reference": found.n_a, "n_other": found.n_b,
        "status": DONE, "reason": "",
    }  # fmt: skip


def _attribution_gap(results: Results, place: dict[str, Any], dataset: str, features: pd.DataFrame) -> tuple[str, str]:
    sample = where(results.samples, dataset=dataset, task=place["task"], size=place["size"], labels=TRUE)
    for reason in (*features["reason"], *sample["reason"]):
        if reason:
            return CANNOT_FILL, str(reason)
    key = (place["encoder"], dataset, place["task"], place["size"], place["probe"])
    return read_gaps(results.failures).find("attribution", key, place["encoder"], [dataset])


def separability_table(results: Results, grid: Grid) -> pd.DataFrame:
    """Separability as mean and standard deviation over k-means seeds.

    Returns
    -------
    DataFrame
        One row per encoder, task, level, stratum and metric: ``mean``, ``sd`` (NaN for neighbours, which have no seed),
        ``n_repeats``, ``n`` records, ``n_classes``; ``status`` and ``reason``.
    """
    measured = results.geometry[results.geometry["level"].notna()]
    aggregated: Any = {
        "mean": ("value", "mean"), "sd": ("value", "std"), "n_repeats": ("value", "size"),
        "n": ("n", "first"), "n_classes": ("n_classes", "first"), "status": ("status", "first"),
        "reason": ("reason", "first"),
    }  # fmt: skip
    table = measured.groupby(PLACE, sort=False, as_index=False).agg(**aggregated)
    known = set(zip(table["encoder"], table["task"], strict=True))
    reasons = unfilled_cells(results.geometry, ["encoder", "task"])
    gaps: list[dict[str, Any]] = []
    for encoder, task in product(grid.encoders, grid.tasks):
        if (encoder, task) in known:
            continue
        gap = read_gaps(results.failures).find("geometry", (encoder, task), encoder, grid.datasets)
        status, reason = (CANNOT_FILL, reasons[encoder, task]) if (encoder, task) in reasons else gap
        for level, metric in product(LEVELS, (*KNN_METRICS, *CLUSTER_METRICS)):
            place = dict(zip(PLACE, (encoder, task, level, "all", metric), strict=True))
            gaps.append(place | {"status": status, "reason": reason})
    return pd.DataFrame([*table.to_dict("records"), *gaps], columns=table.columns)
