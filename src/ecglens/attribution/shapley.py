"""SHAP values of fitted probes: each family by its own exact or closed method, none by sampling coalitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import ConfigError, EcgLensError

Floats = NDArray[np.float64]

TOLERANCE = 1e-3
"""Largest accepted gap between a model's output and the sum of its SHAP values, relative to the largest output."""


class _Parts(NamedTuple):
    values: Floats
    base: float
    output: Floats


def explain(model: Any, background: NDArray[Any], X: NDArray[Any]) -> Floats:
    """SHAP values of a fitted probe.

    ====================  =========================================  ================  ==========
    estimator             method                                     explained output  background
    ====================  =========================================  ================  ==========
    XGBoost               TreeSHAP, path dependent (XGBoost's own)   log-odds          not used
    tree, random forest   TreeSHAP, path dependent (shap)            probability       not used
    logistic regression   closed form ``coef * (x - mean)``          log-odds          its mean
    multilayer            DeepSHAP (shap)                            log-odds          all rows
    perceptron
    ====================  =========================================  ================  ==========

    Parameters
    ----------
    model
        Fitted estimator, or a pipeline of transformers that keep the features in place and such an estimator.
    background
        What a feature is compared with where the method asks for it, ``[m, d]``; 100 training records will do.
    X
        Records to explain, ``[n, d]``.

    Returns
    -------
    ndarray
        Share of each feature in each record's output, ``[n, d]``.

    Raises
    ------
    ConfigError
        There is no method for this kind of estimator.
    EcgLensError
        The values do not add up to the model's output.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> X = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0], [3.0, 1.0]])
    >>> values = explain(LogisticRegression().fit(X, [0, 0, 1, 1]), X, X)
    >>> np.sign(values).astype(int).tolist()
    [[-1, 0], [-1, 0], [1, 0], [1, 0]]
    """
    *transformers, final = [step for _, step in model.steps] if hasattr(model, "steps") else [model]
    method = METHODS.get(type(final).__name__)
    if method is None:
        raise ConfigError(f"no SHAP method for {type(final).__name__}. There is one for: {', '.join(METHODS)}.")
    background, X = np.asarray(background, dtype=np.float64), np.asarray(X, dtype=np.float64)
    for transformer in transformers:
        background, X = transformer.transform(background), transformer.transform(X)
    values, base, output = method(final, background, X)
    gap = float(np.abs(base + values.sum(axis=1) - output).max())
    if gap > TOLERANCE * max(1.0, float(np.abs(output).max())):
        raise EcgLensError(f"SHAP values of {type(final).__name__} miss the model's output by up to {gap:.3g}")
    return values


def mean_absolute_shap(
    models: Sequence[Any], X: NDArray[Any], folds: NDArray[Any], *, n_background: int = 100, seed: int = 0
) -> Floats:
    """Importance of each feature: mean absolute SHAP value over all records, each explained by the model of its fold.

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

    Returns
    -------
    ndarray
        ``[d]``.

    Examples
    --------
    >>> from ecglens.probes import PROBES, cross_validate
    >>> y = np.tile([0, 1], 10)
    >>> X, folds = np.stack([y, np.ones(20)], axis=1), np.arange(20) % 5
    >>> models = cross_validate(X, y, folds, PROBES.load("logistic-regression")).models
    >>> mean_absolute_shap(models, X, folds).round(1)
    array([2., 0.])
    """
    total = np.zeros(X.shape[1])
    for number, (fold, model) in enumerate(zip(np.unique(folds), models, strict=True)):
        train = np.flatnonzero(folds != fold)
        chosen = np.random.default_rng([seed, number]).permutation(train)[:n_background]
        total += np.abs(explain(model, X[np.sort(chosen)], X[folds == fold])).sum(axis=0)
    return total / len(X)


def _boosted_trees(model: Any, _background: NDArray[Any], X: NDArray[Any]) -> _Parts:
    from xgboost import DMatrix

    matrix = DMatrix(X, nthread=1)
    parts = model.get_booster().predict(matrix, pred_contribs=True).astype(np.float64)
    output = model.get_booster().predict(matrix, output_margin=True).astype(np.float64)
    return _Parts(parts[:, :-1], float(parts[0, -1]), output)


def _trees(model: Any, _background: NDArray[Any], X: NDArray[Any]) -> _Parts:
    from shap import TreeExplainer

    explainer = TreeExplainer(model, feature_perturbation="tree_path_dependent")
    values = explainer.shap_values(X, check_additivity=False)[..., 1]
    return _Parts(values, float(explainer.expected_value[1]), model.predict_proba(X)[:, 1])


def _linear(model: Any, background: NDArray[Any], X: NDArray[Any]) -> _Parts:
    mean = background.mean(axis=0, keepdims=True)
    base = float(model.decision_function(mean)[0])
    return _Parts(model.coef_[0] * (X - mean), base, model.decision_function(X))


def _network(model: Any, background: NDArray[Any], X: NDArray[Any]) -> _Parts:
    import torch
    from shap import DeepExplainer

    activation = {
        "relu": torch.nn.ReLU,
        "tanh": torch.nn.Tanh,
        "logistic": torch.nn.Sigmoid,
        "identity": torch.nn.Identity,
    }[model.activation]
    layers: list[torch.nn.Module] = []
    for weight, bias in zip(model.coefs_, model.intercepts_, strict=True):
        linear = torch.nn.Linear(weight.shape[0], weight.shape[1], dtype=torch.float64)
        linear.load_state_dict({"weight": torch.as_tensor(weight.T), "bias": torch.as_tensor(bias)})
        layers += [linear, activation()]
    logit = torch.nn.Sequential(*layers[:-1])
    rows, reference = torch.as_tensor(X, dtype=torch.float64), torch.as_tensor(background, dtype=torch.float64)
    values = DeepExplainer(logit, reference).shap_values(rows, check_additivity=False)[..., 0]
    with torch.no_grad():
        return _Parts(values, float(logit(reference).mean()), logit(rows)[:, 0].numpy())


METHODS: Mapping[str, Callable[[Any, NDArray[Any], NDArray[Any]], _Parts]] = {
    "XGBClassifier": _boosted_trees,
    "DecisionTreeClassifier": _trees,
    "RandomForestClassifier": _trees,
    "LogisticRegression": _linear,
    "MLPClassifier": _network,
}
"""Class name of an estimator to the method that explains it; by name, so that no library is imported for a look-up."""
