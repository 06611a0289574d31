"""Source classifier: accuracy of a linear classifier of the data set."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.arrays import blocks
from ecglens.geometry.metrics.base import GeometryMetric
from ecglens.geometry.metrics.partitions import count_pairs
from ecglens.geometry.pca import Moments, find_moments
from ecglens.sampling import deal_folds
from ecglens.threads import one_thread

SOURCE_CLASSIFIER = GeometryMetric(
    name="source_classifier",
    title="source classifier",
    symbol="source classifier",
    chance="1 / data sets",
    caption="Balanced accuracy of a linear classifier of the data set, on patients it has not seen.",
)

PENALTY = 1e-3
"""Ridge penalty per record, on features of unit variance: enough to keep the solution stable where features repeat."""

N_FOLDS = 5
"""Folds of patients."""

ROUNDING = 1e-6
"""Variance below which a feature is constant where the whole data set has unit variance."""


def source_classifier(
    X: NDArray[Any],
    sources: NDArray[Any],
    patients: NDArray[Any],
    *,
    n_folds: int = N_FOLDS,
    seed: int = 0,
    moments: Moments | None = None,
) -> float:
    """Balanced accuracy of a linear classifier of the data set, on patients that it has not seen.

    A ridge classifier on standardised features, in which every data set weighs the same. All folds share one pass over
    the records: the products of a fold's own records are taken off those of all.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    sources, patients
        Data set and patient of each record, ``[n]``.
    n_folds
        Folds of patients, spread over the data sets.
    seed
        Of the folds.
    moments
        Those of `X`, if they are known.

    Returns
    -------
    float
        1 is perfect, ``1 / data sets`` is chance.

    Raises
    ------
    CannotFillError
        There is one data set, or one has fewer patients than folds.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> sources = np.repeat([0, 1], 50)
    >>> source_classifier(rng.normal(size=(100, 3)) + 9 * sources[:, None], sources, np.arange(100))
    1.0
    """
    source = np.unique(sources, return_inverse=True)[1]
    found = predict_linear(X, source, patient_folds(source, patients, n_folds, seed), moments)
    n_sources = int(source.max()) + 1
    return float(balanced_accuracy(count_pairs(found[None], source, (n_sources, n_sources)))[0])


def balanced_accuracy(tables: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean recall from tables of predicted by true classes, ``[tables, c, c]``; NaN where a true class is absent.

    Examples
    --------
    >>> balanced_accuracy(np.array([[[8, 1], [2, 3]]]))
    array([0.775])
    """
    held = tables.sum(axis=1)
    hits = np.diagonal(tables, axis1=1, axis2=2)
    return np.asarray(np.where(held > 0, hits / np.maximum(held, 1), np.nan).mean(axis=1))


def patient_folds(
    source: NDArray[np.int64], patients: NDArray[Any], n_folds: int = N_FOLDS, seed: int = 0
) -> NDArray[np.int64]:
    """Fold of each record: patients in random order, by the data sets that they are in, dealt out one by one."""
    if source.max(initial=0) == 0:
        raise CannotFillError("a source classifier needs two data sets, there is one")
    patient = np.unique(patients, return_inverse=True)[1]
    held = np.zeros((patient.max() + 1, source.max() + 1), dtype=np.int64)
    held[patient, source] = 1
    fewest = held.sum(axis=0).min()
    if fewest < n_folds:
        raise CannotFillError(f"{n_folds} folds need as many patients in every data set, one has {fewest}")
    kind = np.unique(held, axis=0, return_inverse=True)[1].ravel()
    return deal_folds(-kind, n_folds, np.random.default_rng(seed))[patient]


def predict_linear(
    X: NDArray[Any], target: NDArray[np.int64], folds: NDArray[np.int64], moments: Moments | None = None
) -> NDArray[np.int64]:
    """Class of each record by a ridge classifier that is fitted on the other folds."""
    n, d = X.shape
    n_folds, n_classes = folds.max() + 1, target.max() + 1
    known = moments or find_moments(X)
    scale = known.inverse_spread()
    root = np.sqrt(n / (n_classes * np.bincount(target))).astype(np.float32)
    gram, cross = np.zeros((n_folds, d + 1, d + 1)), np.zeros((n_folds, d + 1, n_classes))
    for fold in range(n_folds):
        members = np.flatnonzero(folds == fold)
        for piece in blocks(len(members)):
            features, wanted = _standardised(X, members[piece], known.mean, scale), target[members[piece]]
            # With half of the weight on each side the product is symmetric, and half of it is enough.
            features *= root[wanted, None]
            gram[fold] += features.T @ features
            signs = np.where(wanted[:, None] == np.arange(n_classes), root[wanted, None], -root[wanted, None])
            cross[fold] += features.T @ signs
    found = np.empty(n, dtype=np.int64)
    for fold in range(n_folds):
        train = gram.sum(axis=0) - gram[fold]
        # A penalty on features of unit variance among those it learns from is one by their variance on any others.
        variance = np.diag(train)[:d] / train[d, d] - np.square(train[d, :d] / train[d, d])
        with one_thread():
            penalty = PENALTY * n * np.diag(np.r_[np.maximum(variance, ROUNDING), 0])
            coefficients = np.linalg.solve(train + penalty, cross.sum(axis=0) - cross[fold])
        members = np.flatnonzero(folds == fold)
        for piece in blocks(len(members)):
            features = _standardised(X, members[piece], known.mean, scale)
            found[members[piece]] = (features @ coefficients.astype(np.float32)).argmax(axis=1)
    return found


def _standardised(
    X: NDArray[Any], rows: NDArray[np.int64], mean: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float32]:
    features = np.ones((len(rows), len(mean) + 1), dtype=np.float32)
    features[:, :-1] = (X[rows] - mean) * scale
    return features
