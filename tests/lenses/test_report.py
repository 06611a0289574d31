"""The report of a whole run: all forms agree, texts are short, and every row is as wide as its table."""

import io
import re

import matplotlib as mpl
import pandas as pd
import pytest
from rich.console import Console
from tests.made_up.run import draw_all

from ecglens.lenses.scores.summary import Scores
from ecglens.lenses.signatures.summary import Signatures
from ecglens.report import print_tables, render, summarise
from ecglens.report.formats import print_table
from ecglens.report.html import render_html
from ecglens.report.summary import Summary

INTERVAL = re.compile(r"-?\d\.\d\d \[-?\d\.\d\d, -?\d\.\d\d\]")
LONGEST = 320


@pytest.fixture(scope="module")
def pictures(summary):
    return draw_all(summary)


@pytest.fixture(scope="module")
def page(summary) -> str:
    return render_html(summary)


def printed(summary: Summary) -> str:
    file = io.StringIO()
    print_tables(summary, Console(file=file, width=250))
    return file.getvalue()


def test_all_forms_agree_on_the_numbers(summary, page) -> None:
    found = {form: sorted(INTERVAL.findall(render(summary, form))) for form in ("markdown", "latex")}
    assert found["markdown"] == found["latex"] == sorted(INTERVAL.findall(page))
    assert set(INTERVAL.findall(printed(summary))) <= set(found["latex"])
    table = pd.read_csv(io.StringIO(render(summary, "csv")), low_memory=False)
    best = table[(table["table"] == "F1") & table["mean"].notna()]
    shown = {f"{row.mean:z.2f} [{row.low:z.2f}, {row.high:z.2f}]" for row in best.itertuples()}
    assert len(shown) > 30
    assert shown <= set(INTERVAL.findall(printed(summary)))


def test_latex_holds_no_sign_that_it_does_not_know(summary) -> None:
    assert render(summary, "latex").isascii()


def test_a_narrow_terminal_shows_every_number(summary) -> None:
    for table in summary.tables:
        narrow, wide = io.StringIO(), io.StringIO()
        print_table(table, Console(file=narrow, width=80))
        print_table(table, Console(file=wide, width=250))
        assert "…" not in narrow.getvalue()
        assert max(map(len, narrow.getvalue().splitlines())) <= 80
        if table.n_names < len(table.columns):  # sentences are folded between words
            assert sorted(INTERVAL.findall(narrow.getvalue())) == sorted(INTERVAL.findall(wide.getvalue()))


def test_every_row_has_a_cell_per_column(summary) -> None:
    for table in summary.tables:
        assert {len(row) for row in table.rows} == {len(table.columns)}, table.title


def test_captions_are_short(summary, pictures) -> None:
    shown = [*summary.tables, *pictures]
    assert len(shown) > 40
    for each in shown:
        sentences = re.split(r"(?<=[.?!]) (?=[A-Z])", each.caption)
        assert len(sentences) <= 2, each.caption
        assert len(each.caption) <= LONGEST, each.caption


def test_legends_are_phrases(summary) -> None:
    terms = [term for table in summary.tables for term in table.terms]
    assert len(terms) > 20
    for name, meaning in terms:
        assert name
        assert len(meaning) <= LONGEST, meaning


def test_no_text_speaks_of_recorders_or_leakage(page) -> None:
    text = re.sub(r"data:image/[^\"]*", "", page).split('id="provenance"')[0]
    assert not re.search(r"recorder|leakage", text, re.IGNORECASE)


def test_every_figure_with_numbers_is_drawn_and_on_the_page(pictures, page) -> None:
    titles = [picture.title for picture in pictures]
    assert len(titles) == len(set(titles)) == 1 + 2 * (7 + 2)
    assert all(title.endswith("(simulated records)") for title in titles)
    assert all(picture.uri in page for picture in pictures), "equal numbers give equal bytes"


def test_drawing_leaves_the_settings_of_matplotlib_alone(summary, pictures, page) -> None:
    assert mpl.rcParams["axes.spines.top"]


def test_what_stands_out_comes_first(page) -> None:
    start = page[page.index("Highlights</h2>") : page.index("Scores</h2>")]
    assert start.count("can be predicted above chance") == 1
    assert "a difference of 0.21 is detectable with n = 250" in start
    assert "follows the source</th>" in start


def test_a_run_that_has_not_begun_has_a_report(results) -> None:
    tables = ("defects", "samples", "joint_samples", "failures", *results.tables)
    empty = {name: getattr(results, name).iloc[:0] for name in tables}
    found = summarise(results.replaced(records={}, provenance={**results.provenance, "encoders": {}}, **empty))
    assert set(found.of(Scores).f1["status"]) == {"missing"}
    assert {signature.state for signature in found.of(Signatures).every} == {"cannot be judged"}
    text = render_html(found)
    assert "not computed" in text
    assert "No pattern was found among those that could be judged." in text
