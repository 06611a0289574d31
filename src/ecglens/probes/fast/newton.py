"""Logistic regressions of all folds by Newton's method with conjugate gradients, on one matrix.

Folds differ by a fifteenth of their records, so their optima lie close together. A regression on the mean of all folds
is solved first, and every fold starts there. It ends at its own optimum all the same: the penalty makes that unique.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotri
from scipy.special import expit

from ecglens.probes.fast.scaling import ROWS, FoldScalers

Floats = NDArray[np.float64]
Index = NDArray[np.intp]

GRADIENT = 1e-4
"""Norm of the gradient at which a fit has converged: no coefficient is then further than this from the optimum, since
the penalty alone curves the objective by 1."""

ROUGH, WIDE = 0.1, 1.0
"""Norms of gradients: per root of the weight of records, where the regression on the mean is good enough to start from;
and below which gradients are computed in 64 bits."""

MAX_PRODUCTS = 500
"""Products with the Hessian for one Newton step."""


@dataclass(frozen=True, eq=False)
class Regressions:
    """Objectives ``sum(weight * log-loss) + |w|^2 / 2`` of folds; ``theta = [w, intercept]`` is ``[folds, d + 1]``.

    Methods take the folds that they are asked about, so that those that have converged cost nothing.

    Parameters
    ----------
    scalers
        Records, and the scaler of every fold: the penalty is on weights of standardised features.
    y
        Labels, ``[n]``.
    weight
        Weight of each record in each fold, ``[folds, n]``.
    """

    scalers: FoldScalers
    y: Floats
    weight: Floats

    def margins(self, theta: Floats, folds: Index, dtype: type) -> Floats:
        """Log-odds of all records, ``[folds, n]``."""
        slope = theta[:, :-1] / self.scalers.scale[folds]
        shift = theta[:, -1] - (slope * self.scalers.mean[folds]).sum(axis=1)
        slope = slope.astype(dtype)
        found = np.empty((len(folds), len(self.y)))
        for rows in self._blocks():
            found[:, rows] = slope @ self.scalers.Z[rows].astype(dtype, copy=False).T
        return np.asarray(found + shift[:, None])

    def pull(self, residual: Floats, folds: Index, dtype: type) -> Floats:
        """Transpose of `margins`: ``[folds, n]`` to ``[folds, d + 1]``."""
        narrow: NDArray[Any] = residual.astype(dtype)
        found = np.zeros((len(folds), self.scalers.Z.shape[1]))
        for rows in self._blocks():
            found += narrow[:, rows] @ self.scalers.Z[rows].astype(dtype, copy=False)
        total = residual.sum(axis=1, keepdims=True)
        return np.hstack([(found - total * self.scalers.mean[folds]) / self.scalers.scale[folds], total])

    def objective(self, margins: Floats, theta: Floats, folds: Index) -> Floats:
        """``[folds]``."""
        loss = np.logaddexp(0, margins) - self.y * margins
        return np.asarray((self.weight[folds] * loss).sum(axis=1) + (theta[:, :-1] ** 2).sum(axis=1) / 2)

    def inverse_hessian(self, curvature: Floats, fold: int) -> NDArray[np.float32]:
        """Inverse of the Hessian of one fold where the records curve the objective by `curvature` ``[n]``."""
        mean, scale = self.scalers.mean[fold], self.scalers.scale[fold]
        hessian = np.eye(len(mean) + 1)
        hessian[-1, -1] = 0
        for rows in self._blocks():
            root = np.sqrt(curvature[rows, None])
            block = np.hstack([(self.scalers.Z[rows] - mean) / scale * root, root]).astype(np.float32)
            hessian += block.T @ block
        factor, _ = dpotrf(hessian)
        upper, _ = dpotri(factor)
        return np.asarray(np.triu(upper) + np.triu(upper, 1).T, dtype=np.float32)

    def restart(self, theta: Floats, fold: int, folds: Index) -> Floats:
        """The same log-odds as those of `theta` ``[d + 1]`` in one fold, in the terms of others."""
        slope = theta[:-1] / self.scalers.scale[fold]
        shift = theta[-1] + (self.scalers.mean[folds] - self.scalers.mean[fold]) @ slope
        return np.hstack([slope * self.scalers.scale[folds], shift[:, None]])

    def _blocks(self) -> list[slice]:
        return [slice(start, start + ROWS) for start in range(0, len(self.y), ROWS)]


def solve(problem: Regressions, max_iter: int) -> tuple[Floats, Floats]:
    """Minimise the objectives of all folds but the last, which is their mean; returns ``theta`` and gradient norms."""
    n_folds, d = len(problem.weight) - 1, problem.scalers.Z.shape[1]
    mean, folds = np.array([n_folds]), np.arange(n_folds)
    worth_it = len(problem.y) > d / 2
    weight = problem.weight[n_folds]
    first = problem.inverse_hessian(weight / 4, n_folds) if worth_it else None
    start, _ = _newton(problem, np.zeros((1, d + 1)), mean, max_iter, ROUGH * np.sqrt(weight.sum()), first)
    probability = expit(problem.margins(start, mean, np.float32)[0])
    second = problem.inverse_hessian(weight * probability * (1 - probability), n_folds) if worth_it else None
    return _newton(problem, problem.restart(start[0], n_folds, folds), folds, max_iter, GRADIENT, second)


def _newton(
    problem: Regressions,
    theta: Floats,
    folds: Index,
    max_iter: int,
    goal: float,
    preconditioner: NDArray[np.float32] | None,
) -> tuple[Floats, Floats]:
    """Minimise from `theta` ``[folds, d + 1]`` until the norm of a gradient reaches the goal.

    Products are of 32 bits, but for gradients below `WIDE`: rounding costs steps, not digits.
    """
    theta, norms = theta.copy(), np.full(len(folds), np.inf)
    at = np.arange(len(folds))
    for step in range(max_iter + 1):
        dtype = np.float64 if goal < WIDE and norms[at].max() < WIDE else np.float32
        margins = problem.margins(theta[at], folds[at], dtype)
        probability = expit(margins)
        gradient = problem.pull(problem.weight[folds[at]] * (probability - problem.y), folds[at], dtype)
        gradient[:, :-1] += theta[at, :-1]
        norms[at] = np.linalg.norm(gradient, axis=1)
        open_ = norms[at] > goal
        if step == max_iter or not open_.any():
            break
        at, margins, gradient = at[open_], margins[open_], gradient[open_]
        curvature = problem.weight[folds[at]] * (probability * (1 - probability))[open_]
        direction = _conjugate_gradients(problem, curvature, gradient, folds[at], preconditioner)
        theta[at] += _step_lengths(problem, margins, theta[at], gradient, direction, folds[at]) * direction
    return theta, norms


def _conjugate_gradients(
    problem: Regressions, curvature: Floats, gradient: Floats, folds: Index, preconditioner: NDArray[np.float32] | None
) -> Floats:
    """Solve ``Hessian @ direction = -gradient`` for each fold, the more precisely the smaller the gradient."""

    def condition(vectors: Floats) -> Floats:
        if preconditioner is None:
            return vectors.copy()
        return np.asarray(vectors.astype(np.float32) @ preconditioner, dtype=np.float64)

    direction, residual = np.zeros_like(gradient), -gradient
    heading = condition(residual)
    inner = (residual * heading).sum(axis=1)
    squares = (residual**2).sum(axis=1)
    goal = squares * np.minimum(0.01, squares)
    at = np.arange(len(folds))
    for _ in range(MAX_PRODUCTS):
        towards = heading[at]
        product = problem.pull(curvature[at] * problem.margins(towards, folds[at], np.float32), folds[at], np.float32)
        product[:, :-1] += towards[:, :-1]
        length = (inner[at] / (towards * product).sum(axis=1))[:, None]
        direction[at] += length * towards
        residual[at] -= length * product
        at = at[(residual[at] ** 2).sum(axis=1) > goal[at]]
        if not len(at):
            break
        conditioned = condition(residual[at])
        fresh = (residual[at] * conditioned).sum(axis=1)
        heading[at] = conditioned + (fresh / inner[at])[:, None] * heading[at]
        inner[at] = fresh
    return direction


def _step_lengths(
    problem: Regressions, margins: Floats, theta: Floats, gradient: Floats, direction: Floats, folds: Index
) -> Floats:
    """Halve each fold's step until its objective falls (Armijo's rule), ``[folds, 1]``."""
    slope = (gradient * direction).sum(axis=1)
    change = problem.margins(direction, folds, np.float32)
    before = problem.objective(margins, theta, folds)
    length = np.ones((len(folds), 1))
    for _ in range(30):
        after = problem.objective(margins + length * change, theta + length * direction, folds)
        short = after > before + 1e-4 * length[:, 0] * slope + 1e-12 * before
        if not short.any():
            break
        length[short] /= 2
    return length
