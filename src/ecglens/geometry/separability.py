"""Does the geometry of the embeddings follow the diagnosis or the recorder?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.clusters import cluster_agreement
from ecglens.geometry.neighbours import Neighbours, find_neighbours
from ecglens.geometry.purity import agreement

Value = tuple[str, int, float]
"""Metric, repeat, value."""

ACROSS = "label-across-datasets"
KNN_METRICS = ("knn_raw", "knn_macro", "knn_rescaled")
CLUSTER_METRICS = ("ari", "ami")
COLUMNS = ["level", "stratum", "metric", "repeat", "value", "n", "n_classes", "status", "reason"]


def separability(
    X: NDArray[Any],
    labels: NDArray[Any],
    sources: NDArray[Any],
    patients: NDArray[Any],
    *,
    k: int = 10,
    seeds: Sequence[int] = range(10),
    space: Literal["raw", "standardised"] = "raw",
) -> pd.DataFrame:
    """Measure how well neighbours and clusters follow the label, and how well they follow the data set.

    ======================  =================  =====================================================
    level                   stratum            question
    ======================  =================  =====================================================
    label                   all                do neighbours and clusters share the label?
    dataset                 all                ... the data set?
    label-within-dataset    each data set      ... the label, where the recorder is the same?
    dataset-within-label    each label         ... the data set, where the label is the same?
    label-across-datasets   all                do the nearest records of other data sets share the label?
                                               (neighbours only)
    ======================  =================  =====================================================

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    labels
        Labels 0 or 1, ``[n]``.
    sources
        Data set of each record, ``[n]``.
    patients
        Patient of each record, ``[n]``, unique over data sets. Records of one patient are never neighbours.
    k
        Neighbours per record.
    seeds
        One k-means clustering each.
    space
        ``"standardised"`` scales each feature to unit variance over all records first.

    Returns
    -------
    DataFrame
        Columns ``level``, ``stratum``, ``metric`` (knn_raw, knn_macro, knn_rescaled, ari, ami), ``repeat`` (the seed of
        a clustering, else 0), ``value``, ``n`` (records), ``n_classes``, ``status`` (``"done"`` or ``"cannot-fill"``
        with value NaN) and ``reason``.

    See Also
    --------
    ecglens.geometry.agreement, ecglens.geometry.cluster_agreement

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels, sources = np.tile([0, 1], 40), np.repeat(["georgia", "chn"], 40)
    >>> X = rng.normal(size=(80, 4)) + 20 * labels[:, None]
    >>> table = separability(X, labels, sources, np.arange(80), seeds=[0])
    >>> table[table.metric == "ari"].groupby("level").value.mean().round(1).to_dict()
    {'dataset': -0.0, 'dataset-within-label': ..., 'label': 1.0, 'label-within-dataset': 1.0}
    """
    X = np.asarray(X, dtype=np.float64)
    labels, sources, patients = np.asarray(labels), np.asarray(sources), np.asarray(patients)
    if space == "standardised":
        spread = X.std(axis=0)
        X = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1)
    everything = np.ones(len(X), dtype=bool)
    views = [
        ("all", everything, patients, {"label": labels, "dataset": sources}),
        *((str(name), sources == name, patients, {"label-within-dataset": labels}) for name in np.unique(sources)),
        *((str(name), labels == name, patients, {"dataset-within-label": sources}) for name in np.unique(labels)),
        ("all", everything, sources, {ACROSS: labels}),
    ]
    rows = []
    for stratum, kept, all_groups, questions in views:
        part, groups = X[kept], all_groups[kept]
        nearest = cache(partial(find_neighbours, part, k, groups))
        for level, all_classes in questions.items():
            classes = all_classes[kept]
            facts = {"level": level, "stratum": stratum, "n": len(classes), "n_classes": len(np.unique(classes))}
            results = _outcome(KNN_METRICS, partial(_neighbour_values, nearest, classes, groups))
            if level != ACROSS:
                results += _outcome(CLUSTER_METRICS, partial(_cluster_values, part, classes, seeds))
            rows += [facts | result for result in results]
    return pd.DataFrame(rows, columns=COLUMNS)


def _neighbour_values(nearest: Callable[[], Neighbours], classes: NDArray[Any], groups: NDArray[Any]) -> list[Value]:
    purity = agreement(nearest(), classes, groups)
    return [("knn_raw", 0, purity.raw), ("knn_macro", 0, purity.macro), ("knn_rescaled", 0, purity.rescaled)]


def _cluster_values(X: NDArray[Any], classes: NDArray[Any], seeds: Sequence[int]) -> list[Value]:
    table = cluster_agreement(X, classes, len(np.unique(classes)), seeds)
    return [
        (metric, seed, value)
        for metric in CLUSTER_METRICS
        for seed, value in zip(table["seed"], table[metric], strict=True)
    ]


def _outcome(metrics: Sequence[str], measure: Callable[[], list[Value]]) -> list[dict[str, Any]]:
    """The values of a measure as rows, or a row without value for each of its metrics."""
    try:
        values, status, reason = measure(), "done", ""
    except CannotFillError as error:
        values, status, reason = [(metric, 0, float("nan")) for metric in metrics], "cannot-fill", str(error)
    return [
        {"metric": metric, "repeat": repeat, "value": value, "status": status, "reason": reason}
        for metric, repeat, value in values
    ]
