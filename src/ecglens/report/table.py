"""Tables of text: what the terminal, Markdown, LaTeX and HTML show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ecglens.study.draws import TRUE
from ecglens.study.results import CANNOT_FILL, FAILED, MISSING

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
    """One place in a table.

    Parameters
    ----------
    text
        What stands there.
    notes
        What is said about it below the table.
    strong, quiet
        It stands out (the best of its column, a signature that was found), or steps back.
    """

    text: str
    notes: tuple[str, ...] = ()
    strong: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Table:
    """A table ready to be shown.

    Parameters
    ----------
    title, caption
        What it shows, and how to read it.
    terms
        Legend: columns or words, and what they mean.
    columns
        Headings; the first `n_names` columns name the row, the others hold numbers.
    rows
        As many cells as columns each.
    details
        For those who look closer: left out on the terminal, folded on the page.
    folded
        Folded on the page, which says the same in findings.
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
    """A number as text; one that does not exist is a dash, and zero has no sign.

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
    """What a row is called that shows an encoder, or a cut-off, under true or shuffled labels.

    Examples
    --------
    >>> named("conv", "true"), named("conv", "shuffled")
    ('conv', 'conv, shuffled labels')
    """
    return name if labels == TRUE else f"{name}, {SHUFFLED_LABELS}"


def cautions(row: Any) -> tuple[str, ...]:
    """Notes on a mean that leaves out fits, one per fold and draw, or whose interval has no width."""
    fits = "fit" if row.n_undefined == 1 else "fits"
    left_out = f"left out: {row.n_undefined:.0f} {fits} (fold and draw) without a defined value"
    level = "all folds score alike: the interval has no width, although other records may score differently"
    return ((left_out,) if row.n_undefined else ()) + ((level,) if row.high - row.low < 1e-9 else ())


def _letters(position: int) -> str:
    return (_letters(position // 26 - 1) if position >= 26 else "") + "abcdefghijklmnopqrstuvwxyz"[position % 26]


def gap_cell(status: str, reason: str) -> Cell:
    """What stands where there is no number, with its reason."""
    return Cell(GAP_WORDS[status], (reason,), quiet=True)


def texts(*values: Any) -> tuple[Cell, ...]:
    """Values as cells; what is a cell already stays as it is."""
    return tuple(value if isinstance(value, Cell) else Cell(str(value)) for value in values)
