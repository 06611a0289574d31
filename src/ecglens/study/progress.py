"""What a run tells its caller while it works."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What a run tells its caller while it works."""

    def stage(self, name: str, total: int) -> None:
        """A stage begins; `total` pieces of work lie before it."""
        ...

    def advance(self, done: int) -> None:
        """Report the number of finished pieces of the stage."""
        ...


class Silent:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int) -> None:
        """Say nothing."""

    def advance(self, done: int) -> None:
        """Say nothing."""
