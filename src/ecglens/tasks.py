"""Tasks: which codes of which vocabulary mean that a record is positive."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from ecglens.errors import ConfigError, printable
from ecglens.registry import Registry

RULE = "A code counts where it is present, whatever its likelihood: rhythm statements of PTB-XL carry the likelihood 0."

Codes = Mapping[str, frozenset[str]]
"""Vocabulary to codes."""


@dataclass(frozen=True)
class Task:
    """A binary label.

    Parameters
    ----------
    name, title
        Short name, as study files use it, and what it stands for.
    positive
        Codes that make a record positive, by vocabulary. Codes are compared whole; names and abbreviations never are.
    excluded
        Codes that keep a record from being a negative, by vocabulary: it is left out unless a positive code stands
        beside them.
    rule
        How likelihoods are treated.
    notes
        What a reader of results has to know, by data set.
    """

    name: str
    title: str
    positive: Codes
    excluded: Codes = field(default_factory=dict)
    rule: str = RULE
    notes: Mapping[str, str] = field(default_factory=dict)


def labels(task: Task, codes: pd.Series[Any], vocabulary: str) -> pd.Series[int]:
    """Label records: 1 positive, 0 negative, NA left out.

    Parameters
    ----------
    task
        What is asked.
    codes
        One list (or array) of codes per record; what is neither, such as NA, is unknown and becomes NA.
    vocabulary
        What the codes are in, as the data set's card says.

    Returns
    -------
    labels
        Int8 with the index of `codes`.

    Raises
    ------
    ConfigError
        The task has no positive codes in the vocabulary.

    Examples
    --------
    >>> codes = pd.Series([["AFIB", "LVH"], ["SR"], ["AFLT"]])
    >>> labels(get_task("af"), codes, "scp-ecg").tolist()
    [1, 0, <NA>]
    """
    positive = task.positive.get(vocabulary)
    if not positive:
        raise ConfigError(
            f"task {task.name!r} has no codes in the vocabulary {vocabulary!r}. It has: {', '.join(task.positive)}."
        )
    excluded = task.excluded.get(vocabulary, frozenset())
    values = [_label(carried, positive, excluded) for carried in codes]
    return pd.Series(values, index=codes.index, dtype="Int8", name=task.name)


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


def describe(task: Task) -> dict[str, str | list[str]]:
    """A task as plain data: a line for every choice in it, codes with their meanings.

    Examples
    --------
    >>> describe(get_task("af"))["scp-ecg, excluded"]
    ['AFLT: atrial flutter']
    """
    meanings = {(row["vocabulary"], row["code"]): row["meaning"] for row in _rows()}
    roles = {"positive": task.positive, "excluded": task.excluded}
    return {
        "name": task.name,
        "title": task.title,
        "rule": task.rule,
        **{
            f"{vocabulary}, {role}": [f"{code}: {meanings.get((vocabulary, code), '')}" for code in sorted(codes)]
            for vocabulary in task.positive
            for role, by_vocabulary in roles.items()
            if (codes := by_vocabulary.get(vocabulary))
        },
        **{f"note on {dataset}": note for dataset, note in task.notes.items()},
    }


def _label(carried: object, positive: frozenset[str], excluded: frozenset[str]) -> int | None:
    if not isinstance(carried, Iterable) or isinstance(carried, str):
        return None
    if not positive.isdisjoint(carried):
        return 1
    return 0 if excluded.isdisjoint(carried) else None


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with files("ecglens").joinpath("tasks.csv").open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


def _task(name: str, title: str, notes: Mapping[str, str]) -> Task:
    return Task(name, title, _codes(name, "positive"), _codes(name, "excluded"), notes=notes)


def _codes(task: str, role: str) -> Codes:
    rows = [row for row in _rows() if row["task"] == task and row["role"] == role]
    vocabularies = dict.fromkeys(row["vocabulary"] for row in rows)
    return {name: frozenset(row["code"] for row in rows if row["vocabulary"] == name) for name in vocabularies}


_NINGBO = (
    "The Ningbo part has no code for atrial fibrillation at all, and its code for atrial flutter (about a fifth of its "
    "records) very probably covers fibrillation."
)

CD = _task(
    "cd",
    "conduction disturbance (superclass CD of PTB-XL)",
    {
        "chn": "The Chapman-Shaoxing part has no codes for incomplete, fascicular or unspecified bundle branch block.",
        "code-15": "Only first degree AV block, RBBB and LBBB are labelled: negatives hold other, unlabelled blocks.",
    },
)
CD_CORE = _task(
    "cd-core",
    "first degree AV block, complete right or left bundle branch block",
    {
        "code-15": "Other conduction disturbances are not labelled here, so they cannot be left out of the negatives.",
    },
)
AF = _task(
    "af",
    "atrial fibrillation",
    {
        "chn": f"{_NINGBO} Positives all come from Chapman-Shaoxing and so, by default, do negatives (`negatives` of a "
        "study); records with flutter are left out.",
        "code-15": "Atrial flutter is not labelled here, so it cannot be left out of the negatives.",
    },
)
AF_OR_AFL = _task(
    "af-or-afl",
    "atrial fibrillation or flutter",
    {
        "chn": f"{_NINGBO} Here both are positive, so that the question does not arise.",
        "code-15": "Atrial flutter is not labelled here: positives are fibrillation, negatives may hold flutter.",
    },
)

TASKS = Registry(
    "task",
    {
        "cd": "ecglens.tasks:CD",
        "cd-core": "ecglens.tasks:CD_CORE",
        "af": "ecglens.tasks:AF",
        "af-or-afl": "ecglens.tasks:AF_OR_AFL",
    },
)
"""Names of the tasks; other packages add theirs through the entry point group ``ecglens.task``."""
