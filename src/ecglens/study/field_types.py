"""Types of the fields of a study file, each with its limits."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ecglens.errors import printable


def expand_path(value: Any) -> Any:
    """Expand ``~`` and ``$VARIABLES`` in a path; refuse paths that no file system accepts."""
    if not isinstance(value, str | Path):
        return value
    text = os.path.expandvars(str(value))
    if unset := re.search(r"\$(\w+|\{[^}]*\})", text):
        raise ValueError(f"the environment variable {printable(unset[0])} is not set")
    if "\0" in text:
        raise ValueError("a path cannot contain the character NUL")
    if len(os.fsencode(text)) > 4000 or any(len(os.fsencode(part)) > 255 for part in Path(text).parts):
        raise ValueError(f"the path '{printable(text)}' is too long for a file system")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError(f"'{printable(text)}': {error}") from error


Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$",
        max_length=80,
        title="a name of at most 80 letters, digits, dots, dashes, underscores and @",
    ),
]
"""Names become parts of file names."""

Folder = Annotated[Path, BeforeValidator(expand_path), Field(title="the path of a folder")]

Number = Annotated[float, Field(strict=True)]
"""A finite number; booleans are refused."""

MOST_RECORDS = 10_000_000
"""Largest legal number of records; larger ones are typing errors."""


def whole(default: int, low: int, high: int) -> Any:
    """A field for a whole number from `low` to `high`; booleans are refused."""
    return Field(default, strict=True, ge=low, le=high)


def switch(default: bool) -> Any:
    """A field for true or false; 0, 1 and words are refused."""
    return Field(default, strict=True)
