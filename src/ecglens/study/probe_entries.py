"""Probes of a study by their entries."""

from __future__ import annotations

from ecglens.errors import ConfigError
from ecglens.probes import PROBES, Probe, custom_probe
from ecglens.study.fields import ProbeEntry


def load_probe(entry: ProbeEntry, n_trial: int = 0) -> Probe:
    """Create a probe of the study; raises `ConfigError` if its name or its parameters are wrong.

    A custom probe is tried on `n_trial` records; a worker, whose study was checked, does not try it again.
    """
    if entry.estimator:
        return custom_probe(entry.name, entry.estimator, entry.params, scale=entry.scale, n_trial=n_trial)
    probe = PROBES.load(entry.probe or entry.name)
    if not isinstance(probe, Probe):
        raise ConfigError(f"{entry.probe!r} is not a probe. Known: {', '.join(PROBES.names())}")
    return probe
