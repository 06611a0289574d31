"""Tasks of a study: by name, by import path, or defined in the study file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer, model_validator

from ecglens.errors import printable
from ecglens.study.field_types import Name
from ecglens.study.fields import Strict
from ecglens.tasks import RULE, TASKS, Task, get_task

Text = Annotated[str, Field(min_length=1, max_length=2000)]
CodeLists = dict[Text, Annotated[tuple[Text, ...], Field(min_length=1, title="a list of codes, each as text")]]
"""Vocabulary to codes."""

_CODE_LISTS = "vocabularies and their codes as text, such as {scp-ecg: [AFIB]}"


class TaskEntry(Strict):
    """A task of the study.

    Parameters
    ----------
    name
        Name of the task in the study, and of the task to load unless `task` or `positive` is given.
    task
        Task to load, by short name or ``package.module:attribute``.
    title
        Name of the condition in tables and figures; by default `name`.
    positive
        Codes that make a record positive, by vocabulary.
    ignore
        Codes that exclude a record from the negatives, by vocabulary.
    notes
        Remarks in the report, by data set.
    rule
        Description of the treatment of code likelihoods, printed in the report.
    """

    in_words: ClassVar[str] = "a name, or a mapping with name, task, title, positive, ignore, notes, rule"

    name: Name
    task: Text | None = None
    title: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    positive: CodeLists = Field(default={}, min_length=1, title=_CODE_LISTS)
    ignore: CodeLists = Field(default={}, title=_CODE_LISTS)
    notes: dict[Text, Text] = Field(default={}, title="names of data sets and a text for each")
    rule: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_short_name(cls, value: Any) -> Any:
        """``my_tasks:PACED`` is the task PACED."""
        if not isinstance(value, str):
            return value
        module, _, attribute = value.rpartition(":")
        return {"name": attribute, "task": value} if module else {"name": value}

    @field_validator("title", "rule", "notes")
    @classmethod
    def _printable(cls, value: Any) -> Any:
        for text in value.values() if isinstance(value, dict) else [value or ""]:
            if not text.isprintable():
                raise ValueError(f"'{printable(text)}' contains characters that cannot be printed on one line")
        return value

    @model_validator(mode="after")
    def _one_definition(self) -> TaskEntry:
        own = [name for name in ("title", "positive", "ignore", "notes", "rule") if getattr(self, name)]
        if self.task and own:
            raise ValueError(f"give either task or {own[0]}")
        if own and not self.positive:
            raise ValueError(f"{own[0]} belongs to a task with codes of its own; positive is missing")
        if both := [
            f"{code} ({vocabulary})"
            for vocabulary, codes in self.positive.items()
            for code in codes
            if code in self.ignore.get(vocabulary, ())
        ]:
            raise ValueError(f"codes cannot be both positive and ignored: {printable(', '.join(both))}")
        return self

    @model_serializer(mode="wrap")
    def _briefly(self, plain: SerializerFunctionWrapHandler) -> Any:
        """A name alone stays a text; fields that are not used are left out."""
        given = {field: value for field, value in plain(self).items() if value}
        return self.name if given.keys() == {"name"} else given


def load_task(entry: TaskEntry) -> Task:
    """Create a task of the study; raises `ConfigError` if there is no such task."""
    if not entry.positive:
        return replace(get_task(entry.task or entry.name), name=entry.name)
    positive, ignore = (
        {vocabulary: frozenset(codes) for vocabulary, codes in lists.items()}
        for lists in (entry.positive, entry.ignore)
    )
    return Task(entry.name, entry.title or entry.name, positive, ignore, entry.rule or RULE, entry.notes)


def write_out(entry: TaskEntry) -> TaskEntry:
    """The entry with the codes and texts of its task, so that results are readable where the task is not installed.

    Built-in tasks keep their name alone.

    Examples
    --------
    >>> write_out(TaskEntry(name="rhythm", task="af")).ignore["scp-ecg"]
    ('AFLT',)
    """
    if entry.positive or (not entry.task and entry.name in TASKS.builtins):
        return entry
    task = load_task(entry)
    positive, ignore = (
        {vocabulary: tuple(sorted(codes)) for vocabulary, codes in lists.items() if codes}
        for lists in (task.positive, task.excluded)
    )
    rule = None if task.rule == RULE else task.rule
    # Not validated again: texts from Python are not held to the limits of a study file.
    fields = {"title": task.title, "positive": positive, "ignore": ignore, "notes": dict(task.notes), "rule": rule}
    return entry.model_copy(update={"task": None, **fields})


def read_tasks(study: Mapping[str, Any]) -> dict[str, Task]:
    """The tasks of a study that is plain data, such as the one a run folder holds, by name and in their order.

    Examples
    --------
    >>> read_tasks({"tasks": ["af", {"name": "paced", "positive": {"scp-ecg": ["PACE"]}}]})["paced"].title
    'paced'
    """
    entries = [
        TaskEntry.model_construct(**entry) if isinstance(entry, Mapping) else TaskEntry.model_validate(entry)
        for entry in study["tasks"]
    ]
    return {entry.name: load_task(entry) for entry in entries}
