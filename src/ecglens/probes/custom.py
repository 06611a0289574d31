"""Custom probes: any scikit-learn classifier by its import path, checked before work starts."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from ecglens.errors import ConfigError, did_you_mean, printable
from ecglens.modules import describe_fault, import_object
from ecglens.options import found
from ecglens.probes.base import Estimator, Probe

CONTROLLED: Mapping[str, str] = {
    "random_state": "every fold has its own seed, derived from the study's",
    "n_jobs": "every fit runs in one thread; cells run side by side",
    "verbose": "workers print nothing",
    "verbosity": "workers print nothing",
    "warm_start": "a fold must not start from another fold's model",
    "memory": "a cache on disk could serve another fold's fit",
}
"""Parameters that a study sets or forbids, and why."""

TRIAL_RECORDS = 60
"""Records of the trial fit where nobody says how many a fold will have."""

MOST_TRIAL_RECORDS = (300, 20_000)
"""Records that a trial fit is first and at last made with, at most: the many only if the few are refused."""

TRIAL_FEATURES = (24, 1024)
"""Features of the trial fit: parameters that some encoder's width allows are not refused."""


def custom_probe(
    name: str, estimator: str, params: Mapping[str, Any], scale: bool = False, n_trial: int = TRIAL_RECORDS
) -> Probe:
    """Make a probe of a scikit-learn classifier.

    Parameters
    ----------
    name
        For tables and files.
    estimator
        Import path of the class, such as ``"sklearn.svm.SVC"``. Importing it runs its package's code, as a name in a
        registry does.
    params
        Parameters of the class: numbers, strings, true, false, null, or lists and mappings of these, such as class
        weights. The others are the class's defaults.
    scale
        Standardise features inside the fold first.
    n_trial
        Records of the trial fit: the fewest that a fold will train on. A parameter that needs more, such as 400
        neighbours, is refused. 0: no trial.

    Returns
    -------
    Probe
        ``calibrated`` is False where the class has no ``predict_proba`` under these parameters; `DecisionScores` then
        stands in for it. ``random`` is True where the class has a ``random_state``.

    Raises
    ------
    ConfigError
        The path leads to no scikit-learn classifier; a parameter is unknown, not plain data, or one that the study
        controls (`CONTROLLED`); or the class refuses small planted problems of two classes.

    Examples
    --------
    >>> probe = custom_probe("svm", "sklearn.svm.SVC", {"C": 2.0, "kernel": "rbf"}, scale=True)
    >>> probe.title, probe.calibrated
    ('svm (SVC)', False)
    >>> custom_probe("svm", "sklearn.svm.SVC", {"kernal": "rbf"})
    Traceback (most recent call last):
    ecglens.errors.ConfigError: probe 'svm': SVC has no parameter 'kernal'. Did you mean 'kernel'? It has: C, ...
    """
    where = f"probe {name!r}"
    kind = _import_classifier(where, estimator)
    _check_parameters(where, kind, params)
    settings = {"estimator": estimator, "params": dict(params), "scale": scale}
    calibrated = hasattr(_make_bare(where, kind, params), "predict_proba")
    if n_trial:
        _try(where, kind, settings, [(n, d) for n in _trial_sizes(n_trial) for d in TRIAL_FEATURES])
    random = "random_state" in _parameter_names(kind)
    return Probe(name, f"{name} ({kind.__name__})", build, settings, calibrated=calibrated, random=random)


def build(estimator: str, params: Mapping[str, Any], scale: bool, random_state: int) -> Estimator:
    """Make an unfitted estimator from a custom probe's settings.

    Examples
    --------
    >>> build("sklearn.naive_bayes.GaussianNB", {}, scale=True, random_state=0)[-1]
    GaussianNB()
    """
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from ecglens.probes.decision import DecisionScores

    module, _, attribute = estimator.rpartition(".")
    model: Any = getattr(import_module(module), attribute)(**params)
    # No value means one thread in scikit-learn, whose logistic regression warns of any other, and every core elsewhere.
    threads = {} if type(model).__module__.startswith("sklearn.") else {"n_jobs": 1}
    known = model.get_params(deep=False)
    model.set_params(**{key: value for key, value in {"random_state": random_state, **threads}.items() if key in known})
    model = model if hasattr(model, "predict_proba") else DecisionScores(model)
    scaled: Estimator = make_pipeline(StandardScaler(), model) if scale else model
    return scaled


def _import_classifier(where: str, estimator: str) -> type:
    from sklearn.base import BaseEstimator

    module, _, attribute = estimator.rpartition(".")
    if not module:
        raise ConfigError(f"{where}: {found(estimator)} is no import path of a class, such as sklearn.svm.SVC.")
    try:
        kind = import_object(module, attribute)
    except ConfigError as error:
        raise ConfigError(f"{where}: cannot import {found(estimator)}: {error}") from error
    if not (inspect.isclass(kind) and issubclass(kind, BaseEstimator)):
        raise ConfigError(f"{where}: {estimator} is not a scikit-learn estimator. Give the path of its class.")
    return kind


def _check_parameters(where: str, kind: type, params: Mapping[str, Any]) -> None:
    known = sorted(set(_parameter_names(kind)) - set(CONTROLLED))
    for key, value in params.items():
        if key in CONTROLLED:
            raise ConfigError(f"{where}: {key!r} is not yours to set: {CONTROLLED[key]}. Remove it.")
        if key not in known:
            raise ConfigError(
                f"{where}: {kind.__name__} has no parameter {found(key)}.{did_you_mean(key, known)} "
                f"It has: {', '.join(known)}."
            )
        if not _is_plain(value):
            raise ConfigError(
                f"{where}: {key} = {printable(repr(value))} is not plain data. Use numbers, strings, true, false, "
                "null, or lists and mappings of these."
            )


def _parameter_names(kind: type) -> list[str]:
    """Of an instance where one can be made without arguments: some classes name theirs in a parent's signature."""
    try:
        return list(kind().get_params(deep=False))
    except TypeError:
        return list(inspect.signature(kind).parameters)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, Mapping):
        return all(map(_is_plain, [*value.keys(), *value.values()]))
    return value is None or isinstance(value, bool | int | float | str)


def _make_bare(where: str, kind: type, params: Mapping[str, Any]) -> Any:
    from sklearn.base import is_classifier

    try:
        bare = kind(**params)
        can_classify = is_classifier(bare)
    except Exception as error:
        raise ConfigError(f"{where}: {kind.__name__} cannot be made: {describe_fault(error)}.") from error
    if not can_classify:
        raise ConfigError(f"{where}: {kind.__name__} is not a classifier. Use one.")
    return bare


def _trial_sizes(n_trial: int) -> list[int]:
    """Records of the trial fits, each tried if the ones before are refused."""
    return list(dict.fromkeys(min(n_trial, most) for most in MOST_TRIAL_RECORDS))


def _try(where: str, kind: type, settings: Mapping[str, Any], shapes: Sequence[tuple[int, int]]) -> None:
    """Fit a planted problem of the first shape, or else of the others, and look at what is predicted elsewhere."""
    (n, d), *others = shapes
    y = np.arange(2 * n) % 2
    X = (np.random.default_rng(0).normal(size=(2 * n, d)) + np.outer(y, np.arange(d) < 3)).astype(np.float32)
    try:
        # A fit that warns is counted where it matters, in cross-validation.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            probability = build(**settings, random_state=0).fit(X[:n], y[:n]).predict_proba(X[n:])
    except Exception as error:
        if others:
            _try(where, kind, settings, others)
            return
        raise ConfigError(
            f"{where}: {kind.__name__} cannot learn two classes from {n} records of {d} features and predict others: "
            f"{type(error).__name__}: {printable(error, 500)}. Mend its params, or use another classifier."
        ) from error
    if np.shape(probability) != (n, 2) or not ((probability >= 0) & (probability <= 1)).all():
        raise ConfigError(
            f"{where}: {kind.__name__} predicts no probability of two classes on a planted problem. "
            "Use another classifier, or other params."
        )
