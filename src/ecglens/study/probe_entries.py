"""Probes as a study names them."""

from __future__ import annotations

import inspect
from contextlib import suppress
from importlib import import_module
from importlib.metadata import packages_distributions, version
from typing import Any

from ecglens.closure import code_digest
from ecglens.errors import ConfigError, EncoderError
from ecglens.probes import PROBES, Probe, cross_validate, custom_probe
from ecglens.study.fields import ProbeEntry


def load_probe(entry: ProbeEntry, n_trial: int = 0) -> Probe:
    """Make a probe as the study names it; raises `ConfigError` where it is none, or where its parameters are wrong.

    A custom probe is tried on `n_trial` records; a worker, whose study was checked, does not try it again.
    """
    if entry.estimator:
        return custom_probe(entry.name, entry.estimator, entry.params, scale=entry.scale, n_trial=n_trial)
    probe = PROBES.load(entry.probe or entry.name)
    if not isinstance(probe, Probe):
        raise ConfigError(f"{entry.probe!r} is not a probe. Known: {', '.join(PROBES.names())}")
    return probe


def probe_settings(entry: ProbeEntry) -> dict[str, Any]:
    """What a probe's numbers depend on, as plain data: the entry, the code, and the package of one from outside.

    Code that lies in no file of Python is known by the version of its package.
    """
    path = entry.estimator or PROBES.target(entry.probe or entry.name)
    module, _, name = path.rpartition("." if entry.estimator else ":")
    found = import_module(module)
    kind = getattr(found, name)
    facts: dict[str, Any] = {"entry": entry.model_dump(), "validation": code_digest(cross_validate, custom_probe)}
    with suppress(EncoderError):
        facts["code"] = code_digest(kind if inspect.isclass(kind) else found)
    top = module.partition(".")[0]
    if top != __package__.partition(".")[0]:
        facts["package"] = {package: version(package) for package in packages_distributions().get(top, [])}
    return facts
