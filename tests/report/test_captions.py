"""A caption says what is shown and how to read it; the legend holds the rest."""

import re

import pytest
from ecglens.report.figures import draw_figures
from ecglens.report.tables import Table, texts

from ecglens.report.formats import make_tables, to_latex, to_markdown
from ecglens.report.html import render_html

LONGEST = 320
LEGEND = Table("scores", "F1", ("encoder", "F1"), (texts("conv", "0.8"),), "Mean F1.", terms=(("F1", "2 TP & more"),))


def test_captions_are_short(summary) -> None:
    shown = [*make_tables(summary), *draw_figures(summary)]
    assert len(shown) > 20
    for each in shown:
        sentences = re.split(r"(?<=[.?!]) (?=[A-Z])", each.caption)
        assert len(sentences) <= 2, each.caption
        assert len(each.caption) <= LONGEST, each.caption


def test_legends_are_phrases(summary) -> None:
    terms = [term for table in make_tables(summary) for term in table.terms]
    assert len(terms) > 20
    for name, meaning in terms:
        assert name
        assert len(meaning) <= LONGEST, meaning


def test_no_text_speaks_of_recorders_or_leakage(summary) -> None:
    text = re.sub(r"data:image/[^\"]*", "", render_html(summary)).split('id="provenance"')[0]
    assert not re.search(r"recorder|leakage", text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("write", "line"), [(to_markdown, r"**F1**: 2 TP \& more"), (to_latex, r"\textbf{F1}: 2 TP \& more\par")]
)
def test_the_legend_is_in_every_form(write, line) -> None:
    assert line in write(LEGEND).splitlines()
