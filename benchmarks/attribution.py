"""SHAP values of all folds' models on the records they held out: ecglens beside shap and XGBoost, in CPU seconds.

Both sides explain the same models, fitted by the libraries; the models of the fast engine are timed beside them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from time import process_time
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ecglens.attribution import top_k
from ecglens.attribution.shap.explain import explain, explain_folds
from ecglens.probes import PROBES, cross_validate
from plain_models import from_pipeline, from_scikit_learn, from_xgboost
from planted import machine, plant, verdict

PLAIN: dict[str, Callable[[Any], Any]] = {
    "xgboost": lambda model: from_xgboost(model.get_booster()),
    "decision-tree": lambda model: from_scikit_learn([model]),
    "random-forest": lambda model: from_scikit_learn(model.estimators_),
    "logistic-regression": from_pipeline,
    "mlp": from_pipeline,
}
K = 50
GOALS = {(1000, "random-forest"): 10.0, (1000, "xgboost"): 4.0}
"""Library over ours, by records and probe."""


def timed(models: Sequence[Any], X: np.ndarray, folds: np.ndarray) -> tuple[float, np.ndarray]:
    """CPU seconds, and the importance of each feature in each fold."""
    start = process_time()
    importance = explain_folds(models, X, folds)[0]
    return process_time() - start, importance


def jaccard(a: np.ndarray, b: np.ndarray) -> float:
    """Of two tops, where features that are as important as the last of `b` count as shared: they tie."""
    top_a, top_b = set(top_k(a, K)), set(top_k(b, K))
    border = b[top_k(b, K)[-1]]
    strict = {feature for feature in top_a ^ top_b if abs(b[feature] - border) > 1e-6 * b.max()}
    return 1 - len(strict) / len(top_a | top_b)


def additivity_error(models: Sequence[Any], X: np.ndarray, folds: np.ndarray) -> float:
    """Largest additivity error over folds, relative to the largest output."""
    return max(
        explain(model, X[folds != fold][:100], X[folds == fold]).additivity_error
        for fold, model in zip(np.unique(folds), models, strict=True)
    )


def compare(name: str, n: int, options: argparse.Namespace) -> None:
    X, y, folds = plant("linear", n, options.d, options.folds, 0)
    probe = PROBES.load(name)
    fitted = cross_validate(X, y, folds, probe, engine="reference").models
    fast = cross_validate(X, y, folds, probe).models
    plain = [PLAIN[name](model) for model in fitted]
    library, expected = timed(fitted, X, folds)
    ours, found = timed(plain, X, folds)
    own, _ = timed(fast, X, folds)
    shared = np.mean([jaccard(a, b) for a, b in zip(found, expected, strict=True)])
    errors = [additivity_error(models, X, folds) for models in (plain, fast)]
    difference = np.abs(found - expected).max() / expected.max()
    print(
        f"{n:>6,} {name:<20} {library:>9.3f} {ours:>8.3f} {library / ours:>6.1f} {own:>9.3f} {library / own:>6.1f}"
        f"   {difference:>8.0e} {shared:>8.3f} {errors[0]:>8.0e} {errors[1]:>8.0e}"
        f"   {verdict(library / ours, GOALS.get((n, name)))}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, nargs="+", default=[1000], help="records")
    parser.add_argument("--d", type=int, default=768, help="features")
    parser.add_argument("--folds", type=int, default=15)
    parser.add_argument("--probe", nargs="+", default=PROBES.names(), choices=PROBES.names())
    options = parser.parse_args()
    print(machine())
    with threadpool_limits(limits=1):
        start = process_time()
        X, y, folds = plant("linear", 80, 60, 3, 0)
        for name in options.probe:
            for engine in ("fast", "reference"):
                explain_folds(cross_validate(X, y, folds, PROBES.load(name), engine=engine).models, X, folds)
        print(f"warm-up, paid once: {process_time() - start:.1f} s")
        print(f"d = {options.d}, {options.folds} folds; difference: of importances, relative to the largest")
        print(
            f"{'n':>6} {'probe':<20} {'library s':>9} {'ours s':>8} {'ratio':>6} {'own fits s':>10} {'ratio':>5}"
            f"   {'diff.':>8} {f'top {K}':>8} {'error':>8} {'own err.':>8}"
        )
        for n in options.n:
            for name in options.probe:
                compare(name, n, options)


if __name__ == "__main__":
    main()
