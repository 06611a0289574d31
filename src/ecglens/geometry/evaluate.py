"""Metrics of neighbours and clusters at one level, as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.arrays import coded, compact
from ecglens.geometry.bench import Bench, Moved
from ecglens.geometry.inference.estimate import Row, averaged, estimate
from ecglens.geometry.inference.resampling import Floats, draw_equal, permuter
from ecglens.geometry.levels import Question
from ecglens.geometry.metrics import words_of
from ecglens.geometry.metrics.clustering import cluster, spectral_clusters
from ecglens.geometry.metrics.kmeans import Clusterings
from ecglens.geometry.metrics.knn_purity import KNN_CLASS, KNN_MACRO, KNN_RAW, KNN_RESCALED, purity_of_codes
from ecglens.geometry.metrics.knn_purity_batch import permuted_purities, weighted_purities
from ecglens.geometry.metrics.partitions import compare_tables, count_pairs, weigh_pairs
from ecglens.geometry.plan import OF_CLUSTERS
from ecglens.metric import Metric
from ecglens.threads import spread

CLUSTER_WORDS = words_of(OF_CLUSTERS)


class Number(NamedTuple):
    """A value, its values without a group of patients and under permutation, and its range."""

    metric: Metric
    value: float
    replicates: Floats
    null: Floats
    within: tuple[float, float]


@dataclass(frozen=True)
class Sample:
    """Some of the members: positions and codes ``[m]``, weights ``[m, groups]``, permutations ``[p, m]``."""

    members: NDArray[np.int64]
    code: NDArray[np.int64]
    weights: NDArray[np.uint8]
    moved: NDArray[np.int16]
    repeat: int = 0


Draw = Callable[[int], Sample]
"""A subsample with equal counts, by its number."""


def natural_purity(bench: Bench, question: Question, moved: Moved) -> list[Row]:
    """Purity of all members' neighbours."""
    sample = Sample(question.members, question.values, bench.weights[question.members], moved())
    return [
        estimate(number.metric, number.value, number.replicates, number.null, within=number.within)
        for number in _purity(bench, question, sample)
    ]


def natural_clusters(bench: Bench, question: Question, spaces: Sequence[str], moved: Moved) -> list[Row]:
    """Agreement of clusters of all members, as mean and spread over seeds."""
    members, weights, metrics = question.members, bench.weights[question.members], bench.plan.of_clusters
    found = {space: bench.clustered(members.tobytes(), space, len(question.names)) for space in spaces}
    return [
        row | {"space": space}
        for space, clusters in found.items()
        for row in estimate_clusters(clusters, question.values, weights, moved(), metrics)
    ]


def graph_clusters(bench: Bench, question: Question, moved: Moved) -> list[Row]:
    """The same of the neighbour graph."""
    members, n_classes = question.members, len(question.names)
    if len(members) <= n_classes:
        raise CannotFillError(f"{n_classes} clusters of a graph need more records than that, there are {len(members)}")
    graph = spectral_clusters(bench.nearest(members.tobytes(), False), n_classes, bench.plan.seed)
    found = Clusterings(graph[None], np.zeros(1))
    return estimate_clusters(found, question.values, bench.weights[members], moved(), bench.plan.of_clusters)


def estimate_clusters(
    found: Clusterings,
    code: NDArray[np.int64],
    weights: NDArray[np.uint8],
    moved: NDArray[np.int16],
    metrics: Sequence[str] = OF_CLUSTERS,
) -> list[Row]:
    """Agreement of clusterings with classes, in the mean over seeds.

    Parameters
    ----------
    found
        The clusterings.
    code
        Classes, ``[n]``.
    weights
        1 for each record, 0 where its patient's group is left out, ``[n, groups]``.
    moved
        Classes under permutation, ``[permutations, n]``.
    metrics
        Names of the numbers.
    """
    shape = int(found.labels.max()) + 1, int(code.max()) + 1
    values = compare_tables(count_pairs(found.labels, code, shape), metrics)
    without = [compare_tables(weigh_pairs(labels, code, weights, shape), metrics) for labels in found.labels]
    null = [compare_tables(count_pairs(moved, labels, shape[::-1]), metrics) for labels in found.labels]
    rows = []
    for name in metrics:
        replicates, by_chance = (np.mean([one[name] for one in each], axis=0) for each in (without, null))
        row = estimate(CLUSTER_WORDS[name], values[name].mean(), replicates, by_chance)
        rows.append(averaged(row, values[name], "seeds"))
    return rows


def equal_purity(bench: Bench, question: Question, draw: Draw) -> list[Row]:
    """Mean purity of subsamples with equal counts."""
    return _means(bench, question, draw, _equal_purity, "")


def equal_clusters(bench: Bench, question: Question, draw: Draw) -> list[Row]:
    """Mean agreement of clusters of subsamples with equal counts: their spread stands for that over seeds."""
    return _means(bench, question, draw, _clusters, "embedding")


def _means(
    bench: Bench, question: Question, draw: Draw, measure: Callable[[Bench, Question, Sample], list[Number]], space: str
) -> list[Row]:
    def work(repeat: int) -> tuple[int, list[Number]]:
        sample = draw(repeat)
        return len(sample.members), measure(bench, question, sample)

    found = spread(work, range(bench.plan.repeats))
    rows = []
    for each in zip(*(numbers for _, numbers in found), strict=True):
        value, replicates, null, within = (
            np.array(part) for part in zip(*(number[1:] for number in each), strict=True)
        )
        # Patients are left out of all subsamples alike, and a permutation is one of all.
        low, high = within.mean(axis=0).tolist()
        row = estimate(each[0].metric, value.mean(), _mean(replicates), _mean(null), within=(low, high))
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
    factors = (question.values, question.within) if question.level != "source" else (question.within, question.values)
    rng = np.random.default_rng([plan.seed, 3, repeat])
    chosen = draw_equal(np.column_stack(factors), rng, plan.most_per_cell)
    members, code = question.members[chosen], question.values[chosen]
    cell = coded(factors[0] * len(factors[1]) + factors[1])
    permute = permuter(bench.index.patient[members], question.within[chosen], np.bincount(cell)[cell][chosen])
    moved = permute(code, plan.permutations, np.random.default_rng([plan.seed, 4, question.of_source]))
    return Sample(members, code, bench.weights[members], moved, repeat)


def _equal_purity(bench: Bench, question: Question, sample: Sample) -> list[Number]:
    return [number for number in _purity(bench, question, sample) if number.metric in (KNN_RESCALED, KNN_MACRO)]


def _purity(bench: Bench, question: Question, sample: Sample) -> list[Number]:
    names, members = question.names, sample.members
    codes = bench.index.source if question.apart else bench.index.patient
    nearest, groups = bench.nearest(members.tobytes(), question.apart), compact(codes[members])
    purity = purity_of_codes(nearest, np.arange(len(names)), sample.code, groups)
    without = weighted_purities(nearest, sample.code, groups, sample.weights, len(names)).numbers(names)
    null = permuted_purities(nearest, sample.moved, groups, len(names)).numbers(names)
    classes = {replace(KNN_CLASS, name=f"knn_class:{names[code]}"): value for code, value in purity.per_class.items()}
    values = {KNN_RESCALED: purity.rescaled, KNN_RAW: purity.raw, KNN_MACRO: purity.macro, **classes}
    lows = {KNN_RESCALED: max(KNN_RESCALED.low, purity.lowest)}
    return [
        Number(metric, value, without[metric.name], null[metric.name], (lows.get(metric, metric.low), metric.high))
        for metric, value in values.items()
    ]


def _clusters(bench: Bench, question: Question, sample: Sample) -> list[Number]:
    Z = bench.spaces["embedding"].coordinates[sample.members]
    n_classes, code, metrics = len(question.names), sample.code, bench.plan.of_clusters
    found = cluster(Z - Z.mean(axis=0), n_classes, [bench.plan.seed + sample.repeat], bench.plan.n_init).labels
    one, shape = found[0], (n_classes, n_classes)
    tables = (
        count_pairs(found, code, shape),
        weigh_pairs(one, code, sample.weights, shape),
        count_pairs(sample.moved, one, shape),
    )
    value, without, null = (compare_tables(part, metrics) for part in tables)
    words = [CLUSTER_WORDS[name] for name in metrics]
    return [
        Number(each, float(value[each.name][0]), without[each.name], null[each.name], (each.low, each.high))
        for each in words
    ]
