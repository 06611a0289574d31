"""Do data sets lie apart within a label? The silhouette that is adapted to nested groups."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.rows import blocks

ALIKE = 4096
"""Cosine distances below so many rounding errors are nothing else: the directions are the same."""

BLOCK = 1024


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
    return mean_of_labels(mixing_scores(X, labels, sources), labels)


def mean_of_labels(scores: NDArray[np.float64], labels: NDArray[Any]) -> float:
    """Mean over the labels' means, of those that were scored."""
    return float(np.mean([scores[labels == label].mean() for label in np.unique(labels[~np.isnan(scores)])]))


def mixing_scores(X: NDArray[Any], labels: NDArray[Any], sources: NDArray[Any]) -> NDArray[np.float64]:
    """What `bras` averages, for each record: ``[n]``, NaN where the label is left out."""
    found = np.full(len(X), np.nan)
    for inside, source in _nested(labels, sources):
        found[inside] = 1 - np.abs(_silhouettes(X, inside, source[None], np.float64)[:, 0])
    return found


def permuted_bras(X: NDArray[Any], labels: NDArray[Any], sources: NDArray[Any], moved: NDArray[Any]) -> NDArray[Any]:
    """`bras` of data sets, given as codes, under permutation inside each label, ``[permutations, n]``; in float32."""
    scores = np.zeros(len(moved))
    parts = _nested(labels, sources)
    for inside, _ in parts if len(moved) else ():
        codes = np.searchsorted(np.unique(sources[inside]), moved[:, inside])
        scores += 1 - np.abs(_silhouettes(X, inside, codes, np.float32)).mean(axis=0, dtype=np.float64)
    return scores / len(parts)


def _nested(labels: NDArray[Any], sources: NDArray[Any]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Records of each label that two data sets hold, and the codes of their data sets."""
    found = []
    for label in np.unique(labels):
        inside = np.flatnonzero(np.asarray(labels) == label)
        names, source = np.unique(np.asarray(sources)[inside], return_inverse=True)
        if 1 < len(names) < len(inside):
            found.append((inside, source))
    if not found:
        raise CannotFillError("no label is held by two data sets with more than one record each")
    return found


def _silhouettes(X: NDArray[Any], inside: NDArray[np.int64], groups: NDArray[Any], dtype: type) -> NDArray[Any]:
    """Silhouettes by cosine distance, with the mean over all other groups in place of the nearest one.

    Parameters
    ----------
    X, inside
        Embeddings, and the records that are compared, ``[m]``.
    groups
        Codes of many groupings of them, ``[groupings, m]``.
    dtype
        Precision of the distances.

    Returns
    -------
    ndarray
        ``[m, groupings]``.
    """
    n_groups = int(groups.max(initial=0)) + 1
    found: NDArray[Any] = np.empty((len(inside), len(groups)), dtype)
    members = groups.T[:, :, None] == np.arange(n_groups)
    counts = members.sum(axis=0)
    sums: NDArray[Any] = np.zeros((len(groups) * n_groups, X.shape[1]), dtype)
    pieces = list(blocks(len(inside), BLOCK))
    for piece in pieces:
        # The sum over records of one group is a product with its indicator.
        sums += members[piece].reshape(-1, len(sums)).T.astype(dtype) @ _directions(X[inside[piece]], dtype)
    means = (sums / np.maximum(counts, 1).reshape(-1, 1).astype(dtype)).T
    for piece in pieces:
        distance = (1 - _directions(X[inside[piece]], dtype) @ means).reshape(-1, *counts.shape) * (counts > 0)
        own = np.where(members[piece], distance, 0).sum(axis=2)
        size = np.where(members[piece], counts, 0).sum(axis=2)
        between = (distance.sum(axis=2) - own) / np.maximum((counts > 0).sum(axis=1) - 1, 1).astype(dtype)
        # A record's distance to itself is 0 and does not count.
        within = own * (size / np.maximum(size - 1, 1)).astype(dtype)
        larger = np.maximum(between, within)
        defined = (size > 1) & (larger > ALIKE * np.finfo(dtype).eps)
        found[piece] = np.where(defined, (between - within) / np.where(defined, larger, 1), 0)
    return found


def _directions(block: NDArray[Any], dtype: type) -> NDArray[Any]:
    directions: NDArray[Any] = block.astype(dtype)
    norms = np.sqrt(np.einsum("ij,ij->i", directions, directions))
    return np.asarray(directions / np.maximum(norms, np.finfo(dtype).tiny)[:, None])
