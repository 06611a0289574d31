"""What the command line shows: one console, tables of facts, progress bars."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    import pandas as pd

PIPE_WIDTH = 160
"""Columns where the output is no terminal: wide enough that tables are not cut in a file."""


def make_console() -> Console:
    """The console tables go to."""
    return Console() if sys.stdout.isatty() else Console(width=PIPE_WIDTH)


def print_facts(title: str, facts: Mapping[str, Any]) -> None:
    """Print names and values in two columns; sentences of a list have a line each, words share one."""
    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2))
    for name, value in facts.items():
        table.add_row(Text(name), Text(_text(value)))
    make_console().print(table)


def print_frame(title: str, frame: pd.DataFrame) -> None:
    """Print a table of numbers with three digits; what does not exist is a dash."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for name, column in frame.items():
        table.add_column(str(name), justify="right" if column.dtype.kind == "f" else "left")
    for row in frame.itertuples(index=False):
        table.add_row(*(Text(_number(value)) for value in row))
    make_console().print(table)


def _number(value: Any) -> str:
    if isinstance(value, float):
        return "–" if value != value else f"{value:z.3f}"
    return "–" if value is None else str(value)


def _text(value: Any) -> str:
    if not isinstance(value, list | tuple | frozenset | set):
        return str(value)
    items = [str(item) for item in (sorted(value) if isinstance(value, frozenset | set) else value)]
    return ("\n" if any(" " in item for item in items) else ", ").join(items)


class Bars:
    """A progress bar per stage."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def stage(self, name: str, total: int) -> None:
        """Begin a stage; one with nothing to do gets no bar."""
        self._task = self._progress.add_task(name, total=total) if total else None

    def advance(self, done: int) -> None:
        """Tell how much of the stage is done."""
        if self._task is not None:
            self._progress.update(self._task, completed=done)

    def show(self, done: int, total: int) -> None:
        """The same for work that tells its total as it goes."""
        if self._task is None:
            self.stage("records", total)
        self.advance(done)


@contextmanager
def progress_bars() -> Iterator[Bars]:
    """Bars on a terminal, silence elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield Bars(progress)
