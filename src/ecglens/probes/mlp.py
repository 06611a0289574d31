"""Multilayer perceptron."""

from __future__ import annotations

from typing import Any

from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from ecglens.probes.base import Probe


def _scaled_mlp(**settings: Any) -> Pipeline:
    return make_pipeline(StandardScaler(), MLPClassifier(**settings))


MLP = Probe(
    "mlp",
    "Multilayer perceptron",
    _scaled_mlp,
    {"hidden_layer_sizes": (100,), "activation": "relu", "solver": "adam", "early_stopping": False, "max_iter": 200},
)
