"""Which fact gives a label away, or what could have been missed."""

import pandas as pd
import pytest
from tests.made_up.small import small_results, summary_of, texts_of

from ecglens.lenses.records.rows import ShortcutRow
from ecglens.lenses.records.shortcut_tables import every_fact, leading_facts
from ecglens.lenses.records.summary import RecordSummary
from ecglens.report import Summary
from ecglens.report.table import Table
from ecglens.study.results import cell_frame

NONE = pd.DataFrame()


def known(fact: str, p_holm: float, value: float = 0.7, **place) -> dict:
    numbers = {"value": value, "low": value - 0.02, "high": value + 0.02, "p_holm": p_holm, "detectable": 0.55}
    return {"dataset": "here", "task": "af", "fact": fact, "n": 1990, "status": "done", "reason": ""} | numbers | place


def untested(fact: str, reason: str = "the same in all records", **place) -> dict:
    return {"dataset": "here", "task": "af", "fact": fact, "n": 1990, "status": "cannot-fill", "reason": reason} | place


def summary(*rows: dict, **changes) -> Summary:
    found = RecordSummary(NONE, cell_frame(ShortcutRow, {}, pd.DataFrame([*rows])), NONE)
    return summary_of(found, results=small_results(), **changes)


def lead(*rows: dict) -> Table:
    (table,) = leading_facts(summary(*rows))
    return table


def test_shortcuts_have_their_lines_the_strongest_first() -> None:
    table = lead(known("site", 0.01, 0.7), known("length", 0.6), known("missing sex", 0.0001, 0.9))
    assert texts_of(table) == [
        ["here", "af", "missing sex", "0.90 [0.88, 0.92]", "< 0.001", "1,990", "0.55"],
        ["here", "af", "site", "0.70 [0.68, 0.72]", "0.010", "1,990", "0.55"],
    ]


@pytest.mark.parametrize(("p_holm", "fact"), [(0.05, "site"), (0.0501, "none")])
def test_a_shortcut_is_significant_at_five_percent(p_holm, fact) -> None:
    assert texts_of(lead(known("site", p_holm)))[0][2] == fact


def test_a_label_without_a_shortcut_says_how_large_one_could_have_been_missed() -> None:
    table = lead(known("length", 0.6), known("site", 0.5, detectable=0.6), untested("missing sex"))
    assert texts_of(table) == [["here", "af", "none", "–", "–", "1,990", "0.60"]]
    assert table.notes == ("missing sex: the same in all records",)


def test_what_could_not_be_tested_is_not_none() -> None:
    table = lead(untested("site"), untested("length"), untested("missing age", "one class"))
    assert texts_of(table) == [["here", "af", "not tested", "–", "–", "1,990", "–"]]
    assert table.notes == ("site, length: the same in all records", "missing age: one class")


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        (
            [known("site", 0.01), known("length", 0.01), known("site", 0.6, task="cd")],
            "1 of 2 labels can be",
        ),
        ([known("site", 0.6), untested("site", task="cd")], "none found, 1 of 2 labels could be tested"),
        ([untested("site")], "nothing could be tested"),
    ],
)
def test_the_title_counts_labels(rows, verdict) -> None:
    assert lead(*rows).title.startswith(f"Shortcuts: {verdict}")


def test_every_fact_is_listed_with_its_reason() -> None:
    (table,) = every_fact(summary(known("site", 0.6), untested("length"), simulated=frozenset({"here"})))
    assert texts_of(table) == [
        ["here (simulated)", "af", "site", "0.70 [0.68, 0.72]", "0.600", "1,990", "0.55"],
        ["here (simulated)", "af", "length", "–", "–", "1,990", "–"],
    ]
    assert table.rows[1][3].notes == ("the same in all records",)
    assert table.details


def test_without_a_test_there_is_no_table() -> None:
    assert leading_facts(summary()) == every_fact(summary()) == []
