"""What ecglens raises on bad input. Each message says what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class EcgLensError(Exception):
    """Base class: catching it catches every error that ecglens raises on purpose."""


class ConfigError(EcgLensError):
    """A study file, a name or an option is not valid; raised before any work starts."""


class InputError(EcgLensError, ValueError):
    """Arrays that a function cannot take: their shape, a missing value, a value out of range."""


class DatasetError(EcgLensError):
    """A data set's root is missing, empty, or holds something else."""


class RecordError(EcgLensError):
    """One record cannot be used. Readers turn it into a `Defect`; it never stops a study.

    Parameters
    ----------
    reason
        Short stable word that tables count by, such as ``"truncated"``.
    detail
        The sentence for the person who looks into it: file, field, what was expected.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class RecipeError(EcgLensError):
    """A signal does not fit the steps that an encoder asks for."""


class EncoderError(EcgLensError):
    """An encoder cannot be loaded, or returned something that its card does not promise."""


class StoreError(EcgLensError):
    """A folder of stored embeddings or results is not what its provenance says."""


class WriteError(StoreError):
    """A file of a run folder cannot be written: the disk is full, or the folder is read-only."""


class CannotFillError(EcgLensError):
    """The data hold too few records, positives or patients for a size or for the folds: a result, not a failure."""


def printable(value: object, most: int = 80) -> str:
    """Text of a stranger for a message: at most `most` characters, none of which a terminal would obey.

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
    """A question that names the closest legal word, with a blank before it; empty where none is close.

    Examples
    --------
    >>> did_you_mean("Georgia", ["georgia", "chn"])
    " Did you mean 'georgia'?"
    """
    by_lower = {each.lower(): each for each in legal}
    close = get_close_matches(str(word)[:80].lower(), by_lower, n=1)
    return f" Did you mean {by_lower[close[0]]!r}?" if close else ""
