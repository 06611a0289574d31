"""Sections of the scores lens in the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import product

import pandas as pd

from ecglens.lenses.scores.summary import Scores
from ecglens.lenses.scores.tables import score_tables, verdict_table
from ecglens.lenses.scores.verdicts import QUESTIONS, headlines
from ecglens.report.figure import Picture
from ecglens.report.frames import where
from ecglens.report.section import Finding, Note, Section, highlights
from ecglens.report.summary import Summary
from ecglens.status import CANNOT_FILL, DONE
from ecglens.study.results import Results


def score_sections(summary: Summary) -> list[Section]:
    """Verdicts on scores among the highlights, and a section on ranks, scores and comparisons."""
    own = summary.of(Scores)
    said = headlines(own.verdicts, summary.shown, product(own.ranking.order, summary.grid.tasks))
    return [
        highlights(
            tables=(verdict_table(summary, said),),
            findings=tuple(
                Finding(f"{question}?", about, tuple(f"{each.encoder}, {each.task}: {each.text}" for each in answers))
                for question, about in QUESTIONS.items()
                if (answers := [each for each in said if each.question == question])
            ),
            frames={"verdicts": pd.DataFrame([asdict(verdict) for verdict in own.verdicts])},
        ),
        Section(
            name="scores",
            title="Scores",
            place=10,
            tables=tuple(score_tables(summary)),
            figures=lambda: _figures(summary),
            frames={
                "scores": own.scores,
                "F1": own.f1,
                "ranks": own.ranking.table,
                "pairs": own.ranking.pairs,
                "against shuffled labels": own.ranking.chance,
                "shuffled labels": pd.DataFrame([asdict(own.ranking.shuffled)]),
                "friedman": pd.DataFrame([own.ranking.test]),
            },
            notes=tuple(_fit_warnings(summary.results)),
            problems=tuple(_without_score(summary.results)),
        ),
    ]


def _figures(summary: Summary) -> Iterator[Picture]:
    from ecglens.lenses.scores.figures import f1_figure, learning_curve
    from ecglens.lenses.scores.rank_figure import critical_differences

    drawn = [critical_differences(summary)]
    drawn += [draw(summary, task) for task in summary.grid.tasks for draw in (f1_figure, learning_curve)]
    return (picture for picture in drawn if picture)


def _fit_warnings(results: Results) -> list[Note]:
    fits = where(results.probe, metric="n_warnings").assign(warned=lambda fit: fit["value"] > 0)
    counts = fits.groupby("probe")["warned"].agg(["sum", "size"])
    text = "{:,} of {:,} fits ended with a warning, such as of a missed convergence."
    return [Note(str(probe), text.format(warned, n)) for probe, warned, n in counts.itertuples() if warned]


def _without_score(results: Results) -> list[str]:
    cells = results.probe
    reasons = cells.loc[cells["status"] == CANNOT_FILL, "reason"]
    if reasons.empty or (cells["status"] == DONE).any():
        return []
    return [f"No score could be computed. The most frequent reason: {reasons.mode()[0]}"]
