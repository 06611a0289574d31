"""The numbers of neighbours and clusters that answer one question, as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ecglens.geometry import kernels
from ecglens.geometry.clusters import cluster, judge_clusters, refuse_one_class, spectral_clusters
from ecglens.geometry.judged import Row, averaged, judge
from ecglens.geometry.kmeans import Clusterings
from ecglens.geometry.neighbours import Neighbours
from ecglens.geometry.partitions import compare_tables, count_pairs, weigh_pairs
from ecglens.geometry.pool import Pool
from ecglens.geometry.purities import bootstrap_purities, permuted_purities
from ecglens.geometry.purity import agreement_of_codes
from ecglens.geometry.questions import GeometryPlan, Question
from ecglens.geometry.resampling import Floats, draw_equal, permuter
from ecglens.geometry.rows import compact

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

    def draws(self, members: NDArray[np.int64]) -> NDArray[np.uint8]:
        """How often each member is drawn, ``[m, bootstraps]``."""
        return self.weights[members, : self.plan.bootstraps]


def permutations(bench: Bench, question: Question) -> NDArray[np.int16]:
    """Values of all members permuted between patients, inside the other factor."""
    permute = permuter(bench.pool.patient[question.members], question.within)
    return permute(question.values, bench.plan.permutations, np.random.default_rng([bench.plan.seed, 1]))


def natural_purity(bench: Bench, question: Question, moved: Moved) -> list[Row]:
    """Purity of all members' neighbours."""
    members, names = question.members, question.names
    nearest = bench.nearest(members.tobytes(), question.apart)
    groups = _groups(bench, question, members)
    purity = agreement_of_codes(nearest, np.arange(len(names)), question.values, groups)
    draws = bootstrap_purities(nearest, question.values, groups, bench.draws(members), len(names)).numbers(names)
    null = permuted_purities(nearest, moved(), groups, len(names)).numbers(names)
    classes = {f"knn_class:{names[code]}": value for code, value in purity.per_class.items()}
    numbers = {"knn_rescaled": purity.rescaled, "knn_raw": purity.raw, "knn_macro": purity.macro, **classes}
    return [judge(metric, value, draws[metric], null[metric]) for metric, value in numbers.items()]


def natural_clusters(bench: Bench, question: Question, spaces: Sequence[str], moved: Moved) -> list[Row]:
    """Agreement of clusters of all members, as mean and spread over seeds."""
    refuse_one_class(question.values)
    plan, members, n_classes = bench.plan, question.members, len(question.names)
    found = {space: bench.clustered(members.tobytes(), space, n_classes) for space in spaces}
    if n_classes < len(members) <= plan.spectral_up_to and question.stratum == "all":
        graph = spectral_clusters(bench.nearest(members.tobytes(), False), n_classes, plan.seed)
        found["neighbour graph"] = Clusterings(graph[None], np.zeros(1))
    draws = bench.draws(members)
    return [
        row | {"space": space}
        for space, clusters in found.items()
        for row in judge_clusters(clusters, question.values, draws, moved())
    ]


def equal_counts(bench: Bench, question: Question, whole: bool) -> list[Row]:
    """Means over subsamples with equal counts.

    The whole is clustered too, with three starts each: the spread over subsamples stands for that over seeds.
    """
    refuse_one_class(question.values)
    repeats = range(bench.plan.repeats)
    samples = kernels.spread(partial(_subsample, bench, question, whole and bench.plan.clusters), repeats)
    rows = []
    for metric in samples[0].numbers:
        value, draws, null = zip(*(sample.numbers[metric] for sample in samples), strict=True)
        row = judge(metric, np.mean(value), np.concatenate(draws), np.concatenate(null))
        row |= {"n": samples[0].n, "space": "embedding" if metric == "ari" else ""}
        rows.append(averaged(row, np.array(value), "repeats"))
    return rows


@dataclass(frozen=True)
class _Subsample:
    """Records, and for each metric its value, its value for patients drawn anew, and under permutation."""

    n: int
    numbers: Mapping[str, tuple[float, Floats, Floats]]


def _subsample(bench: Bench, question: Question, clusters: bool, repeat: int) -> _Subsample:
    plan, n_classes = bench.plan, len(question.names)
    # Cells in one order for both levels, so that they see the same subsamples and their difference is a paired one.
    factors = (question.values, question.within) if question.level != "dataset" else (question.within, question.values)
    rng = np.random.default_rng([plan.seed, 3, repeat])
    chosen = draw_equal(np.column_stack(factors), rng, plan.most_per_cell)
    members, code, within = question.members[chosen], question.values[chosen], question.within[chosen]
    n_draws, n_permutations = (-(-total // plan.repeats) for total in (plan.bootstraps, plan.permutations))
    weights = bench.weights[members, repeat * n_draws : (repeat + 1) * n_draws]
    moved = permuter(bench.pool.patient[members], within)(code, n_permutations, rng)
    nearest, groups = bench.nearest(members.tobytes(), question.apart), _groups(bench, question, members)
    purity = agreement_of_codes(nearest, np.arange(n_classes), code, groups)
    draws = bootstrap_purities(nearest, code, groups, weights, n_classes).numbers(question.names)
    null = permuted_purities(nearest, moved, groups, n_classes).numbers(question.names)
    values = {"knn_rescaled": purity.rescaled, "knn_macro": purity.macro}
    numbers = {metric: (value, draws[metric], null[metric]) for metric, value in values.items()}
    if clusters:
        Z = bench.spaces["embedding"][members]
        found = cluster(Z - Z.mean(axis=0), n_classes, [plan.seed + repeat], 3).labels
        one, shape = found[0], (n_classes, n_classes)
        tables = count_pairs(found, code, shape), weigh_pairs(one, code, weights, shape), count_pairs(moved, one, shape)
        value, drawn, permuted = (compare_tables(table).ari for table in tables)
        numbers["ari"] = float(value[0]), drawn, permuted
    return _Subsample(len(members), numbers)


def _groups(bench: Bench, question: Question, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    codes = bench.pool.source if question.apart else bench.pool.patient
    return compact(codes[chosen])
