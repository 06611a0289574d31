"""Registries of objects: built-ins, entry points of other packages, and ``package.module:attribute``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from ecglens.errors import ConfigError, did_you_mean, printable
from ecglens.modules import import_object


@dataclass(frozen=True)
class Registry:
    """A lazy table of names: an object is imported when it is requested.

    Parameters
    ----------
    kind
        Kind of object, for error messages, such as ``"encoder"``.
    builtins
        Name to ``"package.module:attribute"``.

    Notes
    -----
    Other packages add names through the entry point group ``ecglens.<kind>`` (spaces as underscores).

    Examples
    --------
    >>> numbers = Registry("number", {"pi": "math:pi"})
    >>> round(numbers.load("pi"), 2)
    3.14
    >>> round(numbers.load("math:tau"), 2)
    6.28
    """

    kind: str
    builtins: Mapping[str, str]

    def names(self) -> list[str]:
        """All registered names, built-ins first, each once."""
        return list(self._targets())

    def target(self, name: str) -> str:
        """``package.module:attribute`` of a name; raises `ConfigError` that lists the legal names."""
        target = name if ":" in name else self._targets().get(name)
        if target is None:
            known = self.names()
            raise ConfigError(
                f"unknown {self.kind} '{printable(name)}'.{did_you_mean(name, known)} Known: {', '.join(known)}; "
                "or give package.module:attribute."
            )
        return target

    def load(self, name: str) -> Any:
        """The object behind a name; raises `ConfigError` that lists the legal names."""
        module, _, attribute = self.target(name).partition(":")
        try:
            return import_object(module, attribute)
        except ConfigError as error:
            raise ConfigError(f"cannot import the {self.kind} '{printable(name)}': {error}") from error

    def _targets(self) -> dict[str, str]:
        group = f"ecglens.{self.kind.replace(' ', '_')}"
        points = {point.name: point.value for point in entry_points(group=group)}
        return {**self.builtins, **points, **self.builtins}
