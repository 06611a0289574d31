"""Metrics of out-of-fold probabilities, fold by fold: discrimination, calibration and a tuned threshold.

An undefined value is NaN, so that it can be counted; never 0 or 0.5.

=========================  ============================================================================
metric                     undefined if
=========================  ============================================================================
f1, f1_tuned               the fold holds no positive and none is predicted
precision                  nothing is predicted positive
recall                     the fold holds no positive
balanced_accuracy          the fold holds one class
mcc                        the fold holds one class, or all predictions agree
auroc, auprc               the fold holds one class
calibration_slope          no finite maximum of the likelihood exists: one class, one probability, or a
                           threshold that separates the classes of the fold
threshold_tuned, f1_tuned  the other folds hold no positive
brier, ece,                the estimator gives scores and no probabilities (``calibrated=False``)
calibration_slope
=========================  ============================================================================
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.probes.calibration import calibration_error, calibration_slope
from ecglens.probes.threshold import tuned_threshold

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def fold_metrics(
    y: NDArray[Any],
    probability: Floats,
    folds: NDArray[Any],
    threshold: float = 0.5,
    *,
    train: NDArray[Any] | None = None,
    calibrated: bool = True,
) -> pd.DataFrame:
    """Measure every fold by itself.

    An undefined value is NaN, never 0 or 0.5; the table at the head of this module lists every case. F1 is
    ``2 TP / (2 TP + FP + FN)``, hence 0 where positives exist and none is found.

    Parameters
    ----------
    y
        Labels 0 or 1, ``[n]``.
    probability
        Probability of the positive class, ``[n]``, each from a model that did not see the record.
    folds
        Fold of each record, ``[n]``.
    threshold
        A record is predicted positive above it.
    train
        Records that a model may be trained on where it does not hold them out, boolean ``[n]``; all by default.
    calibrated
        False where `probability` only ranks records and is split by `threshold`, as an SVM's decision value brought
        between 0 and 1 does: metrics of calibration are then undefined.

    Returns
    -------
    DataFrame
        Columns ``fold``, ``metric``, ``value``. Metrics: f1, precision, recall, auroc, auprc (average precision),
        balanced_accuracy, mcc, brier, ece (`calibration_error`), calibration_slope, threshold_tuned and f1_tuned
        (F1 above the threshold that `tuned_threshold` chooses on the training records of the other folds),
        n_test, n_test_positive, n_train.

    Notes
    -----
    The tuned threshold is chosen on out-of-fold probabilities. Those of a model on its own training records are near
    0 or 1 for a forest or a deep tree, and a threshold chosen on them is nearly arbitrary. The models behind the
    probabilities of the other folds were trained on this fold too: its labels have a weak part in its own threshold,
    and f1_tuned may be slightly too high. Only a cross-validation inside every fold would avoid it.

    Examples
    --------
    >>> fold_metrics(np.array([0, 1, 1]), np.array([0.2, 0.4, 0.9]), np.zeros(3)).set_index("metric").value["recall"]
    np.float64(0.5)
    """
    y, folds = np.asarray(y) == 1, np.asarray(folds)
    probability = np.asarray(probability, dtype=np.float64)
    train = np.ones(len(y), dtype=np.bool_) if train is None else np.asarray(train, dtype=np.bool_)
    rows = []
    for fold in np.unique(folds):
        test, learnt = folds == fold, train & (folds != fold)
        label, score = y[test], probability[test]
        tuned = tuned_threshold(y[learnt], probability[learnt])
        values = _at_threshold(label, score > threshold) | _ranking(label, score)
        values |= _calibration(label, score) if calibrated else UNCALIBRATED
        values |= {
            "threshold_tuned": tuned,
            "f1_tuned": _at_threshold(label, score > tuned)["f1"] if not np.isnan(tuned) else np.nan,
            "n_test": float(len(label)),
            "n_test_positive": float(label.sum()),
            "n_train": float(learnt.sum()),
        }
        rows += [(fold, metric, value) for metric, value in values.items()]
    return pd.DataFrame(rows, columns=["fold", "metric", "value"])


def _at_threshold(y: Bools, predicted: Bools) -> dict[str, float]:
    tp, fp = float(np.sum(predicted & y)), float(np.sum(predicted & ~y))
    fn, tn = float(np.sum(~predicted & y)), float(np.sum(~predicted & ~y))
    recall, specificity = _ratio(tp, tp + fn), _ratio(tn, tn + fp)
    return {
        "f1": _ratio(2 * tp, 2 * tp + fp + fn),
        "precision": _ratio(tp, tp + fp),
        "recall": recall,
        "balanced_accuracy": (recall + specificity) / 2,
        "mcc": _ratio(tp * tn - fp * fn, float(np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))),
    }


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else np.nan


def _ranking(y: Bools, score: Floats) -> dict[str, float]:
    """AUROC and average precision; records of equal score are counted together."""
    n, positives = len(y), int(y.sum())
    if not 0 < positives < n:
        return {"auroc": np.nan, "auprc": np.nan}
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.r_[np.diff(score[order]) < 0, True])
    tp = np.r_[0, np.cumsum(y[order])[last]]
    predicted = np.r_[0, last + 1]
    fp = predicted - tp
    auroc = np.sum(np.diff(fp) * (tp[1:] + tp[:-1])) / (2 * positives * (n - positives))
    auprc = np.sum(np.diff(tp) * tp[1:] / predicted[1:]) / positives
    return {"auroc": float(auroc), "auprc": float(auprc)}


UNCALIBRATED = {"brier": np.nan, "ece": np.nan, "calibration_slope": np.nan}


def _calibration(y: Bools, probability: Floats) -> dict[str, float]:
    return {
        "brier": float(np.mean((probability - y) ** 2)),
        "ece": calibration_error(y, probability),
        "calibration_slope": calibration_slope(y, probability),
    }
