"""SHAP values of fitted probes: each family by its own exact or closed method, none by sampling coalitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ecglens.attribution.shap import third_party
from ecglens.attribution.shap.perceptron import deep_shap
from ecglens.attribution.shap.third_party import Parts
from ecglens.attribution.shap.trees import tree_shap
from ecglens.errors import ConfigError, EcgLensError
from ecglens.probes.models import LinearModel, Perceptron, TreeEnsemble

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Explanation:
    """SHAP values and their additivity error.

    Parameters
    ----------
    values
        Share of each feature in each record's output, ``[n, d]``.
    base
        Output where no feature is known.
    additivity_error
        Largest difference between a record's output and ``base + values.sum()``, relative to the largest output (or 1).
    """

    values: Floats
    base: float
    additivity_error: float


def explain(model: Any, background: NDArray[Any], X: NDArray[Any]) -> Explanation:
    """Compute SHAP values of a fitted probe and their additivity error.

    =======================  =========================================  ================  ==========
    model                    method                                     explained output  background
    =======================  =========================================  ================  ==========
    `TreeEnsemble`           TreeSHAP, path dependent, by quadrature    its own           not used
    `LinearModel`            closed form ``coef * (x - mean)``          log-odds          its mean
    `Perceptron`             DeepSHAP in closed form                    log-odds          all rows
    XGBoost                  TreeSHAP, path dependent (XGBoost's own)   log-odds          not used
    tree, forest, extra      TreeSHAP, path dependent (shap)            probability       not used
    trees of scikit-learn
    its boosted trees        TreeSHAP, path dependent (shap)            log-odds          not used
    linear: has ``coef_``    closed form ``coef * (x - mean)``          decision value    its mean
    multilayer perceptron    DeepSHAP (shap)                            log-odds          all rows
    =======================  =========================================  ================  ==========

    The output of a `TreeEnsemble` is a probability for a tree and a forest, and the log-odds for boosted trees.

    Parameters
    ----------
    model
        Fitted model, or a pipeline of transformers that keep the features in place and a fitted model.
    background
        Reference records of methods that need them, ``[m, d]``; 100 training records will do.
    X
        Records to explain, ``[n, d]``.

    Raises
    ------
    ConfigError
        There is no method for this kind of estimator.
    EcgLensError
        The values do not add up to the model's output.

    Examples
    --------
    >>> from ecglens.probes.models import LinearModel
    >>> explain(LinearModel(np.array([2.0, 0.0]), 1.0), np.zeros((3, 2)), np.ones((1, 2)))
    Explanation(values=array([[2., 0.]]), base=1.0, additivity_error=0.0)
    """
    *transformers, final = _steps(model)
    method = _method(final)
    if method is None:
        raise ConfigError(
            f"no SHAP method for {type(final).__name__}. There is one for linear models, {', '.join(METHODS)}."
        )
    background, X = np.asarray(background, dtype=np.float64), np.asarray(X, dtype=np.float64)
    for transformer in transformers:
        background, X = transformer.transform(background), transformer.transform(X)
    values, base, output, tolerance = method(final, background, X)
    largest = max(1.0, float(np.abs(output).max(initial=0)))
    error = float(np.abs(base + values.sum(axis=1) - output).max(initial=0)) / largest
    if error > tolerance:
        raise EcgLensError(
            f"SHAP values of {type(final).__name__} miss the model's output by up to {error * largest:.3g}"
        )
    return Explanation(values, base, error)


def has_method(model: Any) -> bool:
    """Whether `explain` knows this kind of model; `permutation_by_fold` explains any other.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> has_method(GaussianNB())
    False
    """
    return _method(_steps(model)[-1]) is not None


Method = Callable[[Any, NDArray[Any], NDArray[Any]], Parts]


def _method(model: Any) -> Method | None:
    method = third_party.linear if third_party.is_linear(model) else METHODS.get(type(model).__name__)
    return None if method is third_party.boosting and not third_party.adds_log_odds(model) else method


def _steps(model: Any) -> list[Any]:
    """The steps of a pipeline; a model of its own is its only step. Decision values are those of what they wrap."""
    *transformers, final = [step for _, step in model.steps] if hasattr(model, "steps") else [model]
    return [*transformers, final.estimator if type(final).__name__ == "DecisionScores" else final]


def explain_folds(
    models: Sequence[Any],
    X: NDArray[Any],
    folds: NDArray[Any],
    *,
    n_background: int = 100,
    seed: int = 0,
    train: NDArray[np.bool_] | None = None,
) -> tuple[Floats, float]:
    """Importance of each feature in each fold: mean absolute SHAP value of the records that the fold held out.

    Parameters
    ----------
    models
        One fitted model per fold, in the order of the sorted fold numbers, as `ecglens.probes.cross_validate` returns.
    X
        Embeddings, ``[n, d]``.
    folds
        Fold of each record, ``[n]``; a model is explained on the records it was not trained on.
    n_background
        Largest number of training records that stand for the background, drawn with `seed`.
    train
        Records that the models were allowed to train on, ``[n]``; all by default.

    Returns
    -------
    values
        ``[n_folds, d]``.
    additivity_error
        The largest `Explanation.additivity_error` of a fold.

    Examples
    --------
    >>> from ecglens.probes import PROBES, cross_validate
    >>> y = np.tile([0, 1], 10)
    >>> X, folds = np.stack([y, np.ones(20)], axis=1), np.arange(20) // 10
    >>> models = cross_validate(X, y, folds, PROBES.load("decision-tree")).models
    >>> explain_folds(models, X, folds)
    (array([[0.5, 0. ],
           [0.5, 0. ]]), 0.0)
    """
    allowed = np.ones(len(X), dtype=bool) if train is None else train
    found, error = np.empty((len(models), X.shape[1])), 0.0
    # Plain trees use neither a background nor BLAS; both would take longer than small ones take to explain.
    plain = all(isinstance(model, TreeEnsemble) for model in models)
    with nullcontext() if plain else threadpool_limits(limits=1):
        for number, (fold, model) in enumerate(zip(np.unique(folds), models, strict=True)):
            background = np.empty(0, dtype=np.intp)
            if not plain:
                trained = np.flatnonzero(allowed & (folds != fold))
                background = np.sort(np.random.default_rng([seed, number]).permutation(trained)[:n_background])
            explanation = explain(model, X[background], X[folds == fold])
            found[number] = np.abs(explanation.values).mean(axis=0)
            error = max(error, explanation.additivity_error)
    return found, error


def _tree_ensemble(model: TreeEnsemble, _background: NDArray[Any], X: NDArray[Any]) -> Parts:
    return Parts(*tree_shap(model, X), model.decision_function(X))


def _linear_model(model: LinearModel, background: NDArray[Any], X: NDArray[Any]) -> Parts:
    mean = background.mean(axis=0)
    return Parts(model.coef * (X - mean), float(model.coef @ mean + model.intercept), model.decision_function(X))


def _perceptron(model: Perceptron, background: NDArray[Any], X: NDArray[Any]) -> Parts:
    return Parts(*deep_shap(model, background, X), model.decision_function(X))


METHODS: Mapping[str, Method] = {
    "TreeEnsemble": _tree_ensemble,
    "LinearModel": _linear_model,
    "Perceptron": _perceptron,
    "XGBClassifier": third_party.boosted_trees,
    "DecisionTreeClassifier": third_party.trees,
    "RandomForestClassifier": third_party.trees,
    "ExtraTreeClassifier": third_party.trees,
    "ExtraTreesClassifier": third_party.trees,
    "GradientBoostingClassifier": third_party.boosting,
    "HistGradientBoostingClassifier": third_party.boosting,
    "MLPClassifier": third_party.network,
}
"""Class name of an estimator to the method that explains it; by name, so that no library is imported for a look-up."""
