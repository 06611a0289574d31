"""Standardised features for all folds from one matrix: a fold's own scaler is an affine map, never a copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROWS = 1024
"""Records that are widened to 64 bits at a time."""

CONSTANT = 1e-6
"""A feature whose deviation inside a fold is below this part of its deviation over all records counts as constant."""


@dataclass(frozen=True, eq=False)
class FoldScalers:
    """Features scaled over all records, and the scaler of each fold on top of that.

    The first step serves the precision of 32-bit products only; the second undoes it, so that ``(Z - mean) / scale`` is
    exactly what a scaler fitted on the training records of a fold would give.

    Parameters
    ----------
    Z
        Features, scaled over all records, ``[n, d]``.
    center, spread
        Mean and deviation of the first step, ``[d]``.
    mean, scale
        Mean and deviation of the second step, in units of `Z`, ``[folds, d]``.
    """

    Z: NDArray[np.float32]
    center: Floats
    spread: Floats
    mean: Floats
    scale: Floats

    def to_raw(self, fold: int, weights: Floats) -> tuple[Floats, Floats]:
        """Turn weights ``[..., d]`` of a fold's standardised features into those of raw features and an intercept."""
        raw = weights / (self.scale[fold] * self.spread)
        return raw, -raw @ (self.center + self.spread * self.mean[fold])


def scale_folds(X: NDArray[Any], train: NDArray[np.bool_]) -> FoldScalers:
    """Scale ``[n, d]`` for each fold by its training records ``[folds, n]``.

    Examples
    --------
    >>> scalers = scale_folds(np.array([[1.0], [3.0], [8.0]]), np.array([[True, True, False]]))
    >>> ((scalers.Z - scalers.mean[0]) / scalers.scale[0]).round(6).ravel()
    array([-1.,  1.,  6.])
    """
    center = X.mean(axis=0, dtype=np.float64)
    spread = X.std(axis=0, dtype=np.float64)
    spread[spread == 0] = 1
    Z = np.empty(X.shape, dtype=np.float32)
    total, squares = np.zeros((2, len(train), X.shape[1]))
    for start in range(0, len(X), ROWS):
        rows = slice(start, start + ROWS)
        Z[rows] = (X[rows] - center) / spread
        block, used = Z[rows].astype(np.float64), train[:, rows].astype(np.float64)
        total += used @ block
        squares += used @ block**2
    count = train.sum(axis=1, keepdims=True)
    mean = total / count
    scale = np.sqrt(np.maximum(squares / count - mean**2, 0))
    scale[scale < CONSTANT] = 1
    return FoldScalers(Z, center, spread, mean, scale)
