"""SHAP values of any classifier, from permutations of the features on few rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import EcgLensError

Floats = NDArray[np.float64]

N_ROWS = 30
"""Rows of a data set that are explained, over all folds: one costs `N_BACKGROUND` * (2 d + 1) predictions a pass."""

N_BACKGROUND = 10
"""Training rows that stand for an absent feature."""

N_PASSES = 1
"""Permutations a row, each forward and backward: one is exact where no more than two features interact."""

CLIP = 1e-3
"""Probabilities are kept this far from 0 and 1 before their log-odds are taken: neighbours and forests return both."""

TOLERANCE = 1e-6
"""Largest accepted additivity error, relative to the largest output."""

MASKS = 256
"""Masked copies of the background that are predicted at a time."""


def permutation_shap(
    model: Any, background: NDArray[Any], X: NDArray[Any], seed: int, n_passes: int = N_PASSES
) -> Floats:
    """SHAP values of a fitted classifier, sampled (shap's permutation explainer).

    Parameters
    ----------
    model
        Any classifier of two classes. Explained is its decision value where it has one, else the log-odds of its
        probability, clipped to ``[0.001, 0.999]``.
    background
        Rows that stand for an absent feature, ``[m, d]``; `N_BACKGROUND` training records will do.
    X
        Rows to explain, ``[n, d]``; about `N_ROWS`.
    seed
        Random seed of the permutations.
    n_passes
        Permutations per row. Their number decides how noisy a row's values are where three or more features interact.

    Returns
    -------
    ndarray
        ``[n, d]``.

    Raises
    ------
    EcgLensError
        The values do not add up to the model's output.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> X = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0], [3.0, 1.0]])
    >>> values = permutation_shap(SVC().fit(X, [0, 0, 1, 1]), X, X, seed=0)
    >>> np.sign(values.round(6)).astype(int).tolist()
    [[-1, 0], [-1, 0], [1, 0], [1, 0]]
    """
    from shap import PermutationExplainer
    from shap.maskers import Independent

    background, X = np.asarray(background, dtype=np.float64), np.asarray(X, dtype=np.float64)

    def output(rows: Floats) -> Floats:
        return _output(model, rows)

    # shap seeds and draws from numpy's global state: it is put back, so that nobody else's numbers change.
    state = np.random.get_state()  # noqa: NPY002
    try:
        explainer = PermutationExplainer(output, Independent(background, max_samples=len(background)), seed=seed)
        found = explainer(X, max_evals=n_passes * (2 * X.shape[1] + 1), batch_size=MASKS, silent=True)
    finally:
        np.random.set_state(state)  # noqa: NPY002
    values = np.asarray(found.values, dtype=np.float64)
    expected = output(X)
    error = float(np.abs(output(background).mean() + values.sum(axis=1) - expected).max())
    if error > TOLERANCE * max(1.0, float(np.abs(expected).max())):
        raise EcgLensError(f"SHAP values of {type(model).__name__} miss the model's output by up to {error:.3g}")
    return values


def permutation_by_fold(
    models: Sequence[Any],
    X: NDArray[Any],
    folds: NDArray[Any],
    *,
    n_rows: int = N_ROWS,
    n_background: int = N_BACKGROUND,
    seed: int = 0,
    train: NDArray[np.bool_] | None = None,
) -> tuple[Floats, NDArray[np.int64]]:
    """Importance of each feature in each fold for classifiers without a SHAP method of their own, on some records.

    Parameters
    ----------
    models
        One fitted model per fold, in the order of the sorted fold numbers.
    X
        Embeddings, ``[n, d]``.
    folds
        Fold of each record, ``[n]``; a record is explained by the model that was not trained on it.
    n_rows
        Records to explain over all folds, drawn with `seed`: at least one of each fold, and their numbers in two
        folds differ by more than one only where a fold has no more records.
    n_background
        Training records of a fold that stand for an absent feature.
    train
        Records that the models were allowed to train on, ``[n]``; all by default.

    Returns
    -------
    values
        Mean absolute SHAP value over the explained records of each fold, ``[folds, d]``.
    n_explained
        Those records, ``[folds]``.

    Examples
    --------
    >>> from ecglens.probes import cross_validate, custom_probe
    >>> y = np.tile([0, 1], 30)
    >>> X, folds = np.stack([y, np.ones(60)], axis=1), np.arange(60) % 5
    >>> models = cross_validate(X, y, folds, custom_probe("svm", "sklearn.svm.SVC", {})).models
    >>> values, n = permutation_by_fold(models, X, folds, n_rows=10, n_background=48)
    >>> values.mean(axis=0).round(1), n
    (array([1., 0.]), array([2, 2, 2, 2, 2]))
    """
    X, folds = np.asarray(X), np.asarray(folds)
    numbers, allowed = np.unique(folds), np.ones(len(X), dtype=bool) if train is None else train
    shares = _share_rows(np.unique(folds, return_counts=True)[1], n_rows)
    values = []
    for place, (fold, model) in enumerate(zip(numbers, models, strict=True)):
        rng = np.random.default_rng([seed, place])
        rows = np.sort(rng.permutation(np.flatnonzero(folds == fold))[: shares[place]])
        background = np.sort(rng.permutation(np.flatnonzero(allowed & (folds != fold)))[:n_background])
        values.append(np.abs(permutation_shap(model, X[background], X[rows], seed + place)).mean(axis=0))
    return np.stack(values), shares


def _share_rows(sizes: NDArray[np.int64], n_rows: int) -> NDArray[np.int64]:
    """How many rows each fold gives: one after the other, until `n_rows` are found or every fold is used up."""
    fold = np.repeat(np.arange(len(sizes)), sizes)
    turn = np.concatenate([np.arange(size) for size in sizes])
    chosen = np.lexsort((fold, turn))[: max(n_rows, len(sizes))]
    return np.bincount(fold[chosen], minlength=len(sizes))


def _output(model: Any, X: Floats) -> Floats:
    if hasattr(model, "decision_function"):
        return np.asarray(model.decision_function(X), dtype=np.float64)
    probability = np.clip(np.asarray(model.predict_proba(X), dtype=np.float64)[:, 1], CLIP, 1 - CLIP)
    return np.log(probability / (1 - probability))
