"""The built-in tasks and vocabularies, from the tables beside this file; a further task is further rows."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from ecglens.tasks.task import Codes, Task

Rows = Sequence[Mapping[str, str]]


@cache
def read_rows(table: str) -> Rows:
    """Rows of a table of this package: ``tasks``, ``codes``, ``notes`` or ``vocabularies``."""
    with files("ecglens.tasks").joinpath(f"{table}.csv").open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


def build_tasks(tasks: Rows, codes: Rows, notes: Rows) -> dict[str, Task]:
    """Join the rows of three tables to tasks.

    Parameters
    ----------
    tasks
        Columns task, title.
    codes
        Columns task, vocabulary, code, role (``positive`` or ``excluded``).
    notes
        Columns task, dataset, note.

    Examples
    --------
    >>> code = {"task": "paced", "vocabulary": "scp-ecg", "code": "PACE", "role": "positive"}
    >>> build_tasks([{"task": "paced", "title": "pacemaker rhythm"}], [code], [])["paced"].positive
    {'scp-ecg': frozenset({'PACE'})}
    """
    return {
        row["task"]: Task(
            name=row["task"],
            title=row["title"],
            positive=_codes(codes, row["task"], "positive"),
            excluded=_codes(codes, row["task"], "excluded"),
            notes={note["dataset"]: note["note"] for note in notes if note["task"] == row["task"]},
        )
        for row in tasks
    }


@cache
def builtin_tasks() -> Mapping[str, Task]:
    """Name to task, in the order of the table."""
    return build_tasks(read_rows("tasks"), read_rows("codes"), read_rows("notes"))


@cache
def builtin_vocabularies() -> Mapping[str, Mapping[str, str]]:
    """Vocabulary to the meanings of its codes, of those that a built-in task uses."""
    rows = read_rows("vocabularies")
    names = dict.fromkeys(row["vocabulary"] for row in rows)
    return {name: {row["code"]: row["meaning"] for row in rows if row["vocabulary"] == name} for name in names}


def _codes(codes: Rows, task: str, role: str) -> Codes:
    rows = [row for row in codes if row["task"] == task and row["role"] == role]
    names = dict.fromkeys(row["vocabulary"] for row in rows)
    return {name: frozenset(row["code"] for row in rows if row["vocabulary"] == name) for name in names}
