"""Tables of shortcuts: facts about the records that predict a label without the signal."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ecglens.lenses.records.shortcuts import FACTS, above_chance
from ecglens.lenses.records.summary import RecordSummary
from ecglens.report.frames import groups, rows, where
from ecglens.report.summary import Summary
from ecglens.report.table import Cell, Table, number, p_text, texts
from ecglens.status import CANNOT_FILL, DONE

COLUMNS = ("data set", "task", "fact", "balanced accuracy", "p", "records", "detectable")
TERMS = (
    ("balanced accuracy", "cross-validated on the records that probes are tested on, one a patient; 0.5 is chance"),
    ("p", "exact, adjusted by Holm's method over the facts of a data set and task"),
    ("detectable", "smallest balanced accuracy that about four of five such samples show"),
)


def leading_facts(summary: Summary) -> list[Table]:
    """Facts that predict a label above chance, by data set and task."""
    tested = summary.of(RecordSummary).shortcuts
    if tested.empty:
        return []
    lead = []
    for (dataset, task), part in groups(tested, ["dataset", "task"]):
        place, found = (summary.shown(dataset), task), above_chance(part)
        shown = rows(found.sort_values("value", ascending=False))
        lead += [texts(*place, *_cells(row)) for row in shown] if len(found) else [texts(*place, *_none(part))]
    n_found, n_tested = (_count(part) for part in (above_chance(tested), where(tested, status=DONE)))
    title = f"Shortcuts: {_verdict(n_found, n_tested, _count(tested))}"
    caption = (
        "Facts about a record that predict its label without the signal. An encoder may score as well as a shortcut "
        "by recognising it."
    )
    terms = (("facts", ", ".join(FACTS)), *TERMS)
    return [Table(title, COLUMNS, tuple(lead), caption, n_names=3, terms=terms)]


def every_fact(summary: Summary) -> list[Table]:
    """All tested facts."""
    tested = summary.of(RecordSummary).shortcuts
    if tested.empty:
        return []
    found = [texts(summary.shown(row.dataset), row.task, *_cells(row)) for row in rows(tested)]
    title, caption = "Shortcuts: all tested facts", "Balanced accuracy with its 95 % interval."
    return [Table(title, COLUMNS, tuple(found), caption, n_names=3, details=True, terms=TERMS)]


def _count(part: pd.DataFrame) -> int:
    """Number of labels, which are pairs of a data set and a task."""
    return part.groupby(["dataset", "task"]).ngroups


def _verdict(n_found: int, n_tested: int, n_all: int) -> str:
    if not n_tested:
        return "nothing could be tested"
    if not n_found:
        return f"none found, {n_tested} of {n_all} labels could be tested"
    return f"{n_found} of {n_tested} labels can be predicted above chance without the signal"


def _cells(row: Any) -> tuple[Cell, ...]:
    if row.status != DONE:
        return texts(row.fact, Cell("–", (row.reason,), quiet=True), "–", number(row.n, 0), "–")
    value = f"{number(row.value)} [{number(row.low)}, {number(row.high)}]"
    return texts(row.fact, value, p_text(row.p_holm), number(row.n, 0), number(row.detectable))


def _none(part: pd.DataFrame) -> tuple[Cell, ...]:
    """One line for a data set and task without a shortcut, with the detectable size."""
    tested = where(part, status=DONE)
    untested = where(part, status=CANNOT_FILL)
    notes = tuple(f"{', '.join(rest['fact'])}: {reason}" for reason, rest in groups(untested, "reason"))
    found = Cell("none" if len(tested) else "not tested", notes)
    return texts(found, "–", "–", number(part["n"].max(), 0), number(tested["detectable"].max()))
