"""The numbers that answer one question, as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.geometry.clusters import cluster, compare_all, refuse_one_class, spectral_clusters
from ecglens.geometry.kmeans import Clusterings
from ecglens.geometry.neighbours import Neighbours
from ecglens.geometry.partitions import compare_partitions, contingency
from ecglens.geometry.pool import Pool
from ecglens.geometry.purities import bootstrap_purities, permuted_purities
from ecglens.geometry.purity import agreement_of_codes
from ecglens.geometry.questions import GeometryPlan, Question
from ecglens.geometry.resampling import (
    bootstrap_ari,
    draw_equal,
    permuted_ari,
    permuter,
    read_null,
)
from ecglens.geometry.rows import compact

Row = dict[str, Any]
Moved = Callable[[], NDArray[np.int16]]
"""Values of all members under permutation, ``[permutations, m]``."""


@dataclass(frozen=True)
class Bench:
    """What all questions share.

    Parameters
    ----------
    pool
        The one neighbour search.
    spaces
        Coordinates to cluster in, ``[n, m]`` each.
    plan
        What to compute.
    weights
        How often each record is drawn where patients are drawn anew, ``[n, draws]``: the same for all questions, and a
        part of the draws for each subsample.
    nearest
        Neighbours of a part of the records, given as the bytes of their positions, in their own or all data sets.
    clustered
        Clusterings of a part of the records in a space, into a number of clusters.
    """

    pool: Pool
    spaces: Mapping[str, NDArray[np.float32]]
    plan: GeometryPlan
    weights: NDArray[np.uint8]
    nearest: Callable[[bytes, bool], Neighbours]
    clustered: Callable[[bytes, str, int], Clusterings]


def permutations(bench: Bench, question: Question) -> NDArray[np.int16]:
    """Values of all members permuted between patients, inside the other factor."""
    permute = permuter(bench.pool.patient[question.members], question.within)
    return permute(question.values, bench.plan.permutations, np.random.default_rng([bench.plan.seed, 1]))


def natural_purity(bench: Bench, question: Question, moved: Moved) -> list[Row]:
    """Purity of all members' neighbours, with intervals over patients and a null."""
    plan, members = bench.plan, question.members
    nearest = bench.nearest(members.tobytes(), question.apart)
    groups = _groups(bench, question, members)
    purity = agreement_of_codes(nearest, np.arange(len(question.names)), question.values, groups)
    lead: Row = {"metric": "knn_rescaled", "value": purity.rescaled}
    if plan.bootstraps:
        drawn = bootstrap_purities(nearest, question.values, groups, bench.weights[members, : plan.bootstraps])
        lead |= interval("patient_low", "patient_high", drawn)
    if plan.permutations:
        lead |= _null(purity.rescaled, permuted_purities(nearest, moved(), groups))
    classes = {f"knn_class:{question.names[code]}": value for code, value in purity.per_class.items()}
    others = {"knn_raw": purity.raw, "knn_macro": purity.macro, **classes}
    return [lead, *({"metric": metric, "value": value} for metric, value in others.items())]


def natural_clusters(bench: Bench, question: Question, spaces: Sequence[str], moved: Moved) -> list[Row]:
    """Agreement of clusters of all members, as mean and spread over seeds; the null is that of the tightest."""
    refuse_one_class(question.values)
    plan, members, rows = bench.plan, question.members, []
    for space in spaces:
        found = bench.clustered(members.tobytes(), space, len(question.names))
        for metric, values in compare_all(found, question.values).items():
            row: Row = {"metric": metric, "value": values.mean(), "n_repeats": len(values), "spread_over": "seeds"}
            row |= {"space": space, "repeats": values.tolist()} | interval("low", "high", values.to_numpy())
            if metric == "ari" and plan.permutations:
                row |= _null(row["value"], permuted_ari(found.labels[found.inertia.argmin()], moved()))
            rows.append(row)
    if len(members) <= plan.spectral_up_to and question.stratum == "all":
        graph = spectral_clusters(bench.nearest(members.tobytes(), False), len(question.names), plan.seed)
        value = compare_partitions(contingency(question.values, graph)).ari
        rows.append({"metric": "ari", "value": value, "space": "neighbour graph"})
    return rows


def equal_counts(bench: Bench, question: Question, whole: bool) -> list[Row]:
    """Means over subsamples with equal counts; ``draws`` of a row holds its values for patients drawn anew.

    The whole is clustered too, with three starts each: the spread over subsamples stands for that over seeds.
    """
    plan = bench.plan
    refuse_one_class(question.values)
    # Cells in one order for both levels, so that they see the same subsamples and their difference is a paired one.
    factors = (question.values, question.within) if question.level != "dataset" else (question.within, question.values)
    values: dict[str, list[float]] = {}
    drawn: dict[str, list[NDArray[np.float64]]] = {}
    null, null_ari = [], []
    each = [-(-total // plan.repeats) for total in (plan.bootstraps, plan.permutations)]
    for repeat in range(plan.repeats):
        rng = np.random.default_rng([plan.seed, 3, repeat])
        chosen = draw_equal(np.column_stack(factors), rng, plan.most_per_cell)
        members, code, within = question.members[chosen], question.values[chosen], question.within[chosen]
        nearest = bench.nearest(members.tobytes(), question.apart)
        groups = _groups(bench, question, members)
        purity = agreement_of_codes(nearest, np.arange(len(question.names)), code, groups)
        values.setdefault("knn_rescaled", []).append(purity.rescaled)
        values.setdefault("knn_macro", []).append(purity.macro)
        weights = bench.weights[members, repeat * each[0] : (repeat + 1) * each[0]]
        drawn.setdefault("knn_rescaled", []).append(bootstrap_purities(nearest, code, groups, weights))
        moved = permuter(bench.pool.patient[members], within)(code, each[1], rng)
        null.append(permuted_purities(nearest, moved, groups) if each[1] else np.empty(0))
        if whole and plan.clusters:
            Z = bench.spaces["embedding"][members]
            found = cluster(Z - Z.mean(axis=0), len(question.names), [plan.seed + repeat], 3).labels[0]
            values.setdefault("ari", []).append(compare_partitions(contingency(code, found)).ari)
            drawn.setdefault("ari", []).append(bootstrap_ari(code, found, weights))
            null_ari.append(permuted_ari(found, moved) if each[1] else np.empty(0))
    rows: list[Row] = []
    for metric, found_values in values.items():
        array = np.array(found_values)
        row: Row = {"metric": metric, "value": array.mean(), "n": len(members), "repeats": found_values}
        row |= {"n_repeats": len(array), "spread_over": "repeats", "space": "embedding" if metric == "ari" else ""}
        if plan.bootstraps and metric in drawn:
            row["draws"] = np.concatenate(drawn[metric])
            row |= interval("patient_low", "patient_high", row["draws"])
        rows.append(row | interval("low", "high", array))
    if plan.permutations:
        rows[0] |= _null(rows[0]["value"], np.concatenate(null))
        rows[-1] |= _null(rows[-1]["value"], np.concatenate(null_ari)) if null_ari else {}
    return rows


def _groups(bench: Bench, question: Question, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    codes = bench.pool.source if question.apart else bench.pool.patient
    return compact(codes[chosen])


def interval(low: str, high: str, values: NDArray[np.float64]) -> Row:
    """The central 95 % of values, under two names."""
    defined = values[~np.isnan(values)]
    ends = np.quantile(defined, [0.025, 0.975]) if len(defined) else (np.nan, np.nan)
    return {low: float(ends[0]), high: float(ends[1])}


def _null(observed: float, permuted: NDArray[np.float64]) -> Row:
    null = read_null(observed, permuted)
    return {"null_mean": null.mean, "null_high": null.high, "p_value": null.p_value}
