"""Fitted estimators of scikit-learn and XGBoost as plain arrays: the same model for both sides of a comparison."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from ecglens.probes.fast.trees import Tree
from ecglens.probes.models import LinearModel, Perceptron, TreeEnsemble
from ecglens.probes.trees import join_trees


def from_scikit_learn(trees: Sequence[Any]) -> TreeEnsemble:
    """A decision tree in a list, or the trees of a forest."""
    return join_trees([_from_tree(fitted.tree_) for fitted in trees], divisor=len(trees))


def from_xgboost(booster: Any) -> TreeEnsemble:
    """The trees of a booster without its base, which SHAP values do not depend on."""
    dump = booster.get_dump(dump_format="json", with_stats=True)
    return join_trees([_from_json(json.loads(text)) for text in dump], link="logistic")


def from_pipeline(pipeline: Any) -> LinearModel | Perceptron:
    """A scaler and a logistic regression, or a scaler and a perceptron of one hidden layer."""
    scaler, final = (step for _, step in pipeline.steps)
    if hasattr(final, "coefs_"):
        (hidden, output), (bias, output_bias) = final.coefs_, final.intercepts_
        raw = hidden.astype(np.float64) / scaler.scale_[:, None]
        return Perceptron(raw, bias - scaler.mean_ @ raw, output[:, 0].astype(np.float64), float(output_bias[0]))
    coef = final.coef_[0] / scaler.scale_
    return LinearModel(coef, float(final.intercept_[0] - scaler.mean_ @ coef))


def _from_tree(fitted: Any) -> Tree:
    leaf = fitted.children_left < 0
    share = fitted.value[:, 0, 1] / fitted.value[:, 0].sum(axis=1)
    return Tree(
        np.where(leaf, -1, fitted.feature).astype(np.int32),
        fitted.threshold,
        np.where(leaf, 0, fitted.children_left).astype(np.int32),
        np.where(leaf, 0, fitted.children_right).astype(np.int32),
        np.where(leaf, share, 0.0),
        fitted.weighted_n_node_samples,
    )


def _from_json(root: dict[str, Any]) -> Tree:
    nodes = [root]
    for node in nodes:
        nodes += node.get("children", [])
    place = {node["nodeid"]: position for position, node in enumerate(nodes)}
    condition = np.array([node.get("split_condition", 0.0) for node in nodes], dtype=np.float32)
    return Tree(
        np.array([int(node["split"][1:]) if "split" in node else -1 for node in nodes], dtype=np.int32),
        # A booster asks whether a value is less, plain trees whether it is at most: one step down.
        np.nextafter(condition, np.float32(-np.inf)).astype(np.float64),
        np.array([place[node["yes"]] if "yes" in node else 0 for node in nodes], dtype=np.int32),
        np.array([place[node["no"]] if "no" in node else 0 for node in nodes], dtype=np.int32),
        np.array([node.get("leaf", 0.0) for node in nodes]),
        np.array([node["cover"] for node in nodes]),
    )
