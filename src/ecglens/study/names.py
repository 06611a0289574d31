"""Length of the names of a study, which become parts of file names."""

from __future__ import annotations

from ecglens.errors import ConfigError
from ecglens.study.config import Study
from ecglens.study.draws import SHUFFLED

LONGEST = 255
"""Bytes of a file name on all common file systems."""
AROUND = 40
"""Bytes of a file name in addition to the names of its cell, with a margin."""


def check_names(study: Study) -> None:
    """Refuse names that together are too long for a file name.

    Raises
    ------
    ConfigError
        Names the longest ones.
    """
    longest = {
        kind: max(names, key=lambda name: len(name.encode()))
        for kind, names in {
            "encoder": [entry.name for entry in study.encoders],
            "data set": [entry.name for entry in study.datasets],
            "task": study.task_names,
            "size": list(study.sizes),
            "probe": [entry.name for entry in study.probes],
        }.items()
    }
    length = AROUND + len(SHUFFLED) + sum(len(f"__{name}".encode()) for name in longest.values())
    if length > LONGEST:
        listed = ", ".join(f"{kind} {name!r} ({len(name)})" for kind, name in longest.items())
        raise ConfigError(f"file names would have {length} bytes, {LONGEST} are possible. Shorten: {listed}.")
