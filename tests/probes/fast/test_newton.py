"""The optimum of every fold, beside SciPy's own minimiser on the objective as it is written."""

import numpy as np
import pytest
from scipy.optimize import minimize

from ecglens.probes.fast.newton import GRADIENT, Regressions, solve
from ecglens.probes.fast.scaling import scale_folds

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("n", "d"), [(40, 30), (200, 8)])
def test_every_fold_ends_at_its_own_optimum(n: int, d: int) -> None:
    x, train = RNG.normal(size=(n, d)) + 2, np.arange(n) % 3 != np.arange(3)[:, None]
    y = (x[:, 0] + RNG.normal(size=n) > 2).astype(float)
    weight = np.where(train, 0.7, 0.0)
    weight = np.vstack([weight, weight.mean(axis=0)])
    scalers = scale_folds(x, np.vstack([train, train.any(axis=0)]))
    theta, norms = solve(Regressions(scalers, y, weight), 100)
    assert (norms <= GRADIENT).all()
    for fold in range(3):
        design = (scalers.Z - scalers.mean[fold]) / scalers.scale[fold]

        def objective(w, design=design, fold=fold):
            margin = design @ w[:-1] + w[-1]
            return weight[fold] @ (np.logaddexp(0, margin) - y * margin) + w[:-1] @ w[:-1] / 2

        found = minimize(objective, np.zeros(d + 1), method="BFGS", options={"gtol": 1e-6})
        np.testing.assert_allclose(theta[fold], found.x, atol=3e-4)


def test_a_limit_on_steps_is_told_by_the_norm() -> None:
    x, y = RNG.normal(size=(60, 4)), np.tile([0.0, 1.0], 30)
    train = np.arange(60) % 2 == np.arange(2)[:, None]
    train[:, :2] = True
    weight = np.vstack([train, train.mean(axis=0)]).astype(float)
    scalers = scale_folds(x, np.vstack([train, train.any(axis=0)]))
    _, norms = solve(Regressions(scalers, y, weight), 0)
    assert (norms > GRADIENT).all()
