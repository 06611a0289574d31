"""Sections of the records lens in the report."""

from __future__ import annotations

from ecglens.lenses.records.shortcut_tables import every_fact, leading_facts
from ecglens.lenses.records.summary import RecordSummary
from ecglens.lenses.records.tables import record_tables
from ecglens.report.section import Section, highlights
from ecglens.report.summary import Summary
from ecglens.study.results import Results


def record_sections(summary: Summary) -> list[Section]:
    """Shortcuts among the highlights, and a section on records and samples."""
    own, results = summary.of(RecordSummary), summary.results
    return [
        highlights(tuple(leading_facts(summary))),
        Section(
            name="records",
            title="Records",
            place=90,
            tables=(*record_tables(summary), *every_fact(summary)),
            frames={
                "samples": results.samples,
                "joint samples": results.joint_samples,
                "shortcuts": own.shortcuts,
                "records": own.records,
                "records left out": results.defects,
                "windows": own.windows,
                "contamination": summary.exposure,
            },
            problems=tuple(_unusable(results)),
        ),
    ]


def _unusable(results: Results) -> list[str]:
    found = []
    for dataset, facts in results.records.items():
        known = facts["summary"]
        if not known["usable"]:
            why = ", ".join(f"{reason} ({n})" for reason, n in known["defects"].items())
            found.append(f"{dataset}: none of {known['listed']:,} listed records is usable{f': {why}' if why else ''}.")
    return found
