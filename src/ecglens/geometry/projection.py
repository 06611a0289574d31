"""Two dimensions to look at. Distances in the picture are not distances between embeddings: measure, then look."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError

UMAP_MINIMUM = 5
"""UMAP starts from the spectrum of the neighbour graph, which needs a few more records than dimensions."""


def project_umap(X: NDArray[Any], seed: int, n_neighbors: int = 15, min_dist: float = 0.1) -> NDArray[np.float64]:
    """Project with UMAP, in one thread, so that the same seed gives the same picture.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    seed
        Of the layout.
    n_neighbors
        Records that stand for the neighbourhood; at most ``n - 1`` are used.
    min_dist
        Smallest distance in the picture.

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
    if len(X) < UMAP_MINIMUM:
        raise CannotFillError(f"UMAP needs {UMAP_MINIMUM} records, there are {len(X)}. Use project_pca.")
    from umap import UMAP

    reducer = UMAP(n_neighbors=min(n_neighbors, len(X) - 1), min_dist=min_dist, random_state=seed, n_jobs=1)
    return np.asarray(reducer.fit_transform(X), dtype=np.float64)


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
    from sklearn.decomposition import PCA

    return np.asarray(PCA(2, svd_solver="full").fit_transform(np.asarray(X, dtype=np.float64)))
