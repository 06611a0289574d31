"""Sections of a report, independent of its format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from ecglens.report.figure import Picture
from ecglens.report.table import Table


@dataclass(frozen=True)
class Note:
    """A note for readers, and its subject."""

    subject: str
    text: str


@dataclass(frozen=True)
class Finding:
    """Sentences under one heading; tables contain the same facts.

    Parameters
    ----------
    title, about
        Heading and explanation.
    sentences
        Sentences, one per line.
    """

    title: str
    about: str
    sentences: tuple[str, ...]


def _no_figures() -> Iterable[Picture]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of a report. Sections of the same name from several lenses are merged.

    Parameters
    ----------
    name, title
        Anchor and heading.
    place
        Sections are shown in ascending order.
    tables
        Tables in reading order.
    findings
        Findings, shown before the figures.
    figures
        Function that draws the figures.
    frames
        Raw numbers of the tables, by name, for CSV and JSON.
    notes, problems
        Notes for the end of the page, and problems for its top; a command that shows problems exits with code 1.
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
    """A part of the first section, the highlights."""
    return Section(name="findings", title="Highlights", place=0, tables=tables, findings=findings, frames=frames or {})


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
