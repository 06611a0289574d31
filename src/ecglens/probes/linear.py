"""Logistic regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from ecglens.probes.base import FoldFits, Probe, check_settings
from ecglens.probes.fast.newton import GRADIENT, Regressions, solve
from ecglens.probes.fast.scaling import scale_folds
from ecglens.probes.models import LinearModel


def fit_logistic_regressions(
    X: NDArray[Any], y: NDArray[Any], train: NDArray[np.bool_], _seeds: Sequence[int], settings: Mapping[str, Any]
) -> FoldFits:
    """Fit a logistic regression per fold, all in step; see `ecglens.probes.base.FitFolds`.

    The optimum is that of `LogisticRegression` on standardised features.
    """
    check_settings(settings, ["C", "max_iter"], {"solver": "lbfgs"})
    weight = np.where(train, float(settings["C"]), 0.0)
    weight = np.vstack([weight, weight.mean(axis=0)])
    scalers = scale_folds(X, np.vstack([train, train.any(axis=0)]))
    theta, norms = solve(Regressions(scalers, y.astype(np.float64), weight), int(settings["max_iter"]))
    messages = tuple(
        (int(fold), f"Newton's method ended at its limit with a gradient of {norms[fold]:.2g}. Raise max_iter.")
        for fold in np.flatnonzero(norms > GRADIENT)
    )
    models = []
    for fold, weights in enumerate(theta):
        coef, shift = scalers.to_raw(fold, weights[:-1])
        models.append(LinearModel(coef, float(weights[-1] + shift)))
    return FoldFits(tuple(models), messages)


def _scaled_logistic_regression(**settings: Any) -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(**settings))


LOGISTIC_REGRESSION = Probe(
    "logistic-regression",
    "Logistic regression",
    _scaled_logistic_regression,
    {"C": 1.0, "solver": "lbfgs", "max_iter": 5000},
    fit_logistic_regressions,
    random=False,
)
