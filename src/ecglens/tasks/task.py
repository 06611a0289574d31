"""A task: which codes of which vocabulary make a record positive, and which keep it from being a negative."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ecglens.errors import ConfigError

RULE = "A code counts where it is present, whatever its likelihood: rhythm statements of PTB-XL carry the likelihood 0."

Codes = Mapping[str, frozenset[str]]
"""Vocabulary to codes."""


@dataclass(frozen=True)
class Task:
    """A binary label.

    Parameters
    ----------
    name, title
        Short name, as study files use it, and the condition it stands for.
    positive
        Codes that make a record positive, by vocabulary. Codes are compared whole; names and abbreviations never are.
    excluded
        Codes that keep a record from being a negative, by vocabulary: a record with such a code and no positive one is
        left out.
    rule
        How likelihoods are treated.
    notes
        Remarks for readers of results, by data set.

    Raises
    ------
    ConfigError
        There are no positive codes, or a code is both positive and excluded.

    Examples
    --------
    >>> Task("paced", "pacemaker rhythm", {"scp-ecg": frozenset({"PACE"})}).excluded
    {}
    """

    name: str
    title: str
    positive: Codes
    excluded: Codes = field(default_factory=dict)
    rule: str = RULE
    notes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not any(self.positive.values()):
            raise ConfigError(f"task {self.name!r} has no positive codes in any vocabulary")
        for vocabulary, codes in self.positive.items():
            if both := sorted(codes & self.excluded.get(vocabulary, frozenset())):
                raise ConfigError(
                    f"task {self.name!r}: {', '.join(map(repr, both))} of the vocabulary {vocabulary!r} cannot be both "
                    "positive and excluded"
                )


def labels(task: Task, codes: pd.Series[Any], vocabulary: str) -> pd.Series[int]:
    """Label records: 1 positive, 0 negative, NA left out.

    Parameters
    ----------
    task
        The binary label.
    codes
        One list (or array) of codes per record, ``[n]``; any other value, such as NA, is unknown and becomes NA.
    vocabulary
        The vocabulary of the codes, as the data set's card says.

    Returns
    -------
    labels
        Int8, ``[n]``, with the index of `codes`.

    Raises
    ------
    ConfigError
        The task has no positive codes in the vocabulary.

    Examples
    --------
    >>> from ecglens.tasks import get_task
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


def _label(carried: object, positive: frozenset[str], excluded: frozenset[str]) -> int | None:
    if not isinstance(carried, Iterable) or isinstance(carried, str):
        return None
    if not positive.isdisjoint(carried):
        return 1
    return 0 if excluded.isdisjoint(carried) else None
