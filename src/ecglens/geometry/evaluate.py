"""The numbers of neighbours and clusters that answer one question, as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.arrays import coded, compact
from ecglens.geometry.inference.estimate import RANGES, Range, Row, averaged, estimate
from ecglens.geometry.inference.resampling import Floats, draw_equal, permuter
from ecglens.geometry.levels import Question
from ecglens.geometry.metrics.clustering import cluster, estimate_clusters, spectral_clusters
from ecglens.geometry.metrics.kmeans import Clusterings
from ecglens.geometry.metrics.knn_purity import purity_of_codes
from ecglens.geometry.metrics.knn_purity_batch import permuted_purities, weighted_purities
from ecglens.geometry.metrics.partitions import compare_tables, count_pairs, weigh_pairs
from ecglens.geometry.neighbours.index import NeighbourIndex
from ecglens.geometry.neighbours.knn import Neighbours
from ecglens.geometry.plan import GeometryPlan
from ecglens.threads import spread

Moved = Callable[[], NDArray[np.int16]]
"""Values of all members under permutation, ``[permutations, m]``."""


@dataclass(frozen=True)
class Bench:
    """What all questions share.

    Parameters
    ----------
    index
        The one neighbour search.
    spaces
        Coordinates to cluster in, ``[n, m]`` each.
    plan
        What to compute.
    weights
        1 for each record, 0 where its patient's group is left out, ``[n, groups]``: the same for all questions and
        subsamples.
    nearest
        Neighbours of a part of the records, given as the bytes of their positions, in their own or all data sets.
    clustered
        Clusterings of a part of the records in a space, into a number of clusters.
    """

    index: NeighbourIndex
    spaces: Mapping[str, NDArray[np.float32]]
    plan: GeometryPlan
    weights: NDArray[np.uint8]
    nearest: Callable[[bytes, bool], Neighbours]
    clustered: Callable[[bytes, str, int], Clusterings]


def permutations(patient: NDArray[np.int64], plan: GeometryPlan, question: Question) -> NDArray[np.int16]:
    """Values of all members permuted between patients, inside the other factor; `patient` are codes, ``[n]``."""
    permute = permuter(patient[question.members], question.within)
    return permute(question.values, plan.permutations, np.random.default_rng([plan.seed, 1, question.of_source]))


def natural_purity(bench: Bench, question: Question, moved: Moved) -> list[Row]:
    """Purity of all members' neighbours."""
    sample = Sample(question.members, question.values, bench.weights[question.members], moved())
    numbers = _purity(bench, question, sample)
    return [
        estimate(metric, value, draws, null, within=within) for metric, (value, draws, null, within) in numbers.items()
    ]


def natural_clusters(bench: Bench, question: Question, spaces: Sequence[str], moved: Moved) -> list[Row]:
    """Agreement of clusters of all members, as mean and spread over seeds."""
    members, draws = question.members, bench.weights[question.members]
    found = {space: bench.clustered(members.tobytes(), space, len(question.names)) for space in spaces}
    return [
        row | {"space": space}
        for space, clusters in found.items()
        for row in estimate_clusters(clusters, question.values, draws, moved())
    ]


def graph_clusters(bench: Bench, question: Question, moved: Moved) -> list[Row]:
    """The same of the neighbour graph."""
    members, n_classes = question.members, len(question.names)
    if len(members) <= n_classes:
        raise CannotFillError(f"{n_classes} clusters of a graph need more records than that, there are {len(members)}")
    graph = spectral_clusters(bench.nearest(members.tobytes(), False), n_classes, bench.plan.seed)
    found = Clusterings(graph[None], np.zeros(1))
    return estimate_clusters(found, question.values, bench.weights[members], moved())


@dataclass(frozen=True)
class Sample:
    """Some of the members: positions and codes ``[m]``, weights ``[m, groups]``, permutations ``[p, m]``."""

    members: NDArray[np.int64]
    code: NDArray[np.int64]
    weights: NDArray[np.uint8]
    moved: NDArray[np.int16]
    repeat: int = 0


Numbers = dict[str, tuple[float, Floats, Floats, Range]]
"""Metric to its value, its values without a group of patients and under permutation, and its range."""


Draw = Callable[[int], Sample]
"""A subsample with equal counts, by its number."""


def equal_purity(bench: Bench, question: Question, draw: Draw) -> list[Row]:
    """Mean purity of subsamples with equal counts."""
    return _means(bench, question, draw, _purity, ("knn_rescaled", "knn_macro"), "")


def equal_clusters(bench: Bench, question: Question, draw: Draw) -> list[Row]:
    """Mean agreement of clusters of subsamples with equal counts: their spread stands for that over seeds."""
    return _means(bench, question, draw, _clusters, ("ari", "ami", "v_measure"), "embedding")


def _means(
    bench: Bench,
    question: Question,
    draw: Draw,
    measure: Callable[[Bench, Question, Sample], Numbers],
    metrics: Sequence[str],
    space: str,
) -> list[Row]:
    def work(repeat: int) -> tuple[int, Numbers]:
        sample = draw(repeat)
        return len(sample.members), measure(bench, question, sample)

    found = spread(work, range(bench.plan.repeats))
    rows = []
    for metric in metrics:
        value, draws, null, within = (
            np.array(part) for part in zip(*(numbers[metric] for _, numbers in found), strict=True)
        )
        # Patients are left out of all subsamples alike, and a permutation is one of all.
        low, high = within.mean(axis=0).tolist()
        row = estimate(metric, value.mean(), _mean(draws), _mean(null), within=(low, high))
        rows.append(averaged(row | {"n": found[0][0], "space": space}, value, "repeats"))
    return rows


def _mean(values: Floats) -> Floats:
    """Means over subsamples, ``[subsamples, n]``, in which the number is defined."""
    known = np.isfinite(values).sum(axis=0)
    return np.where(known > 0, np.nansum(values, axis=0) / np.maximum(known, 1), np.nan)


def draw_sample(bench: Bench, question: Question, repeat: int) -> Sample:
    """One subsample with equal counts of every class in every data set, and permutations that all subsamples share."""
    plan = bench.plan
    # Cells in one order for both levels, so that they see the same subsamples and their difference is a paired one.
    factors = (question.values, question.within) if question.level != "dataset" else (question.within, question.values)
    rng = np.random.default_rng([plan.seed, 3, repeat])
    chosen = draw_equal(np.column_stack(factors), rng, plan.most_per_cell)
    members, code = question.members[chosen], question.values[chosen]
    cell = coded(factors[0] * len(factors[1]) + factors[1])
    permute = permuter(bench.index.patient[members], question.within[chosen], np.bincount(cell)[cell][chosen])
    moved = permute(code, plan.permutations, np.random.default_rng([plan.seed, 4, question.of_source]))
    return Sample(members, code, bench.weights[members], moved, repeat)


def _purity(bench: Bench, question: Question, sample: Sample) -> Numbers:
    names, members = question.names, sample.members
    nearest, groups = bench.nearest(members.tobytes(), question.apart), _groups(bench, question, members)
    purity = purity_of_codes(nearest, np.arange(len(names)), sample.code, groups)
    draws = weighted_purities(nearest, sample.code, groups, sample.weights, len(names)).numbers(names)
    null = permuted_purities(nearest, sample.moved, groups, len(names)).numbers(names)
    classes = {f"knn_class:{names[code]}": value for code, value in purity.per_class.items()}
    values = {"knn_rescaled": purity.rescaled, "knn_raw": purity.raw, "knn_macro": purity.macro, **classes}
    ranges = dict.fromkeys(values, (0.0, 1.0)) | {"knn_rescaled": (max(-1.0, purity.lowest), 1.0)}
    return {metric: (value, draws[metric], null[metric], ranges[metric]) for metric, value in values.items()}


def _clusters(bench: Bench, question: Question, sample: Sample) -> Numbers:
    Z = bench.spaces["embedding"][sample.members]
    n_classes, code = len(question.names), sample.code
    found = cluster(Z - Z.mean(axis=0), n_classes, [bench.plan.seed + sample.repeat], bench.plan.n_init).labels
    one, shape = found[0], (n_classes, n_classes)
    tables = count_pairs(found, code, shape), weigh_pairs(one, code, sample.weights, shape)
    value, draws, null = (vars(compare_tables(part)) for part in (*tables, count_pairs(sample.moved, one, shape)))
    return {name: (float(value[name][0]), draws[name], null[name], RANGES[name]) for name in value}


def _groups(bench: Bench, question: Question, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    codes = bench.index.source if question.apart else bench.index.patient
    return compact(codes[chosen])
