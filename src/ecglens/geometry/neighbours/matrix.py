"""Rows of a matrix that may be larger than memory, moved so that distances between them do not cancel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import InputError
from ecglens.geometry.arrays import blocks, name_rows

Distance = Literal["euclidean", "cosine"]

LARGEST = 1e15
"""Largest value: distances are first computed in float32, which ends at 3e38."""


@dataclass(frozen=True)
class Rows:
    """Embeddings and what to do with a row before it enters a product.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``, float32 or float64, in memory or memory-mapped.
    scale
        Factor of each row, ``[n]``: 1, or the inverse of its norm for cosine distances.
    mean
        Mean of the scaled rows, ``[d]``. Without it, ``|a|^2 + |b|^2 - 2ab`` far from the origin is a difference of
        numbers that are large and nearly equal.
    """

    X: NDArray[Any]
    scale: NDArray[np.float64]
    mean: NDArray[np.float64]

    def take(self, rows: slice | NDArray[np.int64]) -> NDArray[np.float64]:
        """Scaled and centred rows in double precision; a copy."""
        return self.X[rows].astype(np.float64) * self.scale[rows, None] - self.mean


def prepare(X: NDArray[Any], metric: Distance = "euclidean") -> Rows:
    """Check a matrix of embeddings and find its mean, block by block.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    metric
        ``"cosine"`` scales every row to norm 1: then half the squared Euclidean distance is the cosine distance.

    Raises
    ------
    InputError
        A value is not finite, or so large that squares of it are not; the metric is not known; a row is zero where the
        cosine needs a direction.

    Examples
    --------
    >>> prepare(np.array([[0.0, 3.0], [2.0, 5.0]])).mean
    array([1., 4.])
    >>> prepare(np.array([[0.0, np.nan], [2.0, 5.0]]))
    Traceback (most recent call last):
    ecglens.errors.InputError: X holds values that are not finite, in row 0. Leave those records out.
    """
    if metric not in ("euclidean", "cosine"):
        raise InputError(f"metric {metric!r} is not known. Use 'euclidean' or 'cosine'.")
    X = np.asarray(X)
    if X.ndim != 2:
        raise InputError(f"embeddings are a matrix [n, d], this has the shape {X.shape}")
    if X.dtype.kind not in "fiub" or 0 in X.shape:
        raise InputError(f"embeddings are real numbers [n, d], at least one each way; these are {X.dtype} {X.shape}")
    with np.errstate(over="ignore"):  # what becomes infinite is refused below, with its row
        X = X if X.dtype in (np.float32, np.float64) else X.astype(np.float64)
    total, scale, bad, large, zero = np.zeros(X.shape[1]), np.ones(len(X)), [], [], []
    for rows in blocks(len(X)):
        block = X[rows].astype(np.float64)
        finite = np.isfinite(block).all(axis=1)
        bad += (rows.start + np.flatnonzero(~finite)).tolist()
        large += (rows.start + np.flatnonzero(np.abs(block).max(axis=1, initial=0) > LARGEST)).tolist()
        if metric == "cosine" and not bad:
            norms = np.linalg.norm(block, axis=1)
            zero += (rows.start + np.flatnonzero(norms == 0)).tolist()
            scale[rows] = 1 / np.where(norms > 0, norms, 1)
        if not bad:
            total += scale[rows] @ block
    if bad:
        raise InputError(f"X holds values that are not finite, in {name_rows(bad)}. Leave those records out.")
    if large:
        raise InputError(f"X holds values beyond {LARGEST:g}, in {name_rows(large)}. Scale the embeddings.")
    if zero:
        raise InputError(f"a zero embedding has no direction to compare: {name_rows(zero)}. Use metric='euclidean'.")
    return Rows(X, scale, total / max(1, len(X)))
