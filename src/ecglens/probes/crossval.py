"""Out-of-fold predictions of a probe."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ecglens.errors import CannotFillError, EcgLensError, InputError
from ecglens.probes.base import Classifier, FoldFits, Probe, to_single

Floats = NDArray[np.float64]


Engine = Literal["fast", "reference"]


@dataclass(frozen=True)
class CrossValidation:
    """A probe, fitted once per fold.

    Parameters
    ----------
    probability
        Probability of the positive class, ``[n]``, each from the model that did not see the record.
    models
        Fitted models, in the order of the sorted fold numbers.
    seeds
        The seed of each model.
    warnings
        Warnings of the fits, such as a missed convergence, one ``"fold 3: ..."`` each.
    """

    probability: Floats
    models: tuple[Classifier, ...]
    seeds: tuple[int, ...]
    warnings: tuple[str, ...]

    @property
    def n_warnings(self) -> int:
        """Number of warnings over all fits."""
        return len(self.warnings)


def cross_validate(
    X: NDArray[Any],
    y: NDArray[Any],
    folds: NDArray[Any],
    probe: Probe,
    seed: int = 0,
    *,
    train: NDArray[np.bool_] | None = None,
    engine: Engine = "fast",
) -> CrossValidation:
    """Fit a probe on all folds but one, and predict that one; every fold in turn.

    Every fit runs in one thread, whatever the machine has: the numbers do not depend on it.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    y
        Labels 0 or 1, ``[n]``.
    folds
        Fold of each record, ``[n]``.
    probe
        Probe to fit.
    seed
        Each fold's model has its own seed, derived from this one.
    train
        Records that models may be trained on, ``[n]``; all by default. Every record is predicted, also one that no
        model is trained on.
    engine
        ``fast`` fits all folds together where the probe knows how to; ``reference`` fits the library's estimator fold
        by fold.

    Raises
    ------
    CannotFillError
        The records that a fold trains on lack a class.
    ConfigError
        The fast form of the probe does not know one of its settings.
    EcgLensError
        A model predicts a probability that is not finite: every metric of its fold would be wrong.
    InputError
        A label is neither 0 nor 1; an embedding is not finite as 32-bit numbers, or complex; or labels or folds are
        not one per record.

    Examples
    --------
    >>> from ecglens.probes import PROBES
    >>> y = np.tile([0, 1], 10)
    >>> result = cross_validate(y[:, None] + 0.0, y, np.arange(20) % 5, PROBES.load("decision-tree"))
    >>> bool((result.probability == y).all()), len(result.models)
    (True, 5)
    """
    X, y, folds = np.asarray(X), np.asarray(y), np.asarray(folds)
    _check_inputs(X, y, folds)
    numbers = np.unique(folds)
    seeds = tuple(int(state) for state in np.random.SeedSequence(seed).generate_state(len(numbers)))
    used = (folds != numbers[:, None]) & (True if train is None else np.asarray(train, dtype=bool))
    for fold, chosen in zip(numbers, used, strict=True):
        if len(np.unique(y[chosen])) < 2:
            raise CannotFillError(f"fold {fold}: the {np.sum(chosen)} records to train on hold one class. Draw more.")
    fit = probe.fast if engine == "fast" and probe.fast else partial(fit_in_turn, probe)
    probability = np.empty(len(y))
    with threadpool_limits(limits=1):
        fits = fit(X, y, used, seeds, probe.settings)
        for fold, model in zip(numbers, fits.models, strict=True):
            predicted = model.predict_proba(X[folds == fold])[:, 1]
            if n_bad := int(np.sum(~np.isfinite(predicted))):
                raise EcgLensError(
                    f"probe {probe.name!r}, fold {fold}: {n_bad} of {len(predicted)} predicted probabilities are not "
                    "finite. Change its params, or leave the probe out."
                )
            probability[folds == fold] = predicted
    messages = tuple(f"fold {numbers[place]}: {message}" for place, message in fits.messages)
    return CrossValidation(probability, fits.models, seeds, messages)


def _check_inputs(X: NDArray[Any], y: NDArray[Any], folds: NDArray[Any]) -> None:
    """Refuse inputs that would silently give wrong numbers."""
    if X.ndim != 2:
        raise InputError(f"embeddings have the shape [n, d], these have {list(X.shape)}")
    for name, values in {"labels": y, "folds": folds}.items():
        if values.shape != X.shape[:1]:
            raise InputError(f"{name} are one per record, [{len(X)}]; these have the shape {list(values.shape)}")
    if not np.isin(y, (0, 1)).all():
        raise InputError(f"labels are 0 or 1, found {', '.join(map(str, np.unique(y)[:5]))}: turn yours into these")
    if n_missing := int(np.sum(pd.isna(folds))):
        raise InputError(f"{n_missing} of {len(folds)} records have no fold. Give every record one.")
    if n_bad := int(np.sum(~np.isfinite(to_single(X)).all(axis=1))):
        raise InputError(f"{n_bad} of {len(X)} embeddings hold NaN or infinity: drop them")


def fit_in_turn(
    probe: Probe,
    X: NDArray[Any],
    y: NDArray[Any],
    train: NDArray[np.bool_],
    seeds: Sequence[int],
    _settings: Mapping[str, Any],
) -> FoldFits:
    """Fit the library's estimator, fold by fold; see `ecglens.probes.base.FitFolds`."""
    models, messages = [], []
    for place, (chosen, seed) in enumerate(zip(train, seeds, strict=True)):
        model = probe.make(seed)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.fit(X[chosen], y[chosen])
        models.append(model)
        messages += [(place, str(warning.message)) for warning in caught]
    return FoldFits(tuple(models), tuple(messages))
