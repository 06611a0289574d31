"""Parsing of published fields: numbers, ids, ages, sexes and truth values, with one rule for all readers.

Every function takes a column of text and returns one of the same length; values that do not follow the rule become NA.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

UNKNOWN = frozenset({"", "nan", "na", "n/a", "<na>", "none", "null", "unknown"})
"""Words for an unknown value, in lower case."""

OLDEST = 120.0
"""Largest valid age in years."""

_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
# Up to 2**53 a float64 holds every whole number; a longer one that has a point was rounded by whoever wrote it.
_WHOLE = r"(0|[1-9][0-9]{0,39})|(0|[1-9][0-9]{0,14})\.0*"
_WORDS = {"male": "M", "m": "M", "female": "F", "f": "F"}


def numbers(column: pd.Series[Any]) -> pd.Series[float]:
    """Decimal numbers, in digits of any script.

    Examples
    --------
    >>> numbers(pd.Series(["61.5", " 1e2 ", "1_0", "0x1", "nan"])).tolist()
    [61.5, 100.0, <NA>, <NA>, <NA>]
    """
    text = _text(column)
    return text.where(text.str.fullmatch(_NUMBER).fillna(False)).map(float, na_action="ignore").astype("Float64")


def whole_numbers(column: pd.Series[Any]) -> pd.Series[int]:
    """Whole numbers from 0 to a billion, such as ``"3"`` or ``"3.0"``.

    Examples
    --------
    >>> whole_numbers(pd.Series(["3.0", "x", "1.5", "-2"])).tolist()
    [3, <NA>, <NA>, <NA>]
    """
    number = numbers(column)
    return number.where(((number % 1 == 0) & number.between(0, 1e9)).fillna(False)).astype("Int64")


def ids(column: pd.Series[Any]) -> pd.Series[str]:
    """Whole numbers, kept digit by digit and never rounded.

    ``"7.0"`` is 7. Ambiguous ids become NA: signs, exponents, leading zeros, and more than 15 digits
    with a decimal point.

    Examples
    --------
    >>> ids(pd.Series(["15709.0", "12345678901234567", "12345678901234567.0", "1e5", "007"])).tolist()
    ['15709', '12345678901234567', <NA>, <NA>, <NA>]
    """
    text = _text(column)
    return text.where(text.str.fullmatch(_WHOLE).fillna(False)).str.replace(r"\.0*$", "", regex=True)


def ages(column: pd.Series[Any], *, above_89: float | None = None) -> pd.Series[float]:
    """Ages from 0 to `OLDEST` years.

    Parameters
    ----------
    column
        Ages as published.
    above_89
        Published value for all ages above 89, which becomes 90.

    Examples
    --------
    >>> ages(pd.Series(["61", "-1", "inf", "300"]), above_89=300).tolist()
    [61.0, <NA>, <NA>, 90.0]
    """
    years = numbers(column)
    if above_89 is not None:
        years = years.mask((years == above_89).fillna(False), 90.0)
    return years.where(years.between(0, OLDEST).fillna(False))


def sexes(column: pd.Series[Any], numbered: Mapping[float, str] | None = None) -> pd.Series[str]:
    """``M`` and ``F`` from words or, if the publisher numbers the sexes, from numbers.

    Examples
    --------
    >>> sexes(pd.Series(["Female", "1.0", "0", "?"]), {0: "M", 1: "F"}).tolist()
    ['F', 'F', 'M', <NA>]
    """
    return _named_or_numbered(column, _WORDS, numbered or {}, "string")


def truths(column: pd.Series[Any]) -> pd.Series[bool]:
    """True and false, also as 1 and 0 or 1.0 and 0.0.

    Examples
    --------
    >>> truths(pd.Series(["True", "0.0", "maybe"])).tolist()
    [True, False, <NA>]
    """
    return _named_or_numbered(column, {"true": True, "false": False}, {0.0: False, 1.0: True}, "boolean")


def _named_or_numbered(
    column: pd.Series[Any], names: Mapping[str, object], numbered: Mapping[float, object], kind: Any
) -> pd.Series[Any]:
    by_name = _text(column).str.lower().map(names).astype(kind)
    return by_name.fillna(numbers(column).map(numbered).astype(kind))


def _text(column: pd.Series[Any]) -> pd.Series[str]:
    return column.astype("string").str.strip()
