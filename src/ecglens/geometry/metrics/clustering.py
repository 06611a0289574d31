"""Agreement of clusters with labels."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.metrics.kmeans import Clusterings, k_means
from ecglens.geometry.metrics.partitions import compare_tables, count_pairs
from ecglens.geometry.neighbours.knn import Neighbours
from ecglens.geometry.pca import principal_components


def cluster_agreement(
    X: NDArray[Any], labels: NDArray[Any], n_clusters: int, seeds: Sequence[int], n_init: int = 10
) -> pd.DataFrame:
    """Agreement of k-means clusters and labels.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``; they are clustered on their first 64 principal components.
    labels
        Label or data set of each record, ``[n]``.
    n_clusters
        Clusters to look for: the number of classes.
    seeds
        One clustering each.
    n_init
        Starts per clustering, of which the tightest counts.

    Returns
    -------
    DataFrame
        Columns ``seed``, ``ari``, ``ami``, ``v_measure``, one row per seed.

    Raises
    ------
    CannotFillError
        There is one class only, or there are fewer distinct embeddings than clusters.

    Examples
    --------
    >>> X = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> cluster_agreement(X, np.array(["a", "a", "b", "b"]), 2, seeds=[0]).ari.tolist()
    [1.0]
    """
    names, code = np.unique(labels, return_inverse=True)
    if len(names) < 2:
        raise CannotFillError(f"cluster agreement needs two classes, there is one only: {names[0]}")
    found = cluster(principal_components(X).coordinates, n_clusters, seeds, n_init)
    agreements = compare_tables(count_pairs(found.labels, code, (n_clusters, len(names))))
    return pd.DataFrame({"seed": list(seeds)} | dict(agreements))


def cluster(Z: NDArray[np.float32], n_clusters: int, seeds: Sequence[int], n_init: int = 10) -> Clusterings:
    """k-means on coordinates, or `CannotFillError` where they are too few."""
    distinct = len(np.unique(Z[: 10 * n_clusters], axis=0))
    if distinct < n_clusters:
        distinct = len(np.unique(Z, axis=0))
    if distinct < n_clusters:
        raise CannotFillError(f"{n_clusters} clusters need as many distinct embeddings, there are {distinct}")
    return k_means(Z, n_clusters, seeds, n_init)


def spectral_clusters(neighbours: Neighbours, n_clusters: int, seed: int = 0) -> NDArray[np.int64]:
    """Clusters of the neighbour graph: a second opinion that does not expect clusters to be round.

    Parameters
    ----------
    neighbours
        Edges of the graph, made symmetric.
    n_clusters
        Clusters to look for.
    seed
        Of the k-means on the leading eigenvectors of the normalised graph.

    References
    ----------
    Ng, Jordan and Weiss (2001), On spectral clustering: analysis and an algorithm.

    Examples
    --------
    >>> from ecglens.geometry import find_neighbours
    >>> X = np.r_[np.arange(9.0), 100 + np.arange(9.0)][:, None]
    >>> clusters = spectral_clusters(find_neighbours(X, 3), 2)
    >>> len(set(clusters[:9])), len(set(clusters[9:])), len(set(clusters))
    (1, 1, 2)
    """
    from scipy.sparse import csr_array
    from scipy.sparse.linalg import eigsh

    n, k = neighbours.indices.shape
    edges = (np.repeat(np.arange(n), k), neighbours.indices.ravel())
    graph = csr_array((np.ones(n * k), edges), shape=(n, n))
    graph = graph + graph.T
    root = 1 / np.sqrt(graph.sum(axis=1))
    graph = graph.multiply(root[:, None]).multiply(root).tocsr()
    start = np.random.default_rng(seed).normal(size=n)
    # To full precision: in parts that hang together by no edge, the second of equal eigenvalues comes from rounding.
    # Newer versions of SciPy draw the vectors of a restart, by default from the system's entropy.
    restarts = {"rng": seed} if "rng" in signature(eigsh).parameters else {}
    _, vectors = eigsh(graph, k=n_clusters, which="LA", v0=start, **restarts)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    directions = vectors / np.where(lengths > 0, lengths, 1)
    found = k_means((directions - directions.mean(axis=0)).astype(np.float32), n_clusters, [seed])
    return found.labels.ravel()
