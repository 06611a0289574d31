"""Sections of the same name become one, and all are sorted by their place."""

import pandas as pd

from ecglens.report.figure import Picture
from ecglens.report.section import Finding, Note, Section, highlights, merge
from ecglens.report.table import Table

ONE, TWO = (Table(name, (), ()) for name in ("one", "two"))


def picture(title: str) -> Picture:
    return Picture(title, "", "png", 1, b"")


def test_parts_of_the_same_name_keep_all_that_they_have() -> None:
    frame = pd.DataFrame()
    parts = [
        Section(name="a", title="A", place=7, tables=(ONE,), figures=lambda: [picture("p")], frames={"x": frame},
                findings=(Finding("f", "", ()),), notes=(Note("n", ""),), problems=("b",)),
        Section(name="a", title="other", place=3, tables=(TWO,), figures=lambda: iter([picture("q")]),
                frames={"y": frame}, findings=(Finding("g", "", ()),), notes=(Note("m", ""),), problems=("c",)),
    ]  # fmt: skip
    (found,) = merge(parts)
    assert (found.title, found.place) == ("A", 7)
    assert found.tables == (ONE, TWO)
    assert [each.title for each in found.figures()] == ["p", "q"]
    assert [each.title for each in found.figures()] == ["p", "q"], "figures can be drawn again"
    assert list(found.frames) == ["x", "y"]
    assert [each.title for each in found.findings] == ["f", "g"]
    assert [each.subject for each in found.notes] == ["n", "m"]
    assert found.problems == ("b", "c")


def test_sections_of_one_place_keep_their_order_and_highlights_come_first() -> None:
    parts = [Section(name=name, title=name, place=place) for name, place in (("x", 5), ("c", 1), ("b", 1))]
    assert [section.name for section in merge([*parts, highlights((ONE,))])] == ["findings", "c", "b", "x"]


def test_a_section_draws_nothing_by_default() -> None:
    assert list(Section(name="a", title="A").figures()) == []
