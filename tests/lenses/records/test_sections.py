"""Shortcuts come first, records last; a data set without a usable record is a problem."""

import pandas as pd
from tests.made_up.small import small_results, summary_of

from ecglens.lenses.records.rows import ShortcutRow
from ecglens.lenses.records.sections import record_sections
from ecglens.lenses.records.summary import read_records
from ecglens.report.section import Section
from ecglens.study.results import cell_frame

FACT = {"dataset": "here", "task": "af", "fact": "site", "value": 0.7, "p_holm": 0.01, "detectable": 0.6, "n": 90}


def sections(**facts) -> list[Section]:
    known = {"listed": 1234, "usable": 0, "has_patient_ids": True, "fs": {}, "sex": {}, "defects": {}} | facts
    shortcuts = cell_frame(ShortcutRow, {}, pd.DataFrame([FACT]))
    results = small_results(shortcuts=shortcuts, records={"here": {"summary": known}})
    return record_sections(summary_of(read_records(summary_of(results=results)), results=results))


def test_shortcuts_stand_out_and_every_fact_is_among_the_records() -> None:
    first, last = sections()
    assert [table.title.split(":")[0] for table in first.tables] == ["Shortcuts"]
    assert (first.place, last.place) == (0, 90)
    assert last.tables[-1].title == "Shortcuts: all tested facts"
    assert last.frames["shortcuts"]["value"].tolist() == [0.7]
    assert {"samples", "joint samples", "records", "records left out", "windows"} <= set(last.frames)


def test_a_data_set_without_a_usable_record_says_why() -> None:
    assert sections()[1].problems == ("here: none of 1,234 listed records is usable.",)
    (problem,) = sections(defects={"nan": 1000, "truncated": 234})[1].problems
    assert problem == "here: none of 1,234 listed records is usable: nan (1000), truncated (234)."
    assert sections(usable=1)[1].problems == ()
