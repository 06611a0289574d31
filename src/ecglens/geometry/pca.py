"""Principal components of a matrix that may be larger than memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.geometry.arrays import blocks
from ecglens.geometry.neighbours.matrix import prepare
from ecglens.threads import one_thread

CONSTANT = 1e-7
"""A feature that varies by less than this part of its mean is constant: so much is the rounding of float32."""


@dataclass(frozen=True)
class Components:
    """Coordinates on the first principal components.

    Parameters
    ----------
    coordinates
        ``[n, m]``, the component of largest variance first, centred.
    variance
        Variance of each, ``[m]``.
    total
        Variance of all of them, also those that were not kept.
    """

    coordinates: NDArray[np.float32]
    variance: NDArray[np.float64]
    total: float

    def first(self, m: int) -> Components:
        """The first `m` of them, or all where there are not as many."""
        return Components(self.coordinates[:, :m], self.variance[:m], self.total)


@dataclass(frozen=True)
class Moments:
    """Mean ``[d]`` and covariance ``[d, d]`` of embeddings."""

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    def inverse_spread(self) -> NDArray[np.float64]:
        """Factor that gives each feature unit variance, ``[d]``; 0 for constant ones, whose variance is rounding."""
        spread = np.sqrt(np.diag(self.covariance))
        varies = spread > CONSTANT * np.abs(self.mean)
        return np.where(varies, 1 / np.where(varies, spread, 1), 0)


def find_moments(X: NDArray[Any]) -> Moments:
    """Mean and covariance in one pass over blocks of records.

    Examples
    --------
    >>> find_moments(np.array([[0.0, 1.0], [2.0, 1.0]])).covariance
    array([[1., 0.],
           [0., 0.]])
    """
    rows = prepare(X)
    covariance = np.zeros((X.shape[1], X.shape[1]))
    for piece in blocks(len(X)):
        block = rows.take(piece)
        covariance += block.T @ block
    return Moments(rows.mean, covariance / max(1, len(X)))


def principal_components(
    X: NDArray[Any], m: int = 64, *, standardise: bool = False, moments: Moments | None = None
) -> Components:
    """Project on the first principal components.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    m
        Components; at most `d` are kept.
    standardise
        Scale each feature to unit variance first; constant features stay zero.
    moments
        Those of `X`, if they are known.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [4.0, 0.0], [2.0, 1.0], [2.0, -1.0]])
    >>> found = principal_components(square)
    >>> found.variance, np.abs(found.coordinates[:, 0])
    (array([2. , 0.5]), array([2., 2., 0., 0.], dtype=float32))
    """
    known = moments or find_moments(X)
    scale = known.inverse_spread() if standardise else np.ones(len(known.mean))
    covariance = known.covariance * scale[:, None] * scale
    kept = min(m, len(covariance))
    with one_thread():
        variance, vectors = np.linalg.eigh(covariance)
    variance = np.where(variance > np.square(CONSTANT * np.abs(known.mean * scale).max(initial=0)), variance, 0)
    axes = np.where(variance > 0, vectors, 0)[:, ::-1][:, :kept] * scale[:, None]
    coordinates = np.empty((len(X), kept), dtype=np.float32)
    for piece in blocks(len(X)):
        coordinates[piece] = (np.asarray(X[piece], dtype=np.float64) - known.mean) @ axes
    return Components(coordinates, variance[::-1][:kept], float(np.trace(covariance)))
