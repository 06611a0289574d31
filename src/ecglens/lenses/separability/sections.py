"""Sections of the separability lens in the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import product

import pandas as pd

from ecglens.lenses.separability.summary import Separability, unmeasured
from ecglens.lenses.separability.tables import separability_tables
from ecglens.lenses.separability.verdicts import Alignment, judge_alignment
from ecglens.lenses.thresholds import Thresholds
from ecglens.report.figure import Picture
from ecglens.report.frames import groups, where
from ecglens.report.gaps import Grid, read_gaps, unfilled_cells
from ecglens.report.section import Note, Section, highlights
from ecglens.report.summary import Summary
from ecglens.report.table import Table, texts
from ecglens.status import DONE
from ecglens.study.results import Results


def separability_sections(summary: Summary) -> list[Section]:
    """Verdicts on separability among the highlights, and a section with all metrics."""
    own, limits = summary.of(Separability), summary.settings("thresholds", Thresholds)
    alignments = judge_alignment(own.table, summary.grid, limits)
    return [
        highlights(
            tables=(alignment_table(summary, alignments, limits),),
            frames={"verdicts on separability": pd.DataFrame([asdict(alignment) for alignment in alignments])},
        ),
        Section(
            name="separability",
            title="Separability",
            place=30,
            tables=tuple(separability_tables(summary)),
            figures=lambda: _figures(summary),
            frames={"separability": own.table},
            notes=tuple(_missing_pictures(summary.results, summary.grid)),
        ),
    ]


def alignment_table(summary: Summary, alignments: tuple[Alignment, ...], limits: Thresholds) -> Table:
    """Verdicts on separability by encoder and task, with their numbers."""
    found = [texts(each.encoder, each.task, each.words, each.sentence) for each in alignments]
    caption = "Rescaled kNN on equal counts, 0 is chance and 1 is perfect, with 95 % intervals over patients."
    terms = (
        ("label", f"absent below {limits.label_low:g}, strong from {limits.label_high:g}"),
        ("source", f"the data set; absent below {limits.source_low:g}, strong from {limits.source_high:g}"),
        ("cannot tell", "an interval reaches from absent to strong"),
        ("detectable", "smallest kNN that four of five such studies distinguish from 0"),
    )
    columns = ("encoder", "task", "verdict", "numbers")
    return Table(summary.heading("Verdicts on separability"), columns, tuple(found), caption, n_names=4, terms=terms)


def _figures(summary: Summary) -> Iterator[Picture]:
    from ecglens.lenses.separability.figures import levels, planes

    for task in summary.grid.tasks:
        if picture := levels(summary, task):
            yield picture
        for encoder, points in groups(where(summary.of(Separability).projection, task=task), "encoder"):
            yield planes(summary, task, encoder, points)


def _missing_pictures(results: Results, grid: Grid) -> list[Note]:
    done = where(results.projection, status=DONE, method="umap")
    drawn = set(zip(done["encoder"], done["task"], strict=True))
    reasons = unmeasured(results) | unfilled_cells(results.projection, ["encoder", "task"])
    notes = []
    for cell in product(grid.encoders, grid.tasks):
        if cell not in drawn:
            _, gap = read_gaps(results.failures).find("geometry", cell, cell[0], grid.datasets)
            notes.append(Note(", ".join(cell), f"No picture: {reasons.get(cell, gap).removesuffix('.')}."))
    return notes
