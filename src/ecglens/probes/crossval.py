"""Out-of-fold predictions of a probe, and what they are worth."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.probes.base import Estimator, Probe

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CrossValidation:
    """A probe, fitted once per fold.

    Parameters
    ----------
    probability
        Probability of the positive class, ``[n]``, each from the model that did not see the record.
    models
        Fitted estimators, in the order of the sorted fold numbers.
    seeds
        The seed of each model.
    warnings
        What the fits warned of, such as a missed convergence, one ``"fold 3: ..."`` each.
    """

    probability: Floats
    models: tuple[Estimator, ...]
    seeds: tuple[int, ...]
    warnings: tuple[str, ...]

    @property
    def n_warnings(self) -> int:
        """Number of warnings over all fits."""
        return len(self.warnings)


def cross_validate(
    X: NDArray[Any], y: NDArray[Any], folds: NDArray[Any], probe: Probe, seed: int = 0
) -> CrossValidation:
    """Fit a probe on all folds but one, and predict that one; every fold in turn.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    y
        Labels 0 or 1, ``[n]``.
    folds
        Fold of each record, ``[n]``.
    probe
        What to fit.
    seed
        Each fold's model has its own seed, derived from this one.

    Raises
    ------
    CannotFillError
        The records that a fold trains on lack a class.

    Examples
    --------
    >>> from ecglens.probes import PROBES
    >>> y = np.tile([0, 1], 10)
    >>> result = cross_validate(y[:, None] + 0.0, y, np.arange(20) % 5, PROBES.load("decision-tree"))
    >>> bool((result.probability == y).all()), len(result.models)
    (True, 5)
    """
    X, y, folds = np.asarray(X), np.asarray(y), np.asarray(folds)
    numbers = np.unique(folds)
    seeds = tuple(int(state) for state in np.random.SeedSequence(seed).generate_state(len(numbers)))
    probability = np.empty(len(y))
    models, messages = [], []
    for fold, fold_seed in zip(numbers, seeds, strict=True):
        test = folds == fold
        if len(np.unique(y[~test])) < 2:
            raise CannotFillError(f"fold {fold}: the {np.sum(~test)} records to train on hold one class. Draw more.")
        model = probe.make(fold_seed)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.fit(X[~test], y[~test])
        probability[test] = model.predict_proba(X[test])[:, 1]
        models.append(model)
        messages += [f"fold {fold}: {warning.message}" for warning in caught]
    return CrossValidation(probability, tuple(models), seeds, tuple(messages))


def fold_metrics(y: NDArray[Any], probability: Floats, folds: NDArray[Any], threshold: float = 0.5) -> pd.DataFrame:
    """Measure every fold by itself.

    What is not defined is NaN, never 0 or 0.5: a ratio whose denominator is zero (precision where nothing is predicted
    positive, MCC where all predictions agree) and AUROC and AUPRC of a single class. F1 is ``2 TP / (2 TP + FP + FN)``,
    hence 0 where positives exist and none is found.

    Parameters
    ----------
    y
        Labels 0 or 1, ``[n]``.
    probability
        Probability of the positive class, ``[n]``.
    folds
        Fold of each record, ``[n]``.
    threshold
        A record is predicted positive above it.

    Returns
    -------
    DataFrame
        Columns ``fold``, ``metric``, ``value``. Metrics: f1, precision, recall, auroc, auprc (average precision),
        balanced_accuracy, mcc, brier, n_test, n_test_positive, n_train.

    Examples
    --------
    >>> fold_metrics(np.array([0, 1, 1]), np.array([0.2, 0.4, 0.9]), np.zeros(3)).set_index("metric").value["recall"]
    np.float64(0.5)
    """
    y, probability, folds = np.asarray(y), np.asarray(probability), np.asarray(folds)
    rows = [
        (fold, metric, value)
        for fold in np.unique(folds)
        for metric, value in (
            _metrics(y[folds == fold] == 1, probability[folds == fold], threshold)
            | {"n_train": float(np.sum(folds != fold))}
        ).items()
    ]
    return pd.DataFrame(rows, columns=["fold", "metric", "value"])


def _metrics(y: NDArray[np.bool_], probability: Floats, threshold: float) -> dict[str, float]:
    from sklearn.metrics import average_precision_score, roc_auc_score

    predicted = probability > threshold
    tp, fp = float(np.sum(predicted & y)), float(np.sum(predicted & ~y))
    fn, tn = float(np.sum(~predicted & y)), float(np.sum(~predicted & ~y))
    recall, specificity = _ratio(tp, tp + fn), _ratio(tn, tn + fp)
    both = 0 < y.sum() < len(y)
    return {
        "f1": _ratio(2 * tp, 2 * tp + fp + fn),
        "precision": _ratio(tp, tp + fp),
        "recall": recall,
        "auroc": float(roc_auc_score(y, probability)) if both else np.nan,
        "auprc": float(average_precision_score(y, probability)) if both else np.nan,
        "balanced_accuracy": (recall + specificity) / 2,
        "mcc": _ratio(tp * tn - fp * fn, float(np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))),
        "brier": float(np.mean((probability - y) ** 2)),
        "n_test": float(len(y)),
        "n_test_positive": float(y.sum()),
    }


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else np.nan
