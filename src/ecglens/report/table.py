"""Tables of text for the terminal, Markdown, LaTeX and HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ecglens.status import CANNOT_FILL, FAILED, MISSING
from ecglens.study.draws import TRUE

SHORT: Mapping[str, str] = {
    "xgboost": "XGB",
    "decision-tree": "DT",
    "random-forest": "RF",
    "logistic-regression": "LR",
    "mlp": "MLP",
}
"""Names of the built-in probes where space is short."""
SHUFFLED_LABELS = "shuffled labels"
GAP_WORDS = {CANNOT_FILL: "cannot fill", FAILED: "failed", MISSING: "not computed"}


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Parameters
    ----------
    text
        Text of the cell.
    notes
        Notes below the table.
    strong, quiet
        Whether the cell is emphasised or greyed.
    """

    text: str
    notes: tuple[str, ...] = ()
    strong: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Table:
    """A table to be printed in any format.

    Parameters
    ----------
    title, caption
        Title and caption.
    terms
        Legend: terms and their meanings.
    columns
        Headings; the first `n_names` columns name the row, the others hold numbers.
    rows
        Rows, with one cell per column.
    details
        Whether the table shows details: omitted on the terminal, folded on the page.
    folded
        Whether the table is folded on the page, because findings contain the same facts.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    n_names: int = 1
    details: bool = False
    folded: bool = False
    terms: tuple[tuple[str, str], ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes of all cells, each once, in the order in which they appear."""
        return tuple(dict.fromkeys(note for row in self.rows for cell in row for note in cell.notes))

    def marks(self, cell: Cell) -> str:
        """Letters of a cell's notes: ``a,c``."""
        return ",".join(_letters(self.notes.index(note)) for note in cell.notes)

    def legend(self) -> list[tuple[str, str]]:
        """Letter and text of every note."""
        return [(_letters(number), note) for number, note in enumerate(self.notes)]


def number(value: Any, digits: int = 2) -> str:
    """A number as text; a missing number is a dash, and zero has no sign.

    Examples
    --------
    >>> number(-0.001), number(float("nan")), number(1234, 0)
    ('0.00', '–', '1,234')
    """
    return "–" if pd.isna(value) else f"{value:z,.{digits}f}"


def p_text(value: Any) -> str:
    """A p-value as text, never rounded to zero.

    Examples
    --------
    >>> p_text(0.0002), p_text(0.0234), p_text(float("nan"))
    ('< 0.001', '0.023', '–')
    """
    return "< 0.001" if value < 0.001 else number(value, 3)


def interval(row: Any) -> str:
    """A mean with its interval, ``0.83 [0.79, 0.87]``."""
    return f"{number(row.mean)} [{number(row.low)}, {number(row.high)}]"


def named(name: str, labels: str) -> str:
    """Name of a row for an encoder or cut-off under true or shuffled labels.

    Examples
    --------
    >>> named("conv", "true"), named("conv", "shuffled")
    ('conv', 'conv, shuffled labels')
    """
    return name if labels == TRUE else f"{name}, {SHUFFLED_LABELS}"


def cautions(row: Any) -> tuple[str, ...]:
    """Notes on a mean without some fits, or with an interval without width."""
    fits = "fit" if row.n_undefined == 1 else "fits"
    left_out = f"left out: {row.n_undefined:.0f} {fits} (fold and draw) without a defined value"
    level = "all folds score alike: the interval has no width, although other records may score differently"
    return ((left_out,) if row.n_undefined else ()) + ((level,) if row.high - row.low < 1e-9 else ())


def _letters(position: int) -> str:
    return (_letters(position // 26 - 1) if position >= 26 else "") + "abcdefghijklmnopqrstuvwxyz"[position % 26]


def gap_cell(status: str, reason: str) -> Cell:
    """Cell for a missing number, with the reason."""
    return Cell(GAP_WORDS[status], (reason,), quiet=True)


def texts(*values: Any) -> tuple[Cell, ...]:
    """Convert values to cells; cells are kept."""
    return tuple(value if isinstance(value, Cell) else Cell(str(value)) for value in values)
