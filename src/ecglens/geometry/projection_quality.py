"""Quality of projections: trustworthiness, continuity and clusters in the plane."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.bench import permutations
from ecglens.geometry.evaluate import estimate_clusters
from ecglens.geometry.inference.estimate import Row, estimate
from ecglens.geometry.inference.resampling import leave_out, weighted_mean
from ecglens.geometry.levels import Question, ask
from ecglens.geometry.metrics.clustering import cluster
from ecglens.geometry.metrics.trustworthiness import CONTINUITY, TRUSTWORTHINESS, trustworthiness
from ecglens.geometry.neighbours.knn import Neighbours
from ecglens.geometry.pca import principal_components
from ecglens.geometry.plan import GeometryPlan
from ecglens.status import CANNOT_FILL, DONE

NEIGHBOURHOOD = 15
"""Neighbours that a picture should keep; fewer where there are not twice as many records."""


def measure_projection(
    X: NDArray[Any],
    plane: NDArray[Any],
    labels: NDArray[Any],
    sources: NDArray[Any],
    patients: NDArray[Any],
    space: str,
    plan: GeometryPlan = GeometryPlan(),  # noqa: B008
    neighbours: Neighbours | None = None,
) -> pd.DataFrame:
    """Measure a projection.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    plane
        The same records in the picture, ``[n, 2]``.
    labels, sources, patients
        Label, data set and patient of each record, ``[n]``.
    space
        What the plane is called: ``"umap"`` or ``"pca"``.
    plan
        Seeds and starts of k-means, draws of patients and permutations.
    neighbours
        Those of `X` with no groups left out, if they are known: `neighbourhood` of them, or more.

    Returns
    -------
    DataFrame
        Rows as `ecglens.geometry.measure_geometry` returns them, `space` in their column of that name:
        ``trustworthiness`` and ``continuity`` at level ``"picture"``, chance being the mean of planes that have nothing
        to do with the embedding; ``ari`` of k-means in the plane at the levels ``"label"`` and ``"source"``. The plane
        depends on its settings, and so does this ARI: published numbers may come from such a plane.

    Examples
    --------
    >>> X = np.r_[np.eye(8), 9 + np.eye(8)][:, :2]
    >>> halves, turns = np.arange(16) // 8, np.arange(16) % 2
    >>> found = measure_projection(X, 2 * X, halves, turns, np.arange(16), "pca")
    >>> found[["level", "metric", "value"]].to_numpy().tolist()
    [['picture', 'trustworthiness', 1.0], ['picture', 'continuity', 1.0], ['label', 'ari', 1.0], \
['source', 'ari', -0.0714...]]
    """
    k = neighbourhood(len(X))
    weights = leave_out(patients, plan.bootstraps, np.random.default_rng([plan.seed, 2]))
    kept = trustworthiness(X, plane, neighbours, k=k, seed=plan.seed)
    place = {"stratum": "all", "counts": "natural", "space": space, "n": len(X), "status": DONE, "reason": ""}
    rows: list[Row] = []
    for metric, values in zip((TRUSTWORTHINESS, CONTINUITY), kept.per_record, strict=True):
        if metric.name not in plan.metrics:
            continue
        row = estimate(metric, values.mean(), weighted_mean(values, weights[kept.chosen]), np.empty(0))
        rows.append(place | row | {"level": "picture", "n": len(values), "null_mean": kept.chance})
    for question in ask(labels, sources, strata=False)[:2] if "ari" in plan.metrics else ():
        row = place | {"level": question.level, "metric": "ari", "n_classes": len(question.names)}
        try:
            rows.append(row | _plane_ari(plane, question, patients, weights, plan))
        except CannotFillError as error:
            rows.append(row | {"value": np.nan, "status": CANNOT_FILL, "reason": str(error)})
    return pd.DataFrame(rows).drop(columns=["range", "replicates", "null"], errors="ignore")


def neighbourhood(n: int) -> int:
    """Neighbours whose places in a picture of `n` records are looked at."""
    return min(NEIGHBOURHOOD, (n - 1) // 2)


def _plane_ari(
    plane: NDArray[Any], question: Question, patients: NDArray[Any], weights: NDArray[np.uint8], plan: GeometryPlan
) -> Row:
    question.need_two_values()
    seeds = range(plan.seed, plan.seed + plan.seeds)
    found = cluster(principal_components(plane).coordinates, len(question.names), seeds, plan.n_init)
    moved = permutations(np.unique(patients, return_inverse=True)[1], plan, question)
    return estimate_clusters(found, question.values, weights, moved, ["ari"])[0]
