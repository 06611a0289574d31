"""Projections to two dimensions, whose distances are not those of the embeddings."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.neighbours.knn import Neighbours, find_neighbours
from ecglens.geometry.pca import principal_components

UMAP_MINIMUM = 5
"""Fewer records have no neighbourhoods that a plane could keep."""


def project_umap(
    X: NDArray[Any],
    seed: int,
    n_neighbors: int = 15,
    min_dist: float = 0.1,
    neighbours: Neighbours | None = None,
) -> NDArray[np.float64]:
    """Project with UMAP in one thread, so that the same seed gives the same projection.

    UMAP gets exact neighbours and builds no index of its own: compiling that takes longer than searching.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    seed
        Of the layout.
    n_neighbors
        Records that stand for the neighbourhood, the record itself among them; at most ``n - 1`` are used.
    min_dist
        Smallest distance in the picture.
    neighbours
        Those of `X` with no groups left out, if they are known; at least ``n_neighbors - 1``.

    Returns
    -------
    ndarray
        ``[n, 2]``.

    Raises
    ------
    CannotFillError
        There are fewer than 5 records.

    Examples
    --------
    >>> project_umap(np.zeros((3, 8)), seed=0)
    Traceback (most recent call last):
    ecglens.errors.CannotFillError: UMAP needs 5 records, there are 3. Use project_pca.
    """
    n = len(X)
    if n < UMAP_MINIMUM:
        raise CannotFillError(f"UMAP needs {UMAP_MINIMUM} records, there are {n}. Use project_pca.")
    from umap import UMAP

    used = min(n_neighbors, n - 1)
    nearest = (neighbours or find_neighbours(X, used - 1)).first(used - 1)
    ids = np.c_[np.arange(n), nearest.indices].astype(np.int32)
    distances = np.c_[np.zeros(n), nearest.distances].astype(np.float32)
    reducer = UMAP(
        n_neighbors=used,
        min_dist=min_dist,
        random_state=seed,
        n_jobs=1,
        precomputed_knn=(ids, distances),
        init=_start(X, seed),
    )
    with warnings.catch_warnings():
        # An index is needed to add records later: nobody does.
        warnings.filterwarnings("ignore", "precomputed_knn.*is not an NNDescent object")
        return np.asarray(reducer.fit_transform(np.asarray(X, dtype=np.float32)), dtype=np.float64)


def _start(X: NDArray[Any], seed: int) -> NDArray[np.float32] | str:
    """Where the layout begins: at the principal components, with noise that tells equal records apart.

    The spectrum of the neighbour graph, UMAP's own choice, is not the same twice: where records are equal or the graph
    falls apart, SciPy's solver goes on from vectors that depend on what the process computed before.

    References
    ----------
    Kobak and Linderman (2021), Initialization is critical for preserving global data structure in both t-SNE and UMAP.
    """
    try:
        start = project_pca(X)
    except CannotFillError:
        return "random"
    noise = np.random.default_rng(seed).normal(size=start.shape)
    return np.asarray(10 * start / np.abs(start).max() + 1e-4 * noise, dtype=np.float32)


def project_pca(X: NDArray[Any]) -> NDArray[np.float64]:
    """Project on the first two principal components.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.

    Returns
    -------
    ndarray
        ``[n, 2]``.

    Raises
    ------
    CannotFillError
        There are fewer than two records or features, or all records are the same.

    Examples
    --------
    >>> project_pca(np.array([[0.0, 0.0], [4.0, 0.0], [2.0, 1.0], [2.0, -1.0]])).shape
    (4, 2)
    """
    if min(X.shape) < 2:
        raise CannotFillError(f"two components need two records and two features, there are {X.shape}")
    if not np.ptp(X, axis=0).any():
        raise CannotFillError(f"all {len(X)} embeddings are the same")
    return principal_components(X, 2).coordinates.astype(np.float64)
