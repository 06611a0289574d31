"""The built-in tasks and vocabularies as attributes, for ``package.module:attribute``."""

from __future__ import annotations

from typing import Any

from ecglens.tasks.tables import builtin_tasks, builtin_vocabularies


def __getattr__(name: str) -> Any:
    """Resolve ``ecglens.tasks.builtin:cd`` and ``ecglens.tasks.builtin:scp-ecg``."""
    for found in (builtin_tasks(), builtin_vocabularies()):
        if name in found:
            return found[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*builtin_tasks(), *builtin_vocabularies()]
