"""Multilayer perceptron."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from ecglens.probes.base import FoldFits, Probe, check_settings
from ecglens.probes.fast.networks import BATCH, PENALTY, TOLERANCE, WAIT, Networks
from ecglens.probes.fast.scaling import scale_folds
from ecglens.probes.models import Perceptron


def fit_perceptrons(
    X: NDArray[Any], y: NDArray[Any], train: NDArray[np.bool_], seeds: Sequence[int], settings: Mapping[str, Any]
) -> FoldFits:
    """Fit a perceptron per fold, as `MLPClassifier` does, all in step; see `ecglens.probes.base.FitFolds`.

    Every fold starts from weights of its own seed. They share the order of the records: a minibatch is one product with
    the first layers of all folds, and a fold passes over the records that it holds out. A fold whose loss is level, or
    that has reached the last epoch, takes no further part.
    """
    fixed = {"activation": "relu", "solver": "adam", "early_stopping": False}
    check_settings(settings, ["hidden_layer_sizes", "max_iter"], fixed)
    (n_hidden,) = settings["hidden_layer_sizes"]
    used = train.any(axis=0)
    scalers = scale_folds(X[used], train[:, used])
    train, labels = train[:, used], y[used].astype(np.float32)
    networks = Networks.start(scalers, seeds, int(n_hidden))
    rng = np.random.default_rng(list(seeds))
    n_train = train.sum(axis=1)
    largest = int(n_train.max())
    size = int(np.ceil(min(BATCH, largest) * len(labels) / largest))
    best, level = np.full(len(seeds), np.inf), np.zeros(len(seeds), dtype=np.int64)
    fitted: dict[int, Perceptron] = {}
    messages = []
    for epoch in range(int(settings["max_iter"])):
        order = rng.permutation(len(labels))
        loss = np.zeros(len(networks.folds))
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        for rows in batches:
            loss += networks.descend(scalers.Z[rows], labels[rows], train[networks.folds][:, rows].T)
        loss += len(batches) * PENALTY / 2 * networks.squares()
        loss /= n_train[networks.folds]
        level = np.where(loss > best - TOLERANCE, level + 1, 0)
        best = np.minimum(best, loss)
        last = epoch == int(settings["max_iter"]) - 1
        done = level > WAIT
        messages += [
            (int(fold), f"the loss still fell at epoch {epoch + 1}, the last. Raise max_iter.")
            for fold in networks.folds[~done]
            if last
        ]
        for place in np.flatnonzero(done | last):
            fitted[int(networks.folds[place])] = networks.model(int(place))
        if last or done.all():
            break
        if done.any():
            networks, best, level = networks.keep(~done), best[~done], level[~done]
    return FoldFits(tuple(fitted[fold] for fold in range(len(seeds))), tuple(messages))


def _scaled_mlp(**settings: Any) -> Pipeline:
    return make_pipeline(StandardScaler(), MLPClassifier(**settings))


MLP = Probe(
    "mlp",
    "Multilayer perceptron",
    _scaled_mlp,
    {"hidden_layer_sizes": (100,), "activation": "relu", "solver": "adam", "early_stopping": False, "max_iter": 200},
    fit_perceptrons,
)
