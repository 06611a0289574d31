"""The report: one HTML file that needs nothing but itself."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ecglens.files import write_atomically
from ecglens.output import clean_lines
from ecglens.report.figures import draw_figures
from ecglens.report.formats import make_tables
from ecglens.report.frames import groups, rows, where
from ecglens.report.gaps import last_line
from ecglens.report.signatures import FOUND, RULES, UNKNOWN
from ecglens.report.summary import Summary, summarise
from ecglens.report.verdicts import QUESTIONS
from ecglens.study.results import Results

LISTED_DEFECTS = 200
"""Records left out that are listed by name, per data set; their counts are always complete."""

SECTIONS = {
    "signatures": "What stands out",
    "scores": "Scores",
    "overlap": "Feature overlap",
    "separability": "Separability",
    "records": "Records",
}


def write_report(results: Results, path: Path) -> Path:
    """Write the report of a run, finished or not; returns its path.

    Parameters
    ----------
    results
        From `ecglens.study.load_results`.
    path
        The HTML file; an older one is replaced.
    """
    write_atomically(path, render_html(summarise(results)).encode())
    return path


def render_html(summary: Summary) -> str:
    """The report as text: every figure, style and number is inside, nothing is loaded from elsewhere."""
    environment = Environment(
        loader=PackageLoader("ecglens.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    signatures = pd.DataFrame(summary.signatures)
    said = summary.headlines
    style = files("ecglens.report").joinpath("templates/report.css").read_text(encoding="utf-8")
    return environment.get_template("report.html.j2").render(
        summary=summary,
        style=Markup(style),  # noqa: S704 - a file of this package
        sections=SECTIONS,
        tables=make_tables(summary),
        pictures=draw_figures(summary),
        questions=QUESTIONS,
        verdicts={question: [one for one in said if one.question == question] for question in QUESTIONS},
        rules=RULES,
        found={rule: list(rows(part)) for rule, part in groups(where(signatures, state=FOUND), "rule")},
        unjudged=UNKNOWN in set(signatures["state"]),
        defects=_listed_defects(summary),
        failures=[
            (row.stage, row.cell, last_line(row.error), clean_lines(row.error)) for row in rows(summary.failures)
        ],
    )


def _listed_defects(summary: Summary) -> list[dict[str, Any]]:
    return [
        {
            "dataset": summary.shown(dataset),
            "total": len(part),
            "rows": list(rows(part.head(LISTED_DEFECTS))),
        }
        for dataset, part in groups(summary.defects, "dataset")
    ]
