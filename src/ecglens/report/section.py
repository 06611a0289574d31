"""Sections of a report: what a lens has to say, ready to be printed in any form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from ecglens.report.figure import Picture
from ecglens.report.table import Table


@dataclass(frozen=True)
class Note:
    """What a reader of the numbers has to know, and of what."""

    subject: str
    text: str


@dataclass(frozen=True)
class Finding:
    """Sentences under one heading of the page; tables say the same elsewhere.

    Parameters
    ----------
    title, about
        The heading, and what it is about.
    sentences
        A line each.
    """

    title: str
    about: str
    sentences: tuple[str, ...]


def _no_figures() -> Iterable[Picture]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a report. Parts of the same name, from several lenses, become one.

    Parameters
    ----------
    name, title
        Its anchor and its heading.
    place
        Sections are shown in ascending order.
    tables
        In the order in which they are read.
    findings
        Sentences before the figures.
    figures
        Draws the figures, when a page needs them.
    frames
        Numbers behind the tables, by name, for CSV and JSON.
    notes, problems
        Remarks for the end of the page, and what a reader has to know first: a command that shows problems ends with
        exit code 1.
    """

    name: str
    title: str
    place: int = 50
    tables: tuple[Table, ...] = ()
    findings: tuple[Finding, ...] = ()
    figures: Callable[[], Iterable[Picture]] = _no_figures
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    problems: tuple[str, ...] = ()


def highlights(
    tables: tuple[Table, ...] = (),
    findings: tuple[Finding, ...] = (),
    frames: Mapping[str, pd.DataFrame] | None = None,
) -> Section:
    """A part of the first section, which holds what stands out."""
    return Section(
        name="findings", title="What stands out", place=0, tables=tables, findings=findings, frames=frames or {}
    )


def merge(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Join sections of the same name, and sort all by their place.

    Examples
    --------
    >>> parts = [Section(name="b", title="B"), Section(name="a", title="A", place=1), Section(name="b", title="")]
    >>> [section.title for section in merge(parts)]
    ['A', 'B']
    """
    found: dict[str, Section] = {}
    for section in sections:
        found[section.name] = _join(found[section.name], section) if section.name in found else section
    return tuple(sorted(found.values(), key=lambda section: section.place))


def _join(one: Section, other: Section) -> Section:
    return replace(
        one,
        tables=one.tables + other.tables,
        findings=one.findings + other.findings,
        figures=lambda: [*one.figures(), *other.figures()],
        frames={**one.frames, **other.frames},
        notes=one.notes + other.notes,
        problems=one.problems + other.problems,
    )
