"""A rendered figure of a report."""

from __future__ import annotations

import base64
from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """A rendered figure.

    Parameters
    ----------
    title, caption
        Title and caption.
    form
        ``"svg+xml"`` or ``"png"``.
    width
        Width in CSS pixels at which text has its intended size.
    content
        Content of the file.
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
