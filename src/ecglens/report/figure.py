"""A figure of a report, drawn."""

from __future__ import annotations

import base64
from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """A drawn figure.

    Parameters
    ----------
    title, caption
        What it shows, and how to read it.
    form
        ``"svg+xml"`` or ``"png"``.
    width
        In CSS pixels, at which text has its intended size.
    content
        The file.
    """

    title: str
    caption: str
    form: str
    width: int
    content: bytes

    @property
    def uri(self) -> str:
        """The figure as a data URI."""
        return f"data:image/{self.form};base64,{base64.b64encode(self.content).decode()}"
