"""Errors of ecglens. Each message says what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class EcgLensError(Exception):
    """Base class of all errors that ecglens raises deliberately."""


class ConfigError(EcgLensError):
    """A study file, a name or an option is invalid; raised before any work starts."""


class InputError(EcgLensError, ValueError):
    """Arrays have a wrong shape, a missing value or a value out of range."""


class DatasetError(EcgLensError):
    """The root folder of a data set is missing, empty, or holds other files."""


class RecordError(EcgLensError):
    """One record cannot be used. Readers turn it into a `Defect`; it never stops a study.

    Parameters
    ----------
    reason
        Short, stable reason for counts in tables, such as ``"truncated"``.
    detail
        Explanation in one sentence: file, field and expected value.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class RecipeError(EcgLensError):
    """A signal does not fit the steps of an encoder's recipe."""


class EncoderError(EcgLensError):
    """An encoder cannot be loaded, or its output does not agree with its card."""


class StoreError(EcgLensError):
    """Stored embeddings or results do not agree with their provenance."""


class WriteError(StoreError):
    """A file of a run folder cannot be written: the disk is full, or the folder is read-only."""


class CannotFillError(EcgLensError):
    """There are too few records, positives or patients for a size or for the folds: a result, not a failure."""


def printable(value: object, most: int = 80) -> str:
    """Untrusted text for a message: at most `most` characters, without terminal control characters.

    Examples
    --------
    >>> printable("\x1b[31mred")
    '\\\\x1b[31mred'
    >>> printable("abcdef", most=3)
    'abc…'
    """
    text = str(value)
    shown = text[:most] + ("…" if len(text) > most else "")
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in shown)


def did_you_mean(word: object, legal: Iterable[str]) -> str:
    """A question that suggests the closest legal word, after a blank; empty if no word is close.

    Examples
    --------
    >>> did_you_mean("Georgia", ["georgia", "chn"])
    " Did you mean 'georgia'?"
    """
    by_lower = {each.lower(): each for each in legal}
    close = get_close_matches(str(word)[:80].lower(), by_lower, n=1)
    return f" Did you mean {by_lower[close[0]]!r}?" if close else ""
