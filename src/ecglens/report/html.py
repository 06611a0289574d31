"""The report: a single self-contained HTML file."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib as mpl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ecglens.files import write_atomically
from ecglens.output import clean_lines
from ecglens.report.drawing import STYLE
from ecglens.report.figure import Picture
from ecglens.report.frames import groups, rows
from ecglens.report.gaps import last_line
from ecglens.report.summary import Summary, summarise
from ecglens.study.results import Results

LISTED_DEFECTS = 200
"""Largest number of excluded records that are listed per data set; counts are always complete."""


def write_report(results: Results, path: Path) -> Path:
    """Write the report of a run, finished or not; returns its path.

    Parameters
    ----------
    results
        Results from `ecglens.study.load_results`.
    path
        Path of the HTML file; an existing file is replaced.
    """
    write_atomically(path, render_html(summarise(results)).encode())
    return path


def render_html(summary: Summary) -> str:
    """Render the report as self-contained HTML."""
    environment = Environment(
        loader=PackageLoader("ecglens.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = files("ecglens.report").joinpath("templates/report.css").read_text(encoding="utf-8")
    return environment.get_template("report.html.j2").render(
        summary=summary,
        style=Markup(style),  # noqa: S704 - a file of this package
        pictures=_draw(summary),
        defects=_listed_defects(summary),
        failures=[
            (row.stage, row.cell, last_line(row.error), clean_lines(row.error))
            for row in rows(summary.results.failures)
        ],
    )


def _draw(summary: Summary) -> dict[str, list[Picture]]:
    """Figures by section."""
    with mpl.rc_context(STYLE):
        return {section.name: list(section.figures()) for section in summary.sections}


def _listed_defects(summary: Summary) -> list[dict[str, Any]]:
    return [
        {
            "dataset": summary.shown(dataset),
            "total": len(part),
            "rows": list(rows(part.head(LISTED_DEFECTS))),
        }
        for dataset, part in groups(summary.results.defects, "dataset")
    ]
