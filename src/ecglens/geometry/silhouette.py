"""Do data sets lie apart within a label? The silhouette that is adapted to nested groups."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError

ALIKE = 1e-12
"""Cosine distances below this are rounding: the directions are the same."""


def bras(X: NDArray[Any], labels: NDArray[Any], sources: NDArray[Any]) -> float:
    """Batch-removal adapted silhouette: 1 where data sets are mixed within every label, 0 where they are apart.

    The silhouette of a record compares its mean cosine distance to its own data set (within the label) with the mean
    over the other data sets. One minus its absolute value is averaged over records, then over labels. The mean of
    cosine distances to a set is that to the set's mean direction, so no pair is looked at.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    labels, sources
        Label and data set of each record, ``[n]``. A label that one data set alone holds is left out.

    References
    ----------
    Rautenstrauch and Ohler (2025), Shortcomings of silhouette in single-cell integration benchmarking, Nature
    Biotechnology.

    Examples
    --------
    >>> X = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    >>> bras(X, np.zeros(4), np.array(["chn", "chn", "georgia", "georgia"]))
    0.0
    """
    scores = []
    for label in np.unique(labels):
        inside = np.flatnonzero(np.asarray(labels) == label)
        names, source = np.unique(np.asarray(sources)[inside], return_inverse=True)
        if 1 < len(names) < len(inside):
            scores.append(1 - np.abs(_silhouettes(X, inside, source)).mean())
    if not scores:
        raise CannotFillError("no label is held by two data sets with more than one record each")
    return float(np.mean(scores))


def _silhouettes(X: NDArray[Any], inside: NDArray[np.int64], source: NDArray[np.int64]) -> NDArray[np.float64]:
    """Silhouettes by cosine distance, with the mean over all other groups in place of the nearest one."""
    directions = X[inside].astype(np.float64)
    norms = np.sqrt(np.einsum("ij,ij->i", directions, directions))
    directions /= np.maximum(norms, np.finfo(np.float64).tiny)[:, None]
    counts = np.bincount(source)
    # The sum over records of one group is a product with its indicator.
    sums = (np.arange(len(counts))[:, None] == source).astype(np.float64) @ directions
    distance = 1 - directions @ (sums / counts[:, None]).T
    at = np.arange(len(inside)), source
    between = (distance.sum(axis=1) - distance[at]) / (len(counts) - 1)
    own = counts[source]
    # A record's distance to itself is 0 and does not count.
    within = distance[at] * own / np.maximum(own - 1, 1)
    larger = np.maximum(between, within)
    defined = (own > 1) & (larger > ALIKE)
    return np.where(defined, (between - within) / np.where(defined, larger, 1), 0)
