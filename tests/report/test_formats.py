import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from ecglens.report.tables import Cell, Table, number
from rich.console import Console

from ecglens.errors import ConfigError
from ecglens.report import print_tables, render
from ecglens.report.formats import make_tables, print_table, to_latex, to_markdown
from ecglens.report.html import render_html

INTERVAL = re.compile(r"-?\d\.\d\d \[-?\d\.\d\d, -?\d\.\d\d\]")
HOSTILE = Table(
    section="scores",
    title="a_b & c",
    columns=("n|me", "100 %"),
    rows=((Cell("x_1 <b>|*"), Cell("5 #$ {} ~^\\", ("why [a](b)\n| c",), strong=True)),),
)


def printed(summary) -> str:
    file = io.StringIO()
    print_tables(summary, Console(file=file, width=250))
    return file.getvalue()


def test_all_forms_agree_on_the_numbers(summary) -> None:
    shown = {"markdown": render(summary, "markdown"), "latex": render(summary, "latex"), "html": render_html(summary)}
    found = {form: sorted(INTERVAL.findall(text)) for form, text in shown.items()}
    assert found["markdown"] == found["latex"] == found["html"]
    table = pd.read_csv(io.StringIO(render(summary, "csv")))
    best = table[(table["table"] == "F1") & table["mean"].notna()]
    ranks = table[table["table"].isin(["ranks", "shuffled labels"])].assign(mean=lambda ranks: ranks["rank"])
    rows = pd.concat([best, ranks]).itertuples()
    from_csv = [f"{row.mean:z.2f} [{row.low:z.2f}, {row.high:z.2f}]" for row in rows]
    geometry = table[(table["table"] == "separability") & (table["stratum"] == "all") & table["patient_low"].notna()]
    asked = ("knn_index", "equal"), ("knn_rescaled", "equal"), ("knn_raw", "natural")
    levels = geometry[geometry["level"].isin(["label", "source", "alignment"])].set_index(["metric", "counts"])
    levels = pd.concat([levels.loc[[place]] for place in asked if place in levels.index])
    mixing = geometry[geometry["metric"].isin(["source_classifier", "ilisi", "pc_regression_source"])]
    rows = pd.concat([levels, mixing]).itertuples()
    given = table[(table["table"] == "shortcuts") & (table["p_holm"] <= 0.05)].itertuples()
    from_csv += [f"{row.value:z.2f} [{row.low:z.2f}, {row.high:z.2f}]" for row in given]
    from_csv += [f"{row.value:z.2f} [{row.patient_low:z.2f}, {row.patient_high:z.2f}]" for row in rows]
    from_csv += INTERVAL.findall(" ".join(table.loc[table["table"] == "what neighbours follow", "sentence"]))
    means = table[(table["table"] == "overlap, means") & table["null_mean"].notna()].itertuples()
    from_csv += [f"{row.null_mean:z.2f} [{row.null_low:z.2f}, {row.null_high:z.2f}]" for row in means]
    assert sorted(INTERVAL.findall(printed(summary))) == sorted(from_csv)
    assert set(from_csv) <= set(found["html"])


def test_csv_holds_the_numbers_at_full_precision(summary) -> None:
    table = pd.read_csv(io.StringIO(render(summary, "csv")))
    scores = table[table["table"] == "scores"]
    np.testing.assert_allclose(scores["mean"], summary.scores["mean"], rtol=1e-14)
    assert set(table["origin"]) == {"simulated records"}
    failed = table[table["status"] == "failed"]
    assert failed["reason"].tolist() == ["probe failed: ValueError: no <beats> found"]


def test_the_cutoff_curve_is_a_table_too(summary) -> None:
    tables = {table.title.split(":")[0]: table for table in make_tables(summary) if table.section == "overlap"}
    curve, taus = tables["Overlap and the cut-off"], tables["Agreement of the cut-offs on the order of encoders"]
    assert curve.columns == ("encoder", "top 10", "top 20", "top 50", "area")
    first = [cell.text for cell in curve.rows[0]]
    own = summary.portability.curve.query("encoder == 'features' and task == 'cd' and labels == 'true'")
    assert first == ["features", *map(number, own["excess"]), number(own["area"].iloc[0])]
    assert [cell.text for cell in curve.rows[1]] == ["features, shuffled labels", *[number((0.25 - 0.12) / 0.88)] * 4]
    assert [[cell.text for cell in row][1:] for row in taus.rows] == [["1.00"] * 3] * 3 + [["–"] * 3] * 3
    csv = pd.read_csv(io.StringIO(render(summary, "csv")), low_memory=False)
    agreement = csv[(csv["table"] == "agreement of cut-offs") & (csv["labels"] == "true")]
    assert set(agreement["kendall_tau"]) == {1.0}


def test_csv_holds_what_figures_and_captions_show(summary) -> None:
    table = pd.read_csv(io.StringIO(render(summary, "csv")), low_memory=False)
    parts = dict(list(table.groupby("table")))
    np.testing.assert_allclose(parts["growth over fits"]["value"], summary.portability.growth["value"])
    assert parts["friedman"]["critical_difference"].item() == summary.ranking.critical_difference
    assert parts["friedman"]["p_value"].item() == summary.ranking.p_value
    assert parts["shuffled labels"]["f1"].item() == pytest.approx(summary.ranking.shuffled.f1)
    assert len(parts["against shuffled labels"]) == len(summary.ranking.chance)
    assert len(parts["signatures"]) == len(summary.signatures)
    assert parts["samples"]["n"].sum() == summary.samples["n"].sum()


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_reasons_stand_below_the_table(summary, form: str) -> None:
    text = render(summary, form)
    assert "needs 500 positives, has 301" in text
    assert "cannot fill" in text
    assert "failed" in text
    assert "not computed yet" in text


def test_the_terminal_shows_reasons_and_leaves_out_details(summary) -> None:
    text = printed(summary)
    assert "needs 500 positives, has 301" in text
    assert "probe failed: ValueError: no <beats> found" in text
    assert "All metrics" not in text


def test_markdown_is_a_table_whatever_the_cells_hold() -> None:
    lines = to_markdown(HOSTILE).splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [3, 3, 3]
    assert rows[2] == r"| x\_1 \<b\>\|\* | **5 #\$ {} \~^\\**<sup>a</sup> |"
    assert lines[-1] == r"<sup>a</sup> why [a]\(b) \| c"


def test_latex_escapes_and_balances() -> None:
    text = to_latex(HOSTILE)
    first = r"x\_1 \textless{}b\textgreater{}\textbar{}*"
    second = r"\textbf{5 \#\$ \{\} \textasciitilde{}\textasciicircum{}\textbackslash{}}\textsuperscript{a}"
    assert rf"{first} & {second} \\" in text
    assert r"\caption{a\_b \& c.}" in text
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")
    assert r"100 \%" in text


def test_latex_holds_no_sign_that_it_does_not_know(summary) -> None:
    assert render(summary, "latex").isascii()


def test_rich_takes_no_markup_from_cells() -> None:
    file = io.StringIO()
    table = replace(HOSTILE, rows=((Cell("[red]x[/red]"), Cell("1")),))
    print_table(table, Console(file=file, width=80))
    assert "[red]x[/red]" in file.getvalue()


def test_no_form_passes_on_what_a_terminal_would_obey() -> None:
    file = io.StringIO()
    sign = Cell("\x1b[31mx\r\ny", ("\x1b]0;title\x07",), strong=True)
    table = Table("scores", "\x1b[2J", ("\x9bA", "n"), ((Cell("x"), sign),), "\x1b[0m")
    print_table(table, Console(file=file, width=80))
    for text in (file.getvalue(), to_markdown(table), to_latex(table)):
        assert not {sign for sign in text if not sign.isprintable()} - {"\n"}


def test_a_narrow_terminal_shows_every_number(summary) -> None:
    for table in make_tables(summary):
        narrow, wide = io.StringIO(), io.StringIO()
        print_table(table, Console(file=narrow, width=80))
        print_table(table, Console(file=wide, width=250))
        assert "…" not in narrow.getvalue()
        assert max(map(len, narrow.getvalue().splitlines())) <= 80
        if table.n_names < len(table.columns):  # sentences are folded between words
            assert sorted(INTERVAL.findall(narrow.getvalue())) == sorted(INTERVAL.findall(wide.getvalue()))


def test_notes_get_letters_in_order() -> None:
    notes = tuple(f"note {i}" for i in range(28))
    table = replace(HOSTILE, rows=((Cell("x", notes), Cell("y", ("note 1",))),))
    assert [letter for letter, _ in table.legend()][-3:] == ["z", "aa", "ab"]
    assert table.marks(table.rows[0][1]) == "b"


def test_numbers() -> None:
    assert [number(x) for x in (0.005, -0.0001, 1234.5)] == ["0.01", "0.00", "1,234.50"]
    assert number(None, 0) == "–"


def test_every_row_has_a_cell_per_column(summary) -> None:
    for table in make_tables(summary):
        assert {len(row) for row in table.rows} == {len(table.columns)}, table.title


def test_an_unknown_form_is_refused(summary) -> None:
    with pytest.raises(ConfigError, match=r"unknown form 'xlsx'\. Known: csv, markdown, latex"):
        render(summary, "xlsx")
