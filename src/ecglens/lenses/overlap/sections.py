"""Sections of the overlap lens in the report."""

from __future__ import annotations

from collections.abc import Iterator

from ecglens.lenses.overlap.summary import Portability
from ecglens.lenses.overlap.tables import overlap_tables
from ecglens.report.figure import Picture
from ecglens.report.frames import where
from ecglens.report.section import Note, Section
from ecglens.report.summary import Summary
from ecglens.status import DONE
from ecglens.study.results import Results


def overlap_sections(summary: Summary) -> list[Section]:
    """The section on feature overlap."""
    own = summary.of(Portability)
    return [
        Section(
            name="overlap",
            title="Feature overlap",
            place=20,
            tables=tuple(overlap_tables(summary)),
            figures=lambda: _figures(summary),
            frames={
                "overlap": own.overlap,
                "overlap, means": own.means,
                "overlap of every pair": own.matrix,
                "reliability": own.reliability,
                "growth over fits": own.growth,
                "overlap curve": own.curve,
                "agreement of cut-offs": own.taus,
            },
            notes=tuple(_sampled_explanations(summary.results)),
        )
    ]


def _figures(summary: Summary) -> Iterator[Picture]:
    from ecglens.lenses.overlap.curves import cutoff_curve, reliability_curve
    from ecglens.lenses.overlap.figures import overlap_figure, overlap_matrix

    of_a_task = (overlap_figure, overlap_matrix, cutoff_curve, reliability_curve)
    drawn = (draw(summary, task) for task in summary.grid.tasks for draw in of_a_task)
    return (picture for picture in drawn if picture)


def _sampled_explanations(results: Results) -> list[Note]:
    """Notes on probes with sampled SHAP values, which have no additivity error."""
    done = where(results.attribution, status=DONE)
    sampled = set(done.loc[done["additivity_error"].isna(), "probe"])
    text = "No SHAP method of its own: explained by permutation SHAP on {} records of each data set."
    return [
        Note(entry["name"], text.format(entry["explain_rows"]))
        for entry in results.study["probes"]
        if entry.get("estimator") and entry["name"] in sampled
    ]
