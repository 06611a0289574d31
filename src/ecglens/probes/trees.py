"""Decision tree, random forest and boosted trees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from ecglens.errors import ConfigError
from ecglens.probes.base import FoldFits, Probe, check_settings
from ecglens.probes.fast.bins import N_BINS, Bins, cut_columns, make_blocks, sort_columns
from ecglens.probes.fast.boosting import DEEPEST, boost
from ecglens.probes.fast.trees import Tree, grow
from ecglens.probes.models import TreeEnsemble

Floats = NDArray[np.float64]

TREE_BINS, FOREST_BINS = 256, 64
"""Steps of rank per feature. With fewer a split is found faster; F1 is that of the libraries' finer scale
(``benchmarks/probes.py --quality``). One tree alone needs many where positives are rare: with 64 its F1 was higher by
0.01. A forest averages its trees, and boosted ones correct each other."""

PENALTY = 1.0
"""XGBoost's default ``reg_lambda``."""


def fit_decision_trees(
    X: NDArray[Any], y: NDArray[Any], train: NDArray[np.bool_], seeds: Sequence[int], settings: Mapping[str, Any]
) -> FoldFits:
    """Fit a decision tree per fold, as `DecisionTreeClassifier` does; see `ecglens.probes.base.FitFolds`."""
    check_settings(settings, [], {"criterion": "gini"})

    def fit(bins: Bins, labels: Floats, seed: int) -> TreeEnsemble:
        return join_trees([grow(bins, labels, np.ones(len(labels)), X.shape[1], seed)])

    return _fit_each(X, y, train, seeds, TREE_BINS, fit)


def fit_random_forests(
    X: NDArray[Any], y: NDArray[Any], train: NDArray[np.bool_], seeds: Sequence[int], settings: Mapping[str, Any]
) -> FoldFits:
    """Fit a forest per fold, as `RandomForestClassifier` does: bootstrap samples, sqrt(d) features for each split."""
    check_settings(settings, ["n_estimators", "n_jobs"], {})
    n_trees = int(settings["n_estimators"])
    n_features = max(1, int(np.sqrt(X.shape[1])))

    def fit(bins: Bins, labels: Floats, seed: int) -> TreeEnsemble:
        rng, n = np.random.default_rng(seed), len(labels)
        trees = []
        for tree_seed in rng.integers(2**63, size=n_trees):
            weights = np.bincount(rng.integers(n, size=n), minlength=n).astype(np.float64)
            trees.append(grow(bins, weights * labels, weights, n_features, int(tree_seed)))
        return join_trees(trees, divisor=n_trees)

    return _fit_each(X, y, train, seeds, FOREST_BINS, fit)


def fit_boosted_trees(
    X: NDArray[Any], y: NDArray[Any], train: NDArray[np.bool_], seeds: Sequence[int], settings: Mapping[str, Any]
) -> FoldFits:
    """Fit boosted trees per fold, as `XGBClassifier` does: logistic loss, lambda 1, child weight of 1 or more."""
    check_settings(settings, ["n_estimators", "max_depth", "learning_rate", "n_jobs"], {"tree_method": "hist"})
    max_depth = int(settings["max_depth"])
    if max_depth > DEEPEST:
        raise ConfigError(f"the fast engine grows trees of a depth of {DEEPEST} at most, max_depth is {max_depth}.")
    rate = float(settings["learning_rate"])

    def fit(bins: Bins, labels: Floats, _seed: int) -> TreeEnsemble:
        base = float(logit(labels.mean()))
        margin, step = np.full(len(labels), base), np.empty(len(labels))
        trees, blocks = [], make_blocks(bins, max_depth)
        for _ in range(int(settings["n_estimators"])):
            probability = expit(margin)
            hessian = np.maximum(probability * (1 - probability), 1e-16)
            tree = boost(blocks, labels - probability, hessian, max_depth, PENALTY, step)
            trees.append(replace(tree, value=rate * tree.value))
            margin += rate * step
        return join_trees(trees, base, "logistic")

    return _fit_each(X, y, train, seeds, N_BINS, fit)


def join_trees(
    trees: Sequence[Tree], base: float = 0.0, link: Literal["identity", "logistic"] = "identity", divisor: int = 1
) -> TreeEnsemble:
    """Lay trees one after another."""
    roots = np.cumsum([0, *(len(tree.value) for tree in trees[:-1])]).astype(np.int32)
    return TreeEnsemble(
        np.concatenate([tree.feature for tree in trees]),
        np.concatenate([tree.threshold for tree in trees]),
        np.concatenate([tree.left + root for tree, root in zip(trees, roots, strict=True)]),
        np.concatenate([tree.right + root for tree, root in zip(trees, roots, strict=True)]),
        np.concatenate([tree.value for tree in trees]),
        np.concatenate([tree.cover for tree in trees]),
        roots,
        base,
        link,
        divisor,
    )


def _fit_each(
    X: NDArray[Any],
    y: NDArray[Any],
    train: NDArray[np.bool_],
    seeds: Sequence[int],
    max_bin: int,
    fit: Callable[[Bins, Floats, int], TreeEnsemble],
) -> FoldFits:
    columns = sort_columns(X)
    labels = y.astype(np.float64)
    return FoldFits(
        tuple(
            fit(cut_columns(columns, used, max_bin), labels[used], seed)
            for used, seed in zip(train, seeds, strict=True)
        )
    )


DECISION_TREE = Probe(
    "decision-tree", "Decision tree", DecisionTreeClassifier, {"criterion": "gini"}, fit_decision_trees
)

RANDOM_FOREST = Probe(
    "random-forest", "Random forest", RandomForestClassifier, {"n_estimators": 100, "n_jobs": 1}, fit_random_forests
)

XGBOOST = Probe(
    "xgboost",
    "XGBoost",
    XGBClassifier,
    {"n_estimators": 100, "max_depth": 6, "learning_rate": 0.3, "tree_method": "hist", "n_jobs": 1},
    fit_boosted_trees,
    random=False,
)
