"""Checks, codes and blocks of arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import InputError

BLOCK = 2048
"""Rows held at a time."""

NAMED = 5
"""Rows named in an error."""


def blocks(n: int, size: int = BLOCK) -> Iterator[slice]:
    """Slices that cover ``range(n)``."""
    return (slice(start, min(start + size, n)) for start in range(0, n, size))


def compact(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Codes without gaps, in the same order.

    Examples
    --------
    >>> compact(np.array([7, 2, 7, 5]))
    array([2, 0, 2, 1])
    """
    held = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.int64)
    held[codes] = 1
    return (held.cumsum() - 1)[codes]


def coded(values: NDArray[Any]) -> NDArray[np.int64]:
    """Codes of any values, in their order; fast where they are small codes already.

    Examples
    --------
    >>> coded(np.array(["no", "af", "no"])), coded(np.array([5, 2, 5]))
    (array([1, 0, 1]), array([1, 0, 1]))
    """
    if np.issubdtype(values.dtype, np.integer):
        small, large = values.min(initial=0), values.max(initial=0)
        if small >= 0 and large <= 2 * len(values):
            return compact(values)
    return np.asarray(np.unique(values, return_inverse=True)[1])


def check_values(what: str, values: NDArray[Any], n: int) -> None:
    """Raise `InputError` where there is not one value per record, or where one is missing.

    Examples
    --------
    >>> check_values("labels", np.array([0.0, np.nan]), 2)
    Traceback (most recent call last):
    ecglens.errors.InputError: labels are missing in row 1. Leave those records out.
    """
    import pandas as pd

    if np.shape(values) != (n,):
        raise InputError(f"{what} have the shape {np.shape(values)}, there are {n} records. Give one value per record.")
    if np.iscomplexobj(values):
        raise InputError(f"{what} are complex numbers. Give numbers or names.")
    missing = np.flatnonzero(pd.isna(values)).tolist()
    if missing:
        raise InputError(f"{what} are missing in {name_rows(missing)}. Leave those records out.")


def name_rows(rows: list[int]) -> str:
    """Rows in words, the first few of them.

    Examples
    --------
    >>> name_rows([3]), name_rows(list(range(7)))
    ('row 3', 'rows 0, 1, 2, 3, 4 and 2 more')
    """
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(map(str, rows[:NAMED]))}{more}"
