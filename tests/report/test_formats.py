"""Terminal, Markdown, LaTeX, CSV and JSON: the same numbers, and nothing that their readers would obey."""

import io
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from tests.made_up.engine import HOSTILE, VALUES, engine_summary

from ecglens.errors import ConfigError
from ecglens.report import print_tables, render
from ecglens.report.formats import print_table, to_latex, to_markdown
from ecglens.report.table import Cell, Table

NASTY = Table(
    title="a_b & c",
    columns=("n|me", "100 %"),
    rows=((Cell("x_1 <b>|*"), Cell("5 #$ {} ~^\\", ("why [a](b)\n| c",), strong=True)),),
    terms=(("F1", "2 TP & more"),),
)


def printed(table: Table | None = None, width: int = 250) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width)
    if table is None:
        print_tables(engine_summary(), console)
    else:
        print_table(table, console)
    return file.getvalue()


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_every_table_with_rows_is_written(form) -> None:
    text = render(engine_summary(), form)
    for shown in ("0.33 [0.10, 0.50]", "0.70 [0.60, 0.80]", "1,234", "needs 500 positives, has 301", "cannot fill"):
        assert shown in text
    assert "Nothing" not in text


def test_the_terminal_shows_problems_first_reasons_and_no_details() -> None:
    text = printed()
    assert text.startswith("Nothing worked.")
    for shown in ("0.33 [0.10, 0.50] (a)", "0.70 [0.60, 0.80]*", "(b) needs 500 positives, has 301", HOSTILE):
        assert shown in text
    assert "value: 2 TP & more" in text
    assert "Closer look" not in text


def test_csv_holds_the_numbers_at_full_precision() -> None:
    table = pd.read_csv(io.StringIO(render(engine_summary(), "csv")))
    assert table.columns[0] == "table"
    assert set(table["table"]) == {"values"}
    pd.testing.assert_frame_equal(table[[*VALUES.columns]], VALUES, rtol=1e-14, check_exact=False)


def test_json_holds_the_same_numbers_by_section() -> None:
    found = json.loads(render(engine_summary({"name": "Mine"}), "json"))
    assert (found["title"], found["origin"], found["problems"]) == ("Mine", "", ["Nothing worked."])
    numbers = pd.DataFrame(found["tables"]["numbers"]["values"])
    np.testing.assert_allclose(numbers["value"], VALUES["value"], rtol=1e-14)
    assert found["tables"]["findings"] == {}


def test_what_is_simulated_says_so_in_every_row_of_csv() -> None:
    study = {"datasets": [{"name": "simulated-chn"}, {"name": "here"}]}
    table = pd.read_csv(io.StringIO(render(engine_summary(study), "csv")))
    assert set(table["origin"]) == {"some records are simulated"}


def test_markdown_is_a_table_whatever_the_cells_hold() -> None:
    lines = to_markdown(NASTY).splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [3, 3, 3]
    assert rows[1] == "| --- | ---: |"
    assert rows[2] == r"| x\_1 \<b\>\|\* | **5 #\$ {} \~^\\**<sup>a</sup> |"
    assert lines[-1] == r"<sup>a</sup> why [a]\(b) \| c"
    assert r"**F1**: 2 TP \& more" in lines


def test_latex_escapes_and_balances() -> None:
    text = to_latex(NASTY)
    first = r"x\_1 \textless{}b\textgreater{}\textbar{}*"
    second = r"\textbf{5 \#\$ \{\} \textasciitilde{}\textasciicircum{}\textbackslash{}}\textsuperscript{a}"
    assert rf"{first} & {second} \\" in text
    assert r"\begin{tabular}{lr}" in text
    assert r"\caption{a\_b \& c.}" in text
    assert r"\textbf{F1}: 2 TP \& more\par" in text.splitlines()
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")
    assert r"100 \%" in text


def test_latex_holds_no_sign_that_it_does_not_know() -> None:
    assert to_latex(replace(NASTY, rows=((Cell("–"), Cell("0.1 ± 0.2 ≥ 0")),))).isascii()


def test_rich_takes_no_markup_from_cells() -> None:
    assert "[red]x[/red]" in printed(replace(NASTY, rows=((Cell("[red]x[/red]"), Cell("1")),)))


def test_no_form_passes_on_what_a_terminal_would_obey() -> None:
    sign = Cell("\x1b[31mx\r\ny", ("\x1b]0;title\x07",), strong=True)
    table = Table("\x1b[2J", ("\x9bA", "n"), ((Cell("x"), sign),), "\x1b[0m")
    for text in (printed(table, 80), to_markdown(table), to_latex(table)):
        assert not {sign for sign in text if not sign.isprintable()} - {"\n"}


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"unknown form 'jsn'\. Did you mean 'json'\?.* Known: csv, json, markdown"):
        render(engine_summary(), "jsn")
