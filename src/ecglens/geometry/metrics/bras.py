"""BRAS: the silhouette between data sets within labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.errors import CannotFillError
from ecglens.geometry.arrays import blocks
from ecglens.geometry.metrics.base import GeometryMetric
from ecglens.threads import in_threads

BRAS = GeometryMetric(
    name="bras",
    title="batch-removal adapted silhouette",
    symbol="BRAS",
    better="lower",
    chance="about 1",
    caption="1 if data sets overlap inside each label, 0 if they are apart.",
    source="Rautenstrauch and Ohler (2025), Nature Biotechnology",
)

ALIKE = 4096
"""Cosine distances of at most this many rounding errors count as zero: the directions are the same."""

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
    return float(weighted_bras(X, labels, sources, np.ones((len(X), 1), dtype=np.uint8), np.float64)[0])


def weighted_bras(
    X: NDArray[Any], labels: NDArray[Any], sources: NDArray[Any], weights: NDArray[Any], dtype: type = np.float32
) -> NDArray[np.float64]:
    """`bras` of weighted records, ``[n, weightings]``; NaN where all weights of a label are 0."""
    parts = _nested(labels, sources) if weights.shape[1] else []
    scores = [_mixed(X, inside, source[None], weights[inside], dtype) for inside, source in parts]
    return np.asarray(np.mean(scores, axis=0)) if scores else np.empty(0)


def permuted_bras(X: NDArray[Any], labels: NDArray[Any], sources: NDArray[Any], moved: NDArray[Any]) -> NDArray[Any]:
    """`bras` of data sets, given as codes, under permutation inside each label, ``[permutations, n]``; in float32."""
    scores = np.zeros(len(moved))
    parts = _nested(labels, sources)
    for inside, _ in parts if len(moved) else ():
        held = np.unique(sources[inside])
        code = np.zeros(held.max() + 1, dtype=moved.dtype)
        code[held] = np.arange(len(held))
        scores += _mixed(X, inside, code[moved[:, inside]], np.ones((len(inside), 1), dtype=np.uint8), np.float32)
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


def _mixed(
    X: NDArray[Any], inside: NDArray[np.int64], groups: NDArray[Any], weights: NDArray[Any], dtype: type
) -> NDArray[np.float64]:
    """Mean of 1 less the size of the silhouette by cosine distance, all other groups in place of the nearest one.

    Parameters
    ----------
    X, inside
        Embeddings, and the records that are compared, ``[m]``.
    groups
        Codes of many groupings of them, ``[groupings, m]``.
    weights
        How often each record counts in each grouping, ``[m, groupings]``; one of the two may be one for all.
    dtype
        Precision of the distances.

    Returns
    -------
    ndarray
        ``[groupings]``; NaN where no record counts.
    """
    n_groups = int(groups.max(initial=0)) + 1
    counts = np.zeros((max(len(groups), weights.shape[1]), n_groups), dtype=np.int64)
    sums: NDArray[Any] = np.zeros((counts.size, X.shape[1]), dtype)
    pieces = list(blocks(len(inside), BLOCK))
    for piece in pieces:
        held = (groups[:, piece].T[:, :, None] == np.arange(n_groups)) * weights[piece, :, None]
        counts += held.sum(axis=0, dtype=np.int64)
        # The sum over records of one group is a product with its indicator.
        sums += held.reshape(-1, len(sums)).T.astype(dtype) @ _directions(X[inside[piece]], dtype)
    means = (sums / np.maximum(counts, 1).reshape(-1, 1).astype(dtype)).T
    total = np.zeros(len(counts))
    for piece in pieces:
        products = _directions(X[inside[piece]], dtype) @ means
        found: NDArray[Any] = np.empty((len(products), len(counts)), dtype)
        codes = np.ascontiguousarray(groups[:, piece].T)
        in_threads(_compare, len(products), products, codes, counts, ALIKE * np.finfo(dtype).eps, found)
        total += np.einsum(
            "ij,ij->j", 1 - np.abs(found), np.broadcast_to(weights[piece], found.shape), dtype=np.float64
        )
    size = np.broadcast_to(weights.sum(axis=0, dtype=np.int64), total.shape)
    return np.where(size > 0, total / np.maximum(size, 1), np.nan)


@compiled
def _compare(
    start: int, stop: int, products: Any, codes: Any, counts: Any, least: float, found: Any
) -> None:  # pragma: no cover
    n_groups, one = counts.shape[1], codes.shape[1] == 1
    for i in range(start, stop):
        for q in range(len(counts)):
            own, others, held = codes[i, 0 if one else q], 0.0, 0
            for group in range(n_groups):
                if group != own and counts[q, group] > 0:
                    others += 1 - products[i, q * n_groups + group]
                    held += 1
            size = counts[q, own]
            between = others / max(held, 1)
            # A record's distance to itself is 0 and does not count.
            within = (1 - products[i, q * n_groups + own]) * size / max(size - 1, 1)
            larger = max(between, within)
            found[i, q] = (between - within) / larger if size > 1 and larger > least else 0


def _directions(block: NDArray[Any], dtype: type) -> NDArray[Any]:
    directions: NDArray[Any] = block.astype(dtype)
    norms = np.sqrt(np.einsum("ij,ij->i", directions, directions))
    return np.asarray(directions / np.maximum(norms, np.finfo(dtype).tiny)[:, None])
