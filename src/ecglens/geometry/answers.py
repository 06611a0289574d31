"""The numbers of neighbours and clusters that answer one question, as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
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
from ecglens.geometry.resampling import Floats, about, as_wide_as_means, draw_equal, permuter
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
        How often each record is drawn where patients are drawn anew, ``[n, bootstraps]``: the same for all questions
        and subsamples.
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


def permutations(patient: NDArray[np.int64], plan: GeometryPlan, question: Question) -> NDArray[np.int16]:
    """Values of all members permuted between patients, inside the other factor; `patient` are codes, ``[n]``."""
    permute = permuter(patient[question.members], question.within)
    return permute(question.values, plan.permutations, np.random.default_rng([plan.seed, 1]))


def natural_purity(bench: Bench, question: Question, moved: Moved) -> list[Row]:
    """Purity of all members' neighbours."""
    sample = Sample(question.members, question.values, bench.weights[question.members], moved())
    return [judge(metric, *number) for metric, number in _purity(bench, question, sample).items()]


def natural_clusters(bench: Bench, question: Question, spaces: Sequence[str], moved: Moved) -> list[Row]:
    """Agreement of clusters of all members, as mean and spread over seeds."""
    refuse_one_class(question.values)
    members, draws = question.members, bench.weights[question.members]
    found = {space: bench.clustered(members.tobytes(), space, len(question.names)) for space in spaces}
    return [
        row | {"space": space}
        for space, clusters in found.items()
        for row in judge_clusters(clusters, question.values, draws, moved())
    ]


def graph_clusters(bench: Bench, question: Question, moved: Moved) -> list[Row]:
    """The same of the neighbour graph."""
    refuse_one_class(question.values)
    members, n_classes = question.members, len(question.names)
    if len(members) <= n_classes:
        raise CannotFillError(f"{n_classes} clusters of a graph need more records than that, there are {len(members)}")
    graph = spectral_clusters(bench.nearest(members.tobytes(), False), n_classes, bench.plan.seed)
    found = Clusterings(graph[None], np.zeros(1))
    return judge_clusters(found, question.values, bench.weights[members], moved())


@dataclass(frozen=True)
class Sample:
    """Some of the members: positions and codes ``[m]``, draws of patients ``[m, draws]``, permutations ``[p, m]``."""

    members: NDArray[np.int64]
    code: NDArray[np.int64]
    weights: NDArray[np.uint8]
    moved: NDArray[np.int16]
    repeat: int = 0


Numbers = dict[str, tuple[float, Floats, Floats]]
"""Metric to its value, its value for patients drawn anew, and under permutation."""


def equal_purity(bench: Bench, question: Question) -> list[Row]:
    """Mean purity of subsamples with equal counts."""
    return _means(bench, question, _purity, ("knn_rescaled", "knn_macro"), "")


def equal_clusters(bench: Bench, question: Question) -> list[Row]:
    """Mean agreement of clusters of subsamples with equal counts: their spread stands for that over seeds."""
    return _means(bench, question, _clusters, ("ari", "ami", "v_measure"), "embedding")


def _means(
    bench: Bench,
    question: Question,
    measure: Callable[[Bench, Question, Sample], Numbers],
    metrics: Sequence[str],
    space: str,
) -> list[Row]:
    refuse_one_class(question.values)

    def work(repeat: int) -> tuple[int, Numbers]:
        sample = _draw(bench, question, repeat)
        return len(sample.members), measure(bench, question, sample)

    found = kernels.spread(work, range(bench.plan.repeats))
    rows, rng = [], np.random.default_rng([bench.plan.seed, 4])
    for metric in metrics:
        value, draws, null = (np.array(part) for part in zip(*(numbers[metric] for _, numbers in found), strict=True))
        # Patients are drawn for all subsamples alike; a permutation is of one of them.
        known = np.isfinite(draws).sum(axis=0)
        draws = np.where(known > 0, np.nansum(draws, axis=0) / np.maximum(known, 1), np.nan)
        row = judge(metric, value.mean(), draws, as_wide_as_means(null.ravel(), value, rng))
        rows.append(averaged(row | {"n": found[0][0], "space": space}, value, "repeats"))
    return rows


def _draw(bench: Bench, question: Question, repeat: int) -> Sample:
    plan = bench.plan
    # Cells in one order for both levels, so that they see the same subsamples and their difference is a paired one.
    factors = (question.values, question.within) if question.level != "dataset" else (question.within, question.values)
    rng = np.random.default_rng([plan.seed, 3, repeat])
    chosen = draw_equal(np.column_stack(factors), rng, plan.most_per_cell)
    members, code = question.members[chosen], question.values[chosen]
    permute = permuter(bench.pool.patient[members], question.within[chosen])
    moved = permute(code, -(-plan.permutations // plan.repeats), rng)
    return Sample(members, code, bench.weights[members], moved, repeat)


def _purity(bench: Bench, question: Question, sample: Sample) -> Numbers:
    names, members = question.names, sample.members
    nearest, groups = bench.nearest(members.tobytes(), question.apart), _groups(bench, question, members)
    purity = agreement_of_codes(nearest, np.arange(len(names)), sample.code, groups)
    draws = bootstrap_purities(nearest, sample.code, groups, sample.weights, len(names)).numbers(names)
    null = permuted_purities(nearest, sample.moved, groups, len(names)).numbers(names)
    classes = {f"knn_class:{names[code]}": value for code, value in purity.per_class.items()}
    values = {"knn_rescaled": purity.rescaled, "knn_raw": purity.raw, "knn_macro": purity.macro, **classes}
    return {metric: (value, draws[metric], null[metric]) for metric, value in values.items()}


def _clusters(bench: Bench, question: Question, sample: Sample) -> Numbers:
    Z = bench.spaces["embedding"][sample.members]
    n_classes, code = len(question.names), sample.code
    found = cluster(Z - Z.mean(axis=0), n_classes, [bench.plan.seed + sample.repeat], bench.plan.n_init).labels
    one, shape = found[0], (n_classes, n_classes)
    tables = count_pairs(found, code, shape), weigh_pairs(one, code, sample.weights, shape)
    value, draws, null = (vars(compare_tables(part)) for part in (*tables, count_pairs(sample.moved, one, shape)))
    return {name: (float(one[0]), about(one[0], draws[name]), null[name]) for name, one in value.items()}


def _groups(bench: Bench, question: Question, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    codes = bench.pool.source if question.apart else bench.pool.patient
    return compact(codes[chosen])
