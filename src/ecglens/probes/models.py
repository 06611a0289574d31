"""Fitted probes as plain arrays, as the fast engine returns and attribution reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ecglens.compiled import compiled
from ecglens.probes.base import to_single

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


def _both(positive: Floats) -> Floats:
    return np.stack([1 - positive, positive], axis=1)


@dataclass(frozen=True, eq=False)
class LinearModel:
    """A logistic regression on raw features: the scaler of its fold is part of the coefficients.

    Parameters
    ----------
    coef
        Change of the log-odds per unit of each raw feature, ``[d]``.
    intercept
        Log-odds where every raw feature is 0.

    Examples
    --------
    >>> LinearModel(np.array([1.0, -1.0]), 0.0).predict_proba(np.array([[2.0, 2.0]]))
    array([[0.5, 0.5]])
    """

    coef: Floats
    intercept: float

    def decision_function(self, X: NDArray[Any]) -> Floats:
        """Log-odds of the positive class, ``[n]``."""
        return np.asarray(X, dtype=np.float64) @ self.coef + self.intercept

    def predict_proba(self, X: NDArray[Any]) -> Floats:
        """Probability of both classes, ``[n, 2]``."""
        return _both(expit(self.decision_function(X)))


@dataclass(frozen=True, eq=False)
class Perceptron:
    """A network of one hidden ReLU layer on raw features: the scaler of its fold is part of the first layer.

    Parameters
    ----------
    hidden, hidden_bias
        First layer, ``[d, hidden]`` and ``[hidden]``.
    output, output_bias
        Second layer, ``[hidden]`` and a number; their sum is the log-odds.

    Examples
    --------
    >>> network = Perceptron(np.array([[1.0, -1.0]]), np.zeros(2), np.ones(2), -3.0)  # |x| - 3
    >>> network.decision_function(np.array([[-3.0], [1.0]]))
    array([ 0., -2.])
    """

    hidden: Floats
    hidden_bias: Floats
    output: Floats
    output_bias: float

    def activations(self, X: NDArray[Any]) -> Floats:
        """What reaches the hidden units before the ReLU, ``[n, hidden]``."""
        return np.asarray(X, dtype=np.float64) @ self.hidden + self.hidden_bias

    def decision_function(self, X: NDArray[Any]) -> Floats:
        """Log-odds of the positive class, ``[n]``."""
        return np.maximum(self.activations(X), 0) @ self.output + self.output_bias

    def predict_proba(self, X: NDArray[Any]) -> Floats:
        """Probability of both classes, ``[n, 2]``."""
        return _both(expit(self.decision_function(X)))


@dataclass(frozen=True, eq=False)
class TreeEnsemble:
    """Trees whose leaves add up: a decision tree, a forest (the sum divided by the number of trees), boosted trees.

    The nodes of all trees lie in one array, every parent before its children. A record goes left where its feature, as
    a 32-bit number, is at most the threshold.

    Parameters
    ----------
    feature
        Feature that a node splits on, -1 for a leaf, ``[nodes]``.
    threshold
        ``[nodes]``.
    left, right
        Children, positions in the same arrays, ``[nodes]``.
    value
        Term that a leaf adds to the sum, ``[nodes]``; 0 elsewhere.
    cover
        Training weight that reached the node: records for trees and forests, the Hessian for boosting, ``[nodes]``.
    roots
        First node of each tree, ``[trees]``.
    base
        Output before any tree.
    link
        ``identity``: the output is a probability. ``logistic``: it is a log-odds.
    divisor
        The sum of the leaves is divided by it. Fifty votes of a hundred are then one half, and no bit more.

    Examples
    --------
    >>> leaf, node = np.array([-1, -1]), np.zeros(3)
    >>> stump = TreeEnsemble(np.r_[0, leaf].astype("i4"), node, np.array([1, 0, 0], "i4"), np.array([2, 0, 0], "i4"),
    ...     np.array([0.0, 0.1, 0.8]), np.array([9.0, 4, 5]), np.array([0], "i4"))
    >>> stump.predict_proba(np.array([[0.0], [2.0]]))[:, 1]
    array([0.1, 0.8])
    """

    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    value: Floats
    cover: Floats
    roots: Ints
    base: float = 0.0
    link: Literal["identity", "logistic"] = "identity"
    divisor: int = 1

    def decision_function(self, X: NDArray[Any]) -> Floats:
        """The base and the leaves that each record reaches, ``[n]``."""
        rows = np.ascontiguousarray(to_single(X))
        sums: Floats = _leaf_sums(rows, self.feature, self.threshold, self.left, self.right, self.value, self.roots)
        return self.base + sums / self.divisor

    def predict_proba(self, X: NDArray[Any]) -> Floats:
        """Probability of both classes, ``[n, 2]``."""
        output = self.decision_function(X)
        return _both(expit(output) if self.link == "logistic" else output)


@compiled
def _leaf_sums(
    X: NDArray[np.float32], feature: Ints, threshold: Floats, left: Ints, right: Ints, value: Floats, roots: Ints
) -> Floats:
    total = np.zeros(X.shape[0])
    for root in roots:
        for row in range(X.shape[0]):
            node = root
            while feature[node] >= 0:
                node = left[node] if X[row, feature[node]] <= threshold[node] else right[node]
            total[row] += value[node]
    return total
