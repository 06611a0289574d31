"""Functions that score and explain a matrix of embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.attribution import measure_importance
from ecglens.probes import Engine, Probe, cross_validate, fold_metrics, get_probe
from ecglens.sampling import assign_folds

DEFAULT_PROBE = "logistic-regression"


def probe(
    X: NDArray[Any],
    y: NDArray[Any],
    patients: NDArray[Any],
    *,
    probe: str | Probe = DEFAULT_PROBE,
    n_folds: int = 15,
    seed: int = 0,
    engine: Engine = "fast",
) -> pd.DataFrame:
    """Cross-validate a probe on embeddings, in folds that share no patient.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    y
        Labels 0 or 1, ``[n]``.
    patients
        Patient of each record, ``[n]``.
    probe
        Name of a probe, such as ``xgboost`` or ``mlp``, or a `ecglens.probes.Probe`.
    n_folds
        Number of patient-disjoint, stratified folds.
    seed
        Seed of the folds and of the fits.
    engine
        ``fast`` fits all folds together, ``reference`` one by one with the libraries.

    Returns
    -------
    DataFrame
        One row per metric of `ecglens.probes.fold_metrics`: ``metric``, ``mean`` and ``sd`` over the folds in which
        the metric is defined, and ``n_folds``, the number of those folds.

    Raises
    ------
    CannotFillError
        Too few records or patients of a class for the folds.
    ConfigError
        There is no such probe.
    InputError
        A label is neither 0 nor 1, an embedding is not finite, or there is not one of each per record.

    See Also
    --------
    ecglens.probes.cross_validate : the probability of every record, and the fitted models.
    ecglens.probes.custom_probe : any scikit-learn classifier as a probe.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.tile([0, 1], 60)
    >>> X = rng.normal(size=(120, 4)) + 3 * y[:, None]
    >>> scores = probe(X, y, patients=np.arange(120) // 2, n_folds=5)
    >>> scores.set_index("metric").loc["auroc", "mean"].round(1)
    np.float64(1.0)
    """
    chosen = get_probe(probe) if isinstance(probe, str) else probe
    folds = assign_folds(y, patients, n_folds, seed)
    fitted = cross_validate(X, y, folds, chosen, seed, engine=engine)
    scores = fold_metrics(y, fitted.probability, folds, calibrated=chosen.calibrated)
    over_folds = scores.groupby("metric", sort=False)["value"]
    return over_folds.agg(mean="mean", sd="std", n_folds="count").reset_index()


def explain(
    X: NDArray[Any],
    y: NDArray[Any],
    patients: NDArray[Any],
    *,
    probe: str | Probe = DEFAULT_PROBE,
    n_folds: int = 15,
    seed: int = 0,
    engine: Engine = "fast",
) -> pd.DataFrame:
    """Measure the importance of each feature to a probe by SHAP values of held-out records.

    Parameters
    ----------
    X, y, patients, probe, n_folds, seed, engine
        As for `ecglens.probe`; the same arguments explain the models that `ecglens.probe` scores.

    Returns
    -------
    DataFrame
        One row per feature, the most important first: ``feature``, its column in `X`; ``importance``, the mean
        absolute SHAP value in the units of the probe's output; ``sd`` over folds.

    Raises
    ------
    CannotFillError, ConfigError, InputError
        As for `ecglens.probe`.

    See Also
    --------
    ecglens.attribution.measure_importance : with repeated fits, split halves and permuted labels.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.tile([0, 1], 60)
    >>> X = rng.normal(size=(120, 4)) + 3 * np.outer(y, [0, 0, 1, 0])
    >>> int(explain(X, y, patients=np.arange(120), n_folds=5).feature[0])
    2
    """
    chosen = get_probe(probe) if isinstance(probe, str) else probe
    folds = assign_folds(y, patients, n_folds, seed)
    found = measure_importance(X, y, folds, chosen, seed=seed, engine=engine)
    table = pd.DataFrame({"feature": np.arange(X.shape[1]), "importance": found.mean, "sd": found.sd})
    return table.sort_values("importance", ascending=False, kind="stable", ignore_index=True)
