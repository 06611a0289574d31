"""Console output: tables, facts and progress bars."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ecglens.output import clean, print_grid

if TYPE_CHECKING:
    import pandas as pd

PIPE_WIDTH = 160
"""Width where the output is no terminal and the variable COLUMNS is not set."""


def make_console() -> Console:
    """The console that tables go to."""
    return Console() if sys.stdout.isatty() or "COLUMNS" in os.environ else Console(width=PIPE_WIDTH)


def print_facts(title: str, facts: Mapping[str, Any]) -> None:
    """Print names and values in two columns; sentences of a list have a line each, words share one."""
    table = Table(show_header=False, box=None, padding=(0, 2))
    for name, value in facts.items():
        table.add_row(Text(clean(name)), Text(_text(value)))
    console = make_console()
    console.print(Text(clean(title), style="bold"))
    console.print(table)


def print_frame(title: str, frame: pd.DataFrame) -> None:
    """Print a table of numbers with three digits, its columns of text first; what does not exist is a dash."""
    numeric = [name for name in frame if frame[name].dtype.kind in "iuf"]
    names = [name for name in frame if name not in numeric]
    rows = [[Text(_number(value)) for value in row] for row in frame[names + numeric].itertuples(index=False)]
    print_grid(make_console(), title, [str(name) for name in names + numeric], rows, max(1, len(names)))


def print_texts(title: str, frame: pd.DataFrame, n_names: int) -> None:
    """Print a table of texts; its first columns name the row."""
    rows = [[Text(clean(value)) for value in row] for row in frame.itertuples(index=False)]
    print_grid(make_console(), title, list(map(str, frame)), rows, n_names)


def print_sentence(sentence: str) -> None:
    """Print the answer of a command, before its tables."""
    make_console().print(Text(clean(sentence)))


def _number(value: Any) -> str:
    if isinstance(value, float):
        return "–" if value != value else f"{value:z.3f}"
    return "–" if value is None else clean(value)


def _text(value: Any) -> str:
    if not isinstance(value, list | tuple | frozenset | set):
        return clean(value)
    items = [clean(item) for item in (sorted(value) if isinstance(value, frozenset | set) else value)]
    return ("\n" if any(" " in item for item in items) else ", ").join(items)


class Bars:
    """A progress bar per stage."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self.computed = False
        """Whether any stage had something to compute."""

    def stage(self, name: str, total: int) -> None:
        """Begin a stage; one with nothing to do gets no bar."""
        self.computed |= total > 0 and name != "embed"  # stored embeddings are looked through every time
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
    progress = Progress(*columns, console=console, disable=not console.is_terminal)
    # Old releases of rich print an empty line at the end of bars that are disabled.
    with progress if console.is_terminal else nullcontext():
        yield Bars(progress)
