"""What a picture is worth: how much of the neighbourhood the plane kept, and what clusters in it would say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.answers import Row, interval
from ecglens.geometry.clusters import cluster_agreement
from ecglens.geometry.faithfulness import faithfulness
from ecglens.geometry.neighbours import Neighbours
from ecglens.geometry.questions import GeometryPlan

NEIGHBOURHOOD = 15
"""Neighbours that a picture should keep; fewer where there are not twice as many records."""


def measure_picture(
    X: NDArray[Any],
    plane: NDArray[Any],
    neighbours: Neighbours,
    values: Mapping[str, NDArray[Any]],
    space: str,
    plan: GeometryPlan = GeometryPlan(),  # noqa: B008
) -> pd.DataFrame:
    """Measure a projection.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    plane
        The same records in the picture, ``[n, 2]``.
    neighbours
        Those of `X`, at least 15 or as many as there are.
    values
        Level to label or data set of each record, ``[n]``.
    space
        What the plane is called: ``"umap"`` or ``"pca"``.
    plan
        Seeds and starts of k-means.

    Returns
    -------
    DataFrame
        Rows as `ecglens.geometry.measure_geometry` returns them, `space` in their column of that name:
        ``trustworthiness`` and ``continuity`` at level ``"picture"``; ``ari`` of k-means in the plane at the levels of
        `values`. The plane depends on its settings, and so does this ARI: published numbers may come from such a plane.

    Examples
    --------
    >>> from ecglens.geometry import find_neighbours
    >>> X = np.r_[np.eye(8), 9 + np.eye(8)][:, :2]
    >>> halves = {"label": np.arange(16) // 8}
    >>> found = measure_picture(X, 2 * X, find_neighbours(X, 5), halves, "pca", GeometryPlan(seeds=2))
    >>> found[["level", "metric", "value"]].to_numpy().tolist()
    [['picture', 'trustworthiness', 1.0], ['picture', 'continuity', 1.0], ['label', 'ari', 1.0]]
    """
    k = min(NEIGHBOURHOOD, (len(X) - 1) // 2, neighbours.k)
    kept = faithfulness(X, plane, neighbours, k=k, seed=plan.seed)
    place = {"stratum": "all", "counts": "natural", "space": space, "n": len(X), "status": "done", "reason": ""}
    rows: list[Row] = [
        place | {"level": "picture", "metric": metric, "value": getattr(kept, metric), "n": kept.n}
        for metric in ("trustworthiness", "continuity")
    ]
    for level, classes in values.items():
        row = place | {"level": level, "metric": "ari", "n_classes": len(np.unique(classes))}
        try:
            found = _plane_ari(plane, classes, plan)
        except CannotFillError as error:
            found = {"value": np.nan, "status": "cannot-fill", "reason": str(error)}
        rows.append(row | found)
    return pd.DataFrame(rows)


def _plane_ari(plane: NDArray[Any], classes: NDArray[Any], plan: GeometryPlan) -> Row:
    seeds = range(plan.seed, plan.seed + plan.seeds)
    values = cluster_agreement(plane, classes, len(np.unique(classes)), seeds, plan.n_init)["ari"].to_numpy()
    spread = {"n_repeats": len(values), "repeats": values.tolist(), "spread_over": "seeds"}
    return {"value": float(values.mean())} | spread | interval("low", "high", values)
