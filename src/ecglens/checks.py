"""Results of contract checks, and the place at which user code failed."""

from __future__ import annotations

import sysconfig
import traceback
from dataclasses import dataclass
from pathlib import Path

from ecglens.errors import printable

_PACKAGE = str(Path(__file__).parent)
_INSTALLED = tuple(sysconfig.get_paths()[kind] for kind in ("stdlib", "purelib", "platlib"))


@dataclass(frozen=True)
class Check:
    """Result of one check.

    Parameters
    ----------
    name
        Name of the check.
    passed
        Whether the check passed; ``None`` if it only informs.
    detail
        Observation that decides the check.
    remedy
        Advice if the check failed.
    """

    name: str
    passed: bool | None
    detail: str
    remedy: str = ""

    def __str__(self) -> str:
        """One line: ``FAIL  finite                 3 of 90 values are not -> Look for division by 0.``."""
        mark = {True: "pass", False: "FAIL", None: "info"}[self.passed]
        remedy = f" -> {self.remedy}" if self.passed is False and self.remedy else ""
        return f"{mark}  {self.name:<22} {self.detail}{remedy}"


def raised(name: str, error: Exception) -> Check:
    """A failed check for code that raised an exception."""
    return Check(name, False, message(error), f"See {place(error)}.")


def message(error: BaseException) -> str:
    """Type and last line of an exception: ``KeyError: 'age'``."""
    last = "".join(str(error).strip().splitlines()[-1:])
    return f"{type(error).__name__}: {printable(last, 300)}"


def place(error: BaseException) -> str:
    """File and line at which an exception left the user's code, or else the last line that ran.

    Examples
    --------
    >>> try:
    ...     {}["age"]
    ... except KeyError as error:
    ...     print(message(error), "at", place(error))
    KeyError: 'age' at <doctest ecglens.checks.place[0]>, line 2
    """
    frames = traceback.extract_tb(error.__traceback__)
    foreign = [frame for frame in frames if not frame.filename.startswith(_PACKAGE)]
    own = [frame for frame in foreign if not frame.filename.startswith((*_INSTALLED, "<frozen"))]
    frame = [*frames[-1:], *foreign[:1], *own[-1:]][-1]
    return f"{frame.filename}, line {frame.lineno}"
