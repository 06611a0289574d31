"""Reading of published CSV tables, in which every unreadable row becomes a defect."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.errors import EmptyDataError, ParserError, ParserWarning

from ecglens.datasets.files import excerpt, file_size
from ecglens.errors import DatasetError, RecordError, printable
from ecglens.records import Defect


def read_rows(path: Path, required: Sequence[str]) -> tuple[pd.DataFrame, list[Defect]]:
    """Read a CSV file as text.

    Parameters
    ----------
    path
        The file; its first line names the columns.
    required
        Columns that the table must have.

    Returns
    -------
    rows
        Every column as text, empty fields as NA.
    defects
        ``unreadable`` for each line that has more fields than the first.

    Raises
    ------
    DatasetError
        The file is no CSV table, or a column is missing or occurs twice with different values.
    """
    try:
        file_size(path)
    except (OSError, RecordError) as error:
        raise DatasetError(f"{path}: cannot be read ({error})") from error
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ParserWarning)
        try:
            # Without header=None pandas takes a first row with too many fields for a row with an index.
            cells = pd.read_csv(
                path, header=None, dtype="string", on_bad_lines="warn", encoding="utf-8-sig", encoding_errors="replace"
            )
        except (ParserError, EmptyDataError, OSError, ValueError) as error:
            raise DatasetError(f"{path}: cannot be read as a table ({printable(error)}). Download it again.") from error
    names = cells.iloc[0].fillna("").tolist()
    rows = _without_repeated(path, cells.iloc[1:].set_axis(names, axis=1).reset_index(drop=True))
    missing = [column for column in required if column not in rows.columns]
    if missing:
        found = excerpt(path, ", ".join(names))
        raise DatasetError(f"{path}: lacks the column(s) {', '.join(missing)}. It has: {found}")
    lines = [line for warning in caught for line in str(warning.message).splitlines()]
    return rows, [Defect(_place(path, line), "unreadable", f"{path}: {line}") for line in lines]


def drop_unreadable(path: Path, table: pd.DataFrame, required: pd.DataFrame) -> tuple[pd.DataFrame, list[Defect]]:
    """Keep the rows whose `required` fields all have a value; the others become defects ``unreadable``.

    Parameters
    ----------
    path
        The file the rows come from, for the messages.
    table
        Rows with a column ``record_id``, which becomes the index.
    required
        Fields of the same rows that must not be NA.
    """
    broken = required.isna()
    usable = ~broken.any(axis=1)
    defects = []
    for row, record_id in zip(np.flatnonzero(~usable), table.loc[~usable, "record_id"].tolist(), strict=True):
        place = f"row {row + 1}"
        fields = ", ".join(broken.columns[broken.iloc[row]])
        known = f"{path.name}, {place}" if pd.isna(record_id) else record_id
        defects.append(Defect(known, "unreadable", f"{path}, {place}: no valid {fields}"))
    return table[usable].set_index("record_id"), defects


def _without_repeated(path: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """Merge columns of the same name and content."""
    repeated = rows.columns.duplicated()
    kept = rows.loc[:, ~repeated]
    for column in (column for column in rows.columns[repeated].unique() if column):
        if not rows[column].apply(lambda other, first=kept[column]: other.equals(first)).all():
            raise DatasetError(f"{path}: two columns {excerpt(path, column)} differ. Rename or remove one of them.")
    return kept


def _place(path: Path, message: str) -> str:
    line = re.search(r"line \d+", message)
    return f"{path.name}, {line[0]}" if line else path.name
