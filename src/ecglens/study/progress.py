"""Progress reports of a run."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receiver of the progress of a run."""

    def stage(self, name: str, total: int) -> None:
        """Start a stage of `total` units of work."""
        ...

    def advance(self, done: int) -> None:
        """Report the number of finished units of the stage."""
        ...


class Silent:
    """Progress that is not shown."""

    def stage(self, name: str, total: int) -> None:
        """Say nothing."""

    def advance(self, done: int) -> None:
        """Say nothing."""
