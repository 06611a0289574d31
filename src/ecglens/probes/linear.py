"""Logistic regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from ecglens.probes.base import FoldFits, Probe, check_settings
from ecglens.probes.models import LinearModel
from ecglens.probes.scaling import ROWS, FoldScalers, scale_folds

Floats = NDArray[np.float64]

GRADIENT = 1e-4
"""Norm of the gradient at which a fit has converged: no coefficient is then further than this from the optimum, since
the penalty alone curves the objective by 1."""

MAX_PRODUCTS = 500
"""Products with the Hessian for one Newton step."""


def fit_logistic_regressions(
    X: NDArray[Any], y: NDArray[Any], train: NDArray[np.bool_], seeds: Sequence[int], settings: Mapping[str, Any]
) -> FoldFits:
    """Fit a logistic regression per fold, all in step; see `ecglens.probes.base.FitFolds`.

    The optimum is that of `LogisticRegression` on standardised features. Newton's method with conjugate gradients finds
    it: Hessian products in 32 bits, gradients in 64, so that rounding costs steps and not digits.
    """
    check_settings(settings, ["C", "max_iter"], {"solver": "lbfgs"})
    weight = np.where(train, float(settings["C"]), 0.0)
    problem = _Problem(scale_folds(X, train), y.astype(np.float64), weight)
    theta, norms = _newton(problem, len(seeds), int(settings["max_iter"]))
    messages = tuple(
        (int(fold), f"Newton's method ended at its limit with a gradient of {norms[fold]:.2g}. Raise max_iter.")
        for fold in np.flatnonzero(norms > GRADIENT)
    )
    models = []
    for fold, weights in enumerate(theta):
        coef, shift = problem.scalers.to_raw(fold, weights[:-1])
        models.append(LinearModel(coef, float(weights[-1] + shift)))
    return FoldFits(tuple(models), messages)


class _Problem:
    """Objectives of all folds: ``sum(weight * log-loss) + |w|^2 / 2`` of ``theta = [w, intercept]`` ``[folds, d + 1]``.

    Every method takes the folds it is asked about, so that those that have converged cost nothing.
    """

    def __init__(self, scalers: FoldScalers, y: Floats, weight: Floats) -> None:
        self.scalers, self.y, self.weight = scalers, y, weight

    def margins(self, theta: Floats, folds: NDArray[np.intp], dtype: type) -> Floats:
        """Log-odds of all records, ``[folds, n]``."""
        slope = theta[:, :-1] / self.scalers.scale[folds]
        shift = theta[:, -1] - (slope * self.scalers.mean[folds]).sum(axis=1)
        slope = slope.astype(dtype)
        found = np.empty((len(folds), len(self.y)))
        for rows in self._blocks():
            found[:, rows] = slope @ self.scalers.Z[rows].astype(dtype, copy=False).T
        return np.asarray(found + shift[:, None])

    def pull(self, residual: Floats, folds: NDArray[np.intp], dtype: type) -> Floats:
        """Transpose of `margins`: ``[folds, n]`` to ``[folds, d + 1]``."""
        narrow: NDArray[Any] = residual.astype(dtype)
        found = np.zeros((len(folds), self.scalers.Z.shape[1]))
        for rows in self._blocks():
            found += narrow[:, rows] @ self.scalers.Z[rows].astype(dtype, copy=False)
        total = residual.sum(axis=1, keepdims=True)
        return np.hstack([(found - total * self.scalers.mean[folds]) / self.scalers.scale[folds], total])

    def objective(self, margins: Floats, theta: Floats, folds: NDArray[np.intp]) -> Floats:
        loss = np.logaddexp(0, margins) - self.y * margins
        return np.asarray((self.weight[folds] * loss).sum(axis=1) + (theta[:, :-1] ** 2).sum(axis=1) / 2)

    def _blocks(self) -> list[slice]:
        return [slice(start, start + ROWS) for start in range(0, len(self.y), ROWS)]


def _newton(problem: _Problem, n_folds: int, max_iter: int) -> tuple[Floats, Floats]:
    """Minimise every fold's objective; returns ``theta`` and the norms of its gradients."""
    theta = np.zeros((n_folds, problem.scalers.Z.shape[1] + 1))
    norms = np.full(n_folds, np.inf)
    folds = np.arange(n_folds)
    for step in range(max_iter + 1):
        margins = problem.margins(theta[folds], folds, np.float64)
        probability = expit(margins)
        gradient = problem.pull(problem.weight[folds] * (probability - problem.y), folds, np.float64)
        gradient[:, :-1] += theta[folds, :-1]
        norms[folds] = np.linalg.norm(gradient, axis=1)
        open_ = norms[folds] > GRADIENT
        if step == max_iter or not open_.any():
            break
        folds, margins, gradient = folds[open_], margins[open_], gradient[open_]
        curvature = problem.weight[folds] * (probability * (1 - probability))[open_]
        direction = _conjugate_gradients(problem, curvature, gradient, folds)
        theta[folds] += _step_lengths(problem, margins, theta[folds], gradient, direction, folds) * direction
    return theta, norms


def _conjugate_gradients(problem: _Problem, curvature: Floats, gradient: Floats, folds: NDArray[np.intp]) -> Floats:
    """Solve ``Hessian @ direction = -gradient`` for each fold, the more precisely the smaller the gradient."""
    direction, residual = np.zeros_like(gradient), -gradient
    heading = residual.copy()
    squares = (residual**2).sum(axis=1)
    goal = squares * np.minimum(0.01, np.sqrt(squares))
    for _ in range(MAX_PRODUCTS):
        at = np.flatnonzero(squares > goal)
        if not len(at):
            break
        towards = heading[at]
        product = problem.pull(curvature[at] * problem.margins(towards, folds[at], np.float32), folds[at], np.float32)
        product[:, :-1] += towards[:, :-1]
        length = (squares[at] / (towards * product).sum(axis=1))[:, None]
        direction[at] += length * towards
        residual[at] -= length * product
        fresh = (residual[at] ** 2).sum(axis=1)
        heading[at] = residual[at] + (fresh / squares[at])[:, None] * towards
        squares[at] = fresh
    return direction


def _step_lengths(
    problem: _Problem, margins: Floats, theta: Floats, gradient: Floats, direction: Floats, folds: NDArray[np.intp]
) -> Floats:
    """Halve each fold's step until its objective falls (Armijo's rule), ``[folds, 1]``."""
    slope = (gradient * direction).sum(axis=1)
    change = problem.margins(direction, folds, np.float64)
    before = problem.objective(margins, theta, folds)
    length = np.ones((len(folds), 1))
    for _ in range(30):
        after = problem.objective(margins + length * change, theta + length * direction, folds)
        short = after > before + 1e-4 * length[:, 0] * slope + 1e-12 * before
        if not short.any():
            break
        length[short] /= 2
    return length


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
