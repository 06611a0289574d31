"""Logistic regression."""

from __future__ import annotations

from typing import Any

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from ecglens.probes.base import Probe


def _scaled_logistic_regression(**settings: Any) -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(**settings))


LOGISTIC_REGRESSION = Probe(
    "logistic-regression",
    "Logistic regression",
    _scaled_logistic_regression,
    {"C": 1.0, "solver": "lbfgs", "max_iter": 5000},
)
