"""A probe: a classifier with fixed settings, made anew for every fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import ConfigError, InputError


class Classifier(Protocol):
    """A fitted model."""

    def predict_proba(self, X: NDArray[Any]) -> NDArray[Any]:
        """Probability of each class, ``[n, classes]``."""
        ...


class Estimator(Classifier, Protocol):
    """A classifier as scikit-learn has them."""

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> Any:
        """Learn from features ``[n, d]`` and labels ``[n]``."""
        ...


@dataclass(frozen=True)
class FoldFits:
    """The models of all folds, and the warnings of their fits: ``(position of the fold, message)``."""

    models: tuple[Classifier, ...]
    messages: tuple[tuple[int, str], ...] = ()


FitFolds = Callable[
    [NDArray[Any], NDArray[Any], NDArray[np.bool_], Sequence[int], Mapping[str, Any]],
    FoldFits,
]
"""Fit all folds together: features ``[n, d]``, labels ``[n]``, records to train on ``[folds, n]``, seeds, settings."""


@dataclass(frozen=True)
class Probe:
    """A classifier on frozen embeddings.

    Parameters
    ----------
    name, title
        For configurations, and for people.
    build
        Class or function that makes an unfitted estimator; takes `settings` and ``random_state``.
    settings
        Fixed for every encoder, data set and size; they go into the provenance of a result.
    fast
        Fits all folds together with the same settings; without it, every fold is fitted by `build`.
    calibrated
        False if ``predict_proba`` returns scores that rank records and are split at 0.5, but are no probabilities.
    random
        Whether fits on the same records differ with the seed.

    Examples
    --------
    >>> from sklearn.naive_bayes import BernoulliNB
    >>> Probe("bayes", "Naive Bayes", lambda alpha, random_state: BernoulliNB(alpha=alpha), {"alpha": 0.5}).make(seed=0)
    BernoulliNB(alpha=0.5)
    """

    name: str
    title: str
    build: Callable[..., Estimator]
    settings: Mapping[str, Any]
    fast: FitFolds | None = None
    calibrated: bool = True
    random: bool = True

    def make(self, seed: int) -> Estimator:
        """Make an unfitted estimator."""
        return self.build(**self.settings, random_state=seed)


def to_single(X: NDArray[Any]) -> NDArray[np.float32]:
    """Convert to 32-bit numbers, in which trees compare, without a value becoming infinite.

    Parameters
    ----------
    X
        Features, any shape.

    Raises
    ------
    InputError
        A finite value lies beyond the range of 32-bit numbers, or the values are complex.

    Examples
    --------
    >>> to_single(np.array([1.0, 1e39]))
    Traceback (most recent call last):
    ecglens.errors.InputError: 1 of 2 values lie beyond the range of 32-bit floats (3.4e+38). Rescale them.
    """
    values = np.asarray(X)
    if values.dtype == np.float32:
        return values
    if np.iscomplexobj(values):
        raise InputError("embeddings are real numbers, these are complex. Pass their real part or their magnitude.")
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    if n_lost := int(np.sum(np.isinf(single) & np.isfinite(values))):
        largest = np.finfo(np.float32).max
        raise InputError(
            f"{n_lost} of {values.size} values lie beyond the range of 32-bit floats ({largest:.2g}). Rescale them."
        )
    return single


def check_settings(settings: Mapping[str, Any], free: Sequence[str], fixed: Mapping[str, Any]) -> None:
    """Refuse settings that a fast fit would ignore.

    Parameters
    ----------
    settings
        Settings of the probe.
    free
        Settings that may have any value.
    fixed
        Settings that may have this value only.

    Raises
    ------
    ConfigError
        A setting is neither free nor at its fixed value.

    Examples
    --------
    >>> check_settings({"C": 2.0, "solver": "saga"}, ["C"], {"solver": "lbfgs"})
    Traceback (most recent call last):
    ecglens.errors.ConfigError: the fast engine cannot fit with solver='saga'. Use the reference engine for this probe.
    """
    for name, value in settings.items():
        if name not in free and (name not in fixed or fixed[name] != value):
            raise ConfigError(
                f"the fast engine cannot fit with {name}={value!r}. Use the reference engine for this probe."
            )
