"""Shortcuts are shown before any encoder: which fact gives a label away, or what could have been missed."""

from dataclasses import replace

from ecglens.report.shortcut_tables import shortcut_tables

from ecglens.report.formats import make_tables
from ecglens.report.html import render_html


def texts_of(table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def test_a_shortcut_has_its_line_and_the_others_say_what_could_have_been_missed(summary) -> None:
    lead, every = shortcut_tables(summary)
    assert lead.title == "Shortcuts: 1 of 6 labels can be predicted above chance without the signal"
    lines = texts_of(lead)
    assert len(lines) == 6
    assert ["simulated-chn", "af", "site", "0.88 [0.86, 0.90]", "0.001", "990", "0.55"] in lines
    assert ["simulated-georgia", "cd", "none", "–", "–", "990", "0.55"] in lines
    assert "site: the same in all records" in lead.notes
    assert len(every.rows) == 12


def test_without_any_the_title_says_so(summary) -> None:
    none = summary.shortcuts[summary.shortcuts["fact"] == "length"]
    lead, _ = shortcut_tables(replace(summary, shortcuts=none))
    assert lead.title == "Shortcuts: none found, 6 of 6 labels could be tested"
    assert {line[2] for line in texts_of(lead)} == {"none"}
    assert shortcut_tables(replace(summary, shortcuts=none.iloc[:0])) == []


def test_what_could_not_be_tested_is_not_none(summary) -> None:
    gone = summary.shortcuts[summary.shortcuts["status"] == "cannot-fill"]
    assert len(gone)
    lead, _ = shortcut_tables(replace(summary, shortcuts=gone))
    assert lead.title == "Shortcuts: nothing could be tested"
    assert {line[2] for line in texts_of(lead)} == {"not tested"}


def test_they_stand_before_any_number_of_an_encoder(summary) -> None:
    sections = [table.section for table in make_tables(summary)]
    assert sections.index("shortcuts") < sections.index("scores")
    html = render_html(summary)
    start, end = (html.index(f'<section id="{name}">') for name in ("signatures", "scores"))
    assert html[start:end].count("can be predicted above chance") == 1


def test_the_tables_of_samples_and_pools_name_the_sites_of_negatives(summary) -> None:
    said = "simulated-chn, af: negatives from Chapman-Shaoxing only (Ningbo holds no positive)"
    noted = {table.title for table in make_tables(summary) if said in table.notes}
    assert noted == {"Samples that probes see", "Records whose geometry is measured"}
