"""Shared intermediate results of one geometry: neighbour search, components, clusters and weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ecglens.geometry.inference.resampling import leave_out, permuter
from ecglens.geometry.levels import Question
from ecglens.geometry.metrics import GeometryMetric
from ecglens.geometry.metrics.clustering import cluster
from ecglens.geometry.metrics.kmeans import Clusterings
from ecglens.geometry.neighbours.index import NeighbourIndex
from ecglens.geometry.neighbours.knn import Neighbours
from ecglens.geometry.pca import Components, Moments, find_moments, principal_components
from ecglens.geometry.plan import OF_CLUSTERS, GeometryPlan

NEED_COMPONENTS = (*OF_CLUSTERS, "pc_regression")

Moved = Callable[[], NDArray[np.int16]]
"""Values of all members under permutation, ``[permutations, m]``."""


@dataclass(frozen=True)
class Bench:
    """Shared intermediate results.

    Parameters
    ----------
    index
        The one neighbour search.
    plan
        What to compute.
    custom
        Metrics from outside that the plan names.
    moments
        Mean and covariance of the embeddings, if a metric needs them.
    spaces
        Components to cluster in; empty if no metric needs them.
    weights
        1 for each record, 0 where its patient's group is left out, ``[n, groups]``: the same for all questions and
        subsamples.
    nearest
        Neighbours of a part of the records, given as the bytes of their positions, in their own or all data sets.
    clustered
        Clusterings of a part of the records in a space, into a number of clusters.
    """

    index: NeighbourIndex
    plan: GeometryPlan
    custom: tuple[GeometryMetric, ...]
    moments: Moments | None
    spaces: Mapping[str, Components]
    weights: NDArray[np.uint8]
    nearest: Callable[[bytes, bool], Neighbours]
    clustered: Callable[[bytes, str, int], Clusterings]


def prepare_bench(index: NeighbourIndex, plan: GeometryPlan) -> Bench:
    """Compute the intermediate results that metrics of a plan share."""
    moments = find_moments(index.points) if {*NEED_COMPONENTS, "source_classifier"} & {*plan.metrics} else None
    spaces = _spaces(index, moments, plan) if moments and {*NEED_COMPONENTS} & {*plan.metrics} else {}
    weights = leave_out(index.patient, plan.bootstraps, np.random.default_rng([plan.seed, 2]))

    @cache
    def nearest(members: bytes, apart: bool) -> Neighbours:
        # A copy can be written to, as all other arrays: kernels are not compiled again for one that cannot.
        return index.among(np.frombuffer(members, dtype=np.int64).copy(), plan.k, apart=apart)

    @cache
    def clustered(members: bytes, space: str, n_clusters: int) -> Clusterings:
        Z = spaces[space].coordinates[np.frombuffer(members, dtype=np.int64)]
        return cluster(Z - Z.mean(axis=0), n_clusters, range(plan.seed, plan.seed + plan.seeds), plan.n_init)

    return Bench(index, plan, plan.custom, moments, spaces, weights, nearest, clustered)


def _spaces(index: NeighbourIndex, moments: Moments, plan: GeometryPlan) -> dict[str, Components]:
    embedding = principal_components(index.points, moments=moments)
    spaces = {"embedding": embedding}
    if plan.of_clusters and "standardised" in plan.spaces:
        spaces["standardised"] = principal_components(index.points, standardise=True, moments=moments)
    if plan.of_clusters and "pca50" in plan.spaces:
        spaces["pca50"] = embedding.first(50)
    return spaces


def permutations(patient: NDArray[np.int64], plan: GeometryPlan, question: Question) -> NDArray[np.int16]:
    """Values of all members permuted between patients, inside the other factor; `patient` are codes, ``[n]``."""
    permute = permuter(patient[question.members], question.within)
    return permute(question.values, plan.permutations, np.random.default_rng([plan.seed, 1, question.of_source]))
