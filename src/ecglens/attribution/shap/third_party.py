"""SHAP values of the estimators of scikit-learn and XGBoost, by shap, by XGBoost, or in closed form."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EXACT, SINGLE = 1e-5, 1e-3
"""Largest accepted additivity error, relative to the largest output: of methods in 64 bits, and of libraries that add
up 32-bit numbers or take finite differences."""


class Parts(NamedTuple):
    """SHAP values ``[n, d]``, the output where nothing is known, the outputs ``[n]``, and how close they must be."""

    values: Floats
    base: float
    output: Floats
    tolerance: float = EXACT


def boosted_trees(model: Any, _background: NDArray[Any], X: NDArray[Any]) -> Parts:
    """TreeSHAP of the log-odds, path dependent, as XGBoost computes it."""
    from xgboost import DMatrix

    # Values that the model takes as missing follow other branches; the output is that of the model as it was scored.
    matrix = DMatrix(X, missing=model.missing, nthread=1)
    parts = model.get_booster().predict(matrix, pred_contribs=True).astype(np.float64)
    output = model.predict(X, output_margin=True).astype(np.float64)
    return Parts(parts[:, :-1], float(parts[0, -1]), output, SINGLE)


def trees(model: Any, _background: NDArray[Any], X: NDArray[Any]) -> Parts:
    """TreeSHAP of the probability, path dependent."""
    from shap import TreeExplainer

    explainer = TreeExplainer(model, feature_perturbation="tree_path_dependent")
    values = explainer.shap_values(X, check_additivity=False)[..., 1]
    return Parts(values, float(explainer.expected_value[1]), model.predict_proba(X)[:, 1])


def boosting(model: Any, _background: NDArray[Any], X: NDArray[Any]) -> Parts:
    """TreeSHAP of the log-odds of scikit-learn's boosted trees, path dependent."""
    from shap import TreeExplainer

    explainer = TreeExplainer(model, feature_perturbation="tree_path_dependent")
    values = explainer.shap_values(X, check_additivity=False)
    return Parts(values, float(np.ravel(explainer.expected_value)[0]), np.ravel(model.decision_function(X)), SINGLE)


def adds_log_odds(model: Any) -> bool:
    """Whether boosted trees of scikit-learn add up to log-odds from a constant on, as shap takes them to."""
    return getattr(model, "loss", "log_loss") == "log_loss" and getattr(model, "init", None) is None


def is_linear(model: Any) -> bool:
    """Whether the decision value is ``coef_ @ x`` and a constant, as of `LinearSVC` or `SGDClassifier`."""
    return np.size(getattr(model, "coef_", ())) == getattr(model, "n_features_in_", None) and hasattr(
        model, "decision_function"
    )


def linear(model: Any, background: NDArray[Any], X: NDArray[Any]) -> Parts:
    """Closed form of the log-odds."""
    mean = background.mean(axis=0, keepdims=True)
    base = float(model.decision_function(mean)[0])
    return Parts(np.ravel(model.coef_) * (X - mean), base, model.decision_function(X))


def network(model: Any, background: NDArray[Any], X: NDArray[Any]) -> Parts:
    """DeepSHAP of the log-odds, for any number of layers."""
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
        return Parts(values, float(logit(reference).mean()), logit(rows)[:, 0].numpy(), SINGLE)
