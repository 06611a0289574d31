"""A stand-in for classifiers that have decision values but no probabilities."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin


class DecisionScores(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Gives a classifier that has decision values only the method `predict_proba`.

    ``(1 + v / (1 + |v|)) / 2`` of a decision value `v` ranks records as the value does, also where it is large and the
    logistic function would be 1 for all; it is above 0.5 where `v` is above 0. It is not a probability.

    Parameters
    ----------
    estimator
        Classifier of two classes with ``decision_function``, such as ``SVC()``.

    Examples
    --------
    >>> from sklearn.svm import LinearSVC
    >>> model = DecisionScores(LinearSVC()).fit(np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1]))
    >>> (model.predict_proba(np.array([[0.0], [3.0]]))[:, 1] > 0.5).tolist()
    [False, True]
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> Self:
        """Fit the estimator in place."""
        self.estimator.fit(X, y)
        self.classes_ = self.estimator.classes_
        return self

    def decision_function(self, X: NDArray[Any]) -> NDArray[Any]:
        """Decision value, ``[n]``."""
        values: NDArray[Any] = self.estimator.decision_function(X)
        return values

    def predict_proba(self, X: NDArray[Any]) -> NDArray[Any]:
        """The decision value between 0 and 1, and one minus it, ``[n, 2]``."""
        value = self.decision_function(X)
        positive = (1 + value / (1 + np.abs(value))) / 2
        return np.stack([1 - positive, positive], axis=1)
