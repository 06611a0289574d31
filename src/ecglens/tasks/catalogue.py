"""Tasks and vocabularies by name: built in, from other packages, or by ``package.module:attribute``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecglens.errors import ConfigError, printable
from ecglens.registry import Registry
from ecglens.tasks.tables import builtin_tasks, builtin_vocabularies
from ecglens.tasks.task import Task

TASKS = Registry("task", {name: f"ecglens.tasks.builtin:{name}" for name in builtin_tasks()})
"""Names of the tasks; other packages add theirs through the entry point group ``ecglens.task``."""

VOCABULARIES = Registry("vocabulary", {name: f"ecglens.tasks.builtin:{name}" for name in builtin_vocabularies()})
"""Vocabularies with the meanings of codes; other packages add theirs through the entry point group
``ecglens.vocabulary``, each a mapping of codes to meanings."""


def get_task(name: str) -> Task:
    """Find a task by its short name or ``package.module:attribute``.

    Raises
    ------
    ConfigError
        Unknown name; the message lists the known ones.

    Examples
    --------
    >>> sorted(get_task("af").positive["snomed-ct"])
    ['164889003']
    """
    task = TASKS.load(name)
    if not isinstance(task, Task):
        raise ConfigError(f"task '{printable(name)}' is a {type(task).__name__}, not an ecglens.tasks.Task")
    return task


def meanings(vocabulary: str) -> Mapping[str, str]:
    """The meanings of a vocabulary's codes; empty for a vocabulary that nobody has described.

    Raises
    ------
    ConfigError
        Another package's vocabulary cannot be imported, or is not a mapping.

    Examples
    --------
    >>> meanings("scp-ecg")["AFLT"]
    'atrial flutter'
    """
    if vocabulary not in VOCABULARIES.names():
        return {}
    found = VOCABULARIES.load(vocabulary)
    if not isinstance(found, Mapping):
        raise ConfigError(f"vocabulary '{printable(vocabulary)}' is a {type(found).__name__}, not a mapping of codes")
    return found


def describe(task: Task) -> dict[str, str | list[str]]:
    """A task as plain data: name, title, rule, notes, and its codes with their meanings.

    Examples
    --------
    >>> describe(get_task("af"))["scp-ecg, excluded"]
    ['AFLT: atrial flutter']
    """
    return {
        "name": task.name,
        "title": task.title,
        "rule": task.rule,
        **{
            f"{vocabulary}, {role}": _lines(codes, meanings(vocabulary))
            for vocabulary in task.positive
            for role, by_vocabulary in {"positive": task.positive, "excluded": task.excluded}.items()
            if (codes := by_vocabulary.get(vocabulary))
        },
        **{f"note on {dataset}": note for dataset, note in task.notes.items()},
    }


def _lines(codes: frozenset[str], known: Mapping[str, Any]) -> list[str]:
    return [f"{code}: {known[code]}" if code in known else code for code in sorted(codes)]
