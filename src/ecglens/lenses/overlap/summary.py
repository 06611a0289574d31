"""Feature overlap between data sets as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from ecglens.attribution import CutoffAgreement, curve_area, cutoff_agreement, levels_off
from ecglens.lenses.scores.references import Reference, best_probes, references
from ecglens.report.frames import groups, where
from ecglens.report.gaps import Grid, read_gaps
from ecglens.report.summary import Summary
from ecglens.status import CANNOT_FILL, DONE, MISSING
from ecglens.study.draws import SHUFFLED, TRUE
from ecglens.study.results import Results

PLACE = ["encoder", "task", "size", "labels", "probe"]
PAIR = [*PLACE, "dataset", "other"]
NULL = ["null_mean", "null_low", "null_high", "p_permutation"]
CEILING = ["ceiling", "ceiling_low", "ceiling_high"]
PAIR_METRICS = [
    "share", *NULL, "chance", "most", "p_value", "jaccard", *CEILING, "halves", "halves_chance", "corrected",
]  # fmt: skip
OVERLAP_COLUMNS = [
    *PLACE, "reference", "dataset", *PAIR_METRICS, "rbo", "group_share", "group_chance", "group_corrected", "dim",
    "k", "status", "reason",
]  # fmt: skip
CORRECTED = ["corrected", "group_corrected"]
MEANS = ["share", *NULL[:3], "chance", "halves", "halves_chance", "ceiling", *CORRECTED]
RELIABILITY_METRICS = ["reliability_share", "reliability_jaccard", "kendall_tau"]
NO_SIZE = "no probe has a score (yet) at a size that the data sets have in common"
Best = Mapping[tuple[str, str], Reference]
TOLERANCE = 0.01
"""Smallest gain in Jaccard at which more fits still improve a ranking."""


@dataclass(frozen=True)
class Portability:
    """Overlap of important features between data sets; tables have the column ``labels``, true or shuffled.

    The best probe is the best one on true labels.

    Parameters
    ----------
    overlap
        Best probe, one row per encoder, task, labels and data set other than the reference: ``share`` of the top ``k``
        features in common; ``null_mean``, ``null_low``, ``null_high`` and ``p_permutation`` under permuted labels;
        ``chance`` and ``p_value`` of two independent choices; ``most`` (the greatest share possible: below 1 where a
        probe uses fewer than ``k`` features), ``jaccard``, ``ceiling`` with its interval (how well the ranking repeats
        inside the two data sets), ``halves`` (share between halves of the one and of the other), ``halves_chance``,
        ``corrected`` (``halves``, their chance being 0 and the ceiling 1; NaN if the interval of the ceiling reaches
        chance), ``rbo``, the same on groups of correlated features, ``k``, ``dim``; ``status`` and ``reason``.
    means
        Of `overlap` over data sets: encoder, task, labels, size, probe, reference, share, chance, halves,
        halves_chance, ceiling, corrected, group_corrected; ``n``, the data sets that have a share, ``n_corrected`` and
        ``n_group_corrected``.
    matrix
        The same metrics for every probe and pair ``dataset``, ``other``.
    reliability
        Split-half agreement, one row per encoder, task, labels, probe and data set: mean and sd over ``splits`` of
        share, Jaccard and Kendall's tau; ``levels_off``, the fits after which averaging no longer helps (infinite where
        it still does, NaN where that was not measured); ``additivity_error``, by how much SHAP values miss a model's
        output at most, relative to the largest output (NaN: sampled, without such a check).
    growth
        Columns encoder, task, labels, size, probe, dataset, count, metric, value: Jaccard of two groups of ``count``
        fits each.
    curve
        Best probe, mean over data sets: encoder, task, labels, k, share, chance, excess (0 chance, 1 identical), area
        (mean height of excess over the logarithm of k, at the cut-offs that all encoders of the task with a curve
        have).
    cutoffs
        By task: whether the ranking of encoders depends on the cut-off, under true labels; tasks with fewer than two
        encoders have none.
    taus
        Columns task, labels, k, other_k, kendall_tau: the agreement of the orders of encoders at two cut-offs.
    """

    overlap: pd.DataFrame
    means: pd.DataFrame
    matrix: pd.DataFrame
    reliability: pd.DataFrame
    growth: pd.DataFrame
    curve: pd.DataFrame
    cutoffs: Mapping[str, CutoffAgreement]
    taus: pd.DataFrame


def read_overlap(summary: Summary) -> Portability:
    """Read the overlap of a run, finished or not."""
    results, grid = summary.results, summary.grid
    k = results.study["attribution"]["top_k"]
    done = where(results.overlap, status=DONE)
    pairs = done[done["dataset"] != done["other"]]
    matrix = _wide(pairs, k)
    best = _best(results)
    curve = _curve(pairs, best)
    cutoffs, taus = _cutoffs(curve, grid)
    overlap = _overlap(results, grid, matrix, best)
    return Portability(
        overlap=overlap,
        means=_means(overlap),
        matrix=matrix,
        reliability=_reliability(done[done["dataset"] == done["other"]], results.attribution, k),
        growth=where(done, metric="growth_jaccard").drop(columns=["status", "reason", "unit", "other", "k", "repeat"]),
        curve=curve,
        cutoffs=cutoffs,
        taus=taus,
    )


def _best(results: Results) -> Best:
    """Best probe by encoder and task."""
    sizes = {task: part["size"].iloc[0] for task, part in groups(results.attribution, "task")}
    return {(best.encoder, best.task): best for best in best_probes(references(results.probe, sizes))}


def _wide(pairs: pd.DataFrame, k: int) -> pd.DataFrame:
    """One row per `PAIR`; metrics of groups of features begin with ``group_``."""
    chosen = pairs[(pairs["k"] == k) | pairs["k"].isna()]
    names = np.where(chosen["unit"] == "group", "group_" + chosen["metric"].astype(str), chosen["metric"])
    wide = chosen.assign(metric=names).pivot_table(index=PAIR, columns="metric", values="value", sort=False)
    wanted = [*PAIR_METRICS, "rbo", "group_share", "group_chance", "group_corrected", "dim"]
    return wide.reindex(columns=wanted).reset_index()


def _overlap(results: Results, grid: Grid, matrix: pd.DataFrame, best: Best) -> pd.DataFrame:
    found: list[dict[str, Any]] = []
    for task, encoder, labels in product(grid.tasks, grid.encoders, (TRUE, SHUFFLED)):
        if labels == SHUFFLED and encoder not in grid.shuffled:
            continue
        place: dict[str, Any] = {"encoder": encoder, "task": task, "size": "", "labels": labels, "probe": ""}
        place |= {"reference": ""}
        row = best.get((encoder, task))
        if row is None:
            gap = read_gaps(results.failures).find("attribution", (), encoder, grid.datasets)
        elif len(grid.datasets) == 1:
            gap = (CANNOT_FILL, "overlap needs two data sets, the study has one")
        else:
            place |= {"size": row.size, "probe": row.probe, "reference": row.dataset}
            own = where(matrix, encoder=encoder, task=task, labels=labels, probe=row.probe)
            others = [dataset for dataset in grid.datasets if dataset != row.dataset]
            found += [place | {"dataset": name} | _against(results, place, own, name) for name in others]
            continue
        gap = (MISSING, NO_SIZE) if gap[0] == MISSING else gap
        found += [place | {"dataset": name, "status": gap[0], "reason": gap[1]} for name in grid.datasets]
    table = pd.DataFrame(found, columns=OVERLAP_COLUMNS)
    return table.assign(k=results.study["attribution"]["top_k"])


def _means(overlap: pd.DataFrame) -> pd.DataFrame:
    """Means over the data sets with a value, and their number."""
    numbers = overlap.astype(dict.fromkeys(MEANS, float))
    by = numbers.groupby(["encoder", "task", "labels", "size", "probe", "reference"], sort=False)[MEANS]
    means, counts = by.mean(), by.count()
    return means.assign(n=counts["share"], **{f"n_{name}": counts[name] for name in CORRECTED}).reset_index()


def _against(results: Results, place: dict[str, Any], own: pd.DataFrame, dataset: str) -> dict[str, Any]:
    """Overlap of one data set with the reference, or the reason why it is missing."""
    sides = {place["reference"], dataset}
    records: list[dict[str, Any]] = own.to_dict("records")  # type: ignore[assignment]
    for row in records:
        if {row["dataset"], row["other"]} == sides:
            if pd.isna(row["share"]):
                k = results.study["attribution"]["top_k"]
                return {"status": CANNOT_FILL, "reason": f"the top {k} of {row['dim']:.0f} features is all of them"}
            numbers = {name: value for name, value in row.items() if name not in (*PLACE, "dataset", "other")}
            return {**numbers, "status": DONE, "reason": ""}
    key = {name: place[name] for name in PLACE}
    for reason in filter(None, where(results.overlap, **key)["reason"]):
        return {"status": CANNOT_FILL, "reason": reason}
    gaps, (encoder, task, size, labels, probe) = read_gaps(results.failures), (place[name] for name in PLACE)
    for side in (dataset, place["reference"]):
        sample = where(results.samples, dataset=side, task=task, size=size, labels=labels)
        for reason in filter(None, [*where(results.attribution, **key, dataset=side)["reason"], *sample["reason"]]):
            return {"status": CANNOT_FILL, "reason": f"{side}: {reason}"}
        status, reason = gaps.find("attribution", (encoder, side, task, size, labels, probe), encoder, [side])
        if status != MISSING:
            return {"status": status, "reason": f"{side}: {reason}"}
    status, reason = gaps.find("overlap", (encoder, task, size, labels, probe), encoder, [])
    return {"status": status, "reason": f"{dataset}: {reason}"}


def _reliability(inside: pd.DataFrame, attribution: pd.DataFrame, k: int) -> pd.DataFrame:
    index = [*PLACE, "dataset"]
    errors = where(attribution, status=DONE).groupby(index, sort=False)["additivity_error"].max()
    features = where(inside, unit="feature")
    chosen = features[features["metric"].isin(RELIABILITY_METRICS) & ((features["k"] == k) | features["k"].isna())]
    growth = where(features, metric="growth_jaccard").dropna(subset="value")
    levels = {
        key: levels_off(part["count"].to_numpy(), part["value"].to_numpy(), TOLERANCE) or np.inf
        for key, part in groups(growth, index)
    }
    repeats = {key: groups(part, "metric") for key, part in groups(chosen, index)}
    found = []
    for key in errors.index:
        row = dict(zip(index, key, strict=True))
        row |= {"levels_off": levels.get(key, np.nan), "additivity_error": errors[key]}
        for metric, own in repeats.get(key, ()):
            row |= {f"{metric}_mean": own["value"].mean(), f"{metric}_std": own["value"].std(), "splits": len(own)}
        found.append(row)
    numbers = [f"{metric}_{number}" for metric, number in product(RELIABILITY_METRICS, ("mean", "std"))]
    return pd.DataFrame(found, columns=[*index, "splits", *numbers, "levels_off", "additivity_error"])


def _curve(pairs: pd.DataFrame, best: Best) -> pd.DataFrame:
    found: list[pd.DataFrame] = []
    for ((encoder, task), row), labels in product(best.items(), (TRUE, SHUFFLED)):
        own = where(pairs, encoder=encoder, task=task, labels=labels, probe=row.probe, unit="feature")
        own = own[(own["dataset"] == row.dataset) | (own["other"] == row.dataset)]
        means = own.groupby(["k", "metric"])["value"].mean().unstack()  # noqa: PD010
        line = means.reindex(columns=["share", "chance"]).dropna()
        excess = ((line["share"] - line["chance"]) / (1 - line["chance"])).to_numpy()
        found.append(line.reset_index().assign(encoder=encoder, task=task, labels=labels, excess=excess))
    columns = ["encoder", "task", "labels", "k", "share", "chance", "excess"]
    table = pd.concat(found, ignore_index=True).reindex(columns=columns) if found else pd.DataFrame(columns=columns)
    return table.assign(area=_areas(table))


def _areas(table: pd.DataFrame) -> pd.Series[float]:
    """Area under each curve of a task, over the cut-offs that all curves with more than one cut-off have."""
    areas = pd.Series(np.nan, index=table.index)
    for _, part in groups(table, "task"):
        lines = [line for _, line in groups(part, ["encoder", "labels"]) if len(line) > 1]
        shared = set.intersection(*(set(line["k"]) for line in lines)) if lines else set()
        if len(shared) > 1:
            for line in lines:
                own = line[line["k"].isin(shared)].astype({"k": float, "excess": float})
                areas[line.index] = curve_area(own["k"].to_numpy(), own["excess"].to_numpy())
    return areas


def _cutoffs(curve: pd.DataFrame, grid: Grid) -> tuple[dict[str, CutoffAgreement], pd.DataFrame]:
    found: dict[str, CutoffAgreement] = {}
    taus: list[tuple[Any, ...]] = []
    for task, labels in product(grid.tasks, (TRUE, SHUFFLED)):
        scores = where(curve, task=task, labels=labels).pivot_table(index="encoder", columns="k", values="excess")
        if scores.shape[0] > 1 and scores.shape[1] > 1:
            agreement = cutoff_agreement(scores.to_numpy())
            pairs = zip(product(scores.columns, scores.columns), agreement.tau.ravel(), strict=True)
            taus += [(task, labels, k, other, tau) for (k, other), tau in pairs]
            found |= {task: agreement} if labels == TRUE else {}
    return found, pd.DataFrame(taus, columns=["task", "labels", "k", "other_k", "kendall_tau"])
