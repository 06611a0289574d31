"""Output of tables to terminals of any width and to CSV that is safe in spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ecglens.errors import printable

if TYPE_CHECKING:
    import pandas as pd

GUTTER = 3
"""Blank characters between two columns."""

NARROWEST = 5
"""Characters of a column of names below which the cells of a row are stacked instead."""

SHARE_OF_NAMES = 0.6
"""Most of the width that columns of names take before their text is folded."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters of cells that a spreadsheet would run as a formula."""

WHOLE = 100_000
"""Characters of one text that are shown."""


def clean(value: object) -> str:
    """Untrusted text on one line, without terminal control characters.

    Examples
    --------
    >>> clean("lead\\x1b[31m\\nV1")
    'lead\\\\x1b[31m V1'
    """
    return printable(" ".join(str(value).splitlines()), WHOLE)


def clean_lines(text: str) -> str:
    """Untrusted text line by line, without other terminal control characters.

    Examples
    --------
    >>> clean_lines("Traceback\\n  \\x1b[31m")
    'Traceback\\n  \\\\x1b[31m'
    """
    return "\n".join(map(clean, text.splitlines()))


def fit_columns(widths: Sequence[int], n_names: int, room: int) -> list[list[int]]:
    """Divide columns among tables that stand below each other, each beginning with the columns of names.

    Parameters
    ----------
    widths
        Width of each column.
    n_names
        Leading columns that name the row; they are folded before numbers are moved to another table.
    room
        Width of the terminal.

    Returns
    -------
    list of list of int
        Positions of the other columns in each table; every column stands in one.

    Examples
    --------
    >>> fit_columns([10, 20, 20, 20], n_names=1, room=64)
    [[1, 2], [3]]
    """
    widest = max(widths[n_names:], default=0) + GUTTER
    names = min(sum(widths[:n_names]) + GUTTER * n_names, int(SHARE_OF_NAMES * room), max(room - widest, room // 4))
    found: list[list[int]] = [[]]
    used = names
    for position in range(n_names, len(widths)):
        needed = widths[position] + GUTTER
        if found[-1] and used + needed > room:
            found.append([])
            used = names
        found[-1].append(position)
        used += needed
    return found


def print_grid(
    console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[Text]], n_names: int = 1
) -> None:
    """Print a table without cutting a number.

    Columns that do not fit follow in a table of their own below; if not even one fits, the cells of a row are stacked.

    Parameters
    ----------
    console
        Where to print.
    title
        A line above.
    columns
        Headings.
    rows
        As many cells as columns each.
    n_names
        Leading columns that name the row; text in them is folded where it is too long.
    """
    if title:
        console.print(Text(clean(title), style="bold"))
    widths = [
        max([_longest_word(name), *(row[position].cell_len for row in rows)]) for position, name in enumerate(columns)
    ]
    if console.width < max(widths[n_names:], default=0) + n_names * (NARROWEST + GUTTER):
        for row in rows:
            for name, cell in zip(columns, row, strict=True):
                console.print(Text.assemble(f"{clean(name)}: ", cell))
            console.print()
        return
    for chosen in fit_columns(widths, n_names, console.width):
        table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
        for position in (*range(n_names), *chosen):
            number = position >= n_names
            fits = widths[position] + GUTTER <= 3 * console.width // 4
            table.add_column(
                Text("\n".join(wrap(clean(columns[position]), max(1, widths[position]), break_long_words=False))),
                justify="right" if number else "left",
                no_wrap=number and fits,
                min_width=widths[position] if number and fits else None,
                overflow="fold",
            )
        for row in rows:
            table.add_row(*(row[position] for position in (*range(n_names), *chosen)))
        console.print(table)


def to_csv_text(frame: pd.DataFrame) -> str:
    """A table as CSV; text that a spreadsheet would run as a formula gets a leading apostrophe.

    Examples
    --------
    >>> import pandas as pd
    >>> print(to_csv_text(pd.DataFrame({"id": ["=1+1", "a"], "value": [-0.5, 1.0]})))
    id,value
    '=1+1,-0.5
    a,1.0
    <BLANKLINE>
    """
    plain = frame.rename(columns=_harmless).map(_harmless)
    text: str = plain.to_csv(index=False)
    return text


def _harmless(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return ("'" if value.startswith(FORMULA) else "") + printable(value, WHOLE)


def _longest_word(name: str) -> int:
    return max(map(len, name.split()), default=0)
