"""Small helpers to read data frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows as named tuples."""
    yield from frame.itertuples(index=False)


def groups(frame: pd.DataFrame, by: str | list[str]) -> Iterator[tuple[Any, pd.DataFrame]]:
    """Key and rows of every group, in the order of first appearance."""
    yield from frame.groupby(by, sort=False)


def where(frame: pd.DataFrame, **values: object) -> pd.DataFrame:
    """Rows whose columns have these values.

    Examples
    --------
    >>> where(pd.DataFrame({"task": ["af", "cd"], "n": [1, 2]}), task="cd")["n"].tolist()
    [2]
    """
    for column, value in values.items():
        frame = frame[frame[column] == value]
    return frame
