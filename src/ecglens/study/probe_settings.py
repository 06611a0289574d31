"""Identity of probes: everything that the results of a probe depend on."""

from __future__ import annotations

import inspect
from contextlib import suppress
from importlib import import_module
from importlib.metadata import packages_distributions, version
from typing import Any

from ecglens.closure import code_digest
from ecglens.errors import EncoderError
from ecglens.probes import PROBES, cross_validate, custom_probe
from ecglens.study.fields import ProbeEntry


def probe_settings(entry: ProbeEntry) -> dict[str, Any]:
    """Everything that the results of a probe depend on, as plain data: entry, code and package version.

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
