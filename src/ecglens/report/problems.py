"""What a reader has to know before any number: what failed, and what could not be computed at all."""

from __future__ import annotations

from ecglens.report.gaps import CANNOT_FILL, DONE
from ecglens.study.results import Results


def find_problems(results: Results) -> tuple[str, ...]:
    """Sentences for the top of a report; where there are any, the command ends with exit code 1."""
    return tuple(_unusable(results) + _without_score(results) + _failures(results))


def _unusable(results: Results) -> list[str]:
    found = []
    for dataset, facts in results.records.items():
        known = facts["summary"]
        if not known["usable"]:
            why = ", ".join(f"{reason} ({n})" for reason, n in known["defects"].items())
            found.append(f"{dataset}: none of {known['listed']:,} listed records is usable{f': {why}' if why else ''}.")
    return found


def _without_score(results: Results) -> list[str]:
    cells = results.probe
    reasons = cells.loc[cells["status"] == CANNOT_FILL, "reason"]
    if reasons.empty or (cells["status"] == DONE).any():
        return []
    return [f"No score could be computed. The most frequent reason: {reasons.mode()[0]}"]


def _failures(results: Results) -> list[str]:
    n = len(results.failures)
    things = "cell or probe" if n == 1 else "cells or probes"
    return [f"{n} {things} failed: the report has their tracebacks, and the next run tries them again."] if n else []
