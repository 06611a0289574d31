"""Do clusters follow the labels?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import CannotFillError


def cluster_agreement(
    X: NDArray[Any], labels: NDArray[Any], n_clusters: int, seeds: Sequence[int], n_init: int = 10
) -> pd.DataFrame:
    """Adjusted Rand index and adjusted mutual information of k-means clusters and labels.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
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
        Columns ``seed``, ``ari``, ``ami``, one row per seed.

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
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    classes = np.unique(labels)
    if len(classes) < 2:
        raise CannotFillError(f"cluster agreement needs two classes, the labels hold {classes.tolist()}")
    n_distinct = len(np.unique(X, axis=0))
    if n_distinct < n_clusters:
        raise CannotFillError(f"{n_clusters} clusters need as many distinct embeddings, there are {n_distinct}")
    rows = []
    for seed in seeds:
        found = KMeans(n_clusters, n_init=n_init, random_state=seed).fit_predict(X)
        rows.append((seed, adjusted_rand_score(labels, found), adjusted_mutual_info_score(labels, found)))
    return pd.DataFrame(rows, columns=["seed", "ari", "ami"])
