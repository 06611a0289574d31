"""Writers of tables for the terminal, Markdown and LaTeX, and of raw numbers as CSV and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd
from rich.console import Console
from rich.text import Text

from ecglens.errors import ConfigError, did_you_mean
from ecglens.files import plain
from ecglens.output import clean, print_grid, to_csv_text
from ecglens.report.summary import Summary
from ecglens.report.table import Cell, Table

MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_<>|~&$"})
LATEX = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%$#_{}"}
    | {
        "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
        ">": r"\textgreater{}", "|": r"\textbar{}", "–": "--", "±": r"$\pm$", "≥": r"$\geq$"
    }
)  # fmt: skip


def render(summary: Summary, form: str) -> str:
    """Render all tables of a summary as text.

    Parameters
    ----------
    summary
        Summary from `ecglens.report.summarise`.
    form
        ``"csv"`` (one long table) or ``"json"``, with raw numbers; ``"markdown"`` or ``"latex"`` (booktabs, graphicx).

    Raises
    ------
    ConfigError
        Unknown form.
    """
    writer = WRITERS.get(form)
    if writer is None:
        raise ConfigError(f"unknown form {form!r}.{did_you_mean(form, WRITERS)} Known: {', '.join(WRITERS)}.")
    return writer(summary)


def print_tables(summary: Summary, console: Console) -> None:
    """Print problems and tables, without the tables of details."""
    for problem in summary.problems:
        console.print(Text(problem, style="bold red"), "", sep="\n")
    for table in summary.tables:
        if table.rows and not table.details:
            print_table(table, console)


def print_table(table: Table, console: Console) -> None:
    """Print one table with its caption, legend and notes; marked cells are bold and end in ``*``."""
    rows = [[_rich_cell(table, cell) for cell in row] for row in table.rows]
    print_grid(console, table.title, table.columns, rows, table.n_names)
    notes = [f"({letter}) {note}" for letter, note in table.legend()]
    for text in filter(None, [table.caption, *(": ".join(term) for term in table.terms), *notes]):
        console.print(Text(clean(text), style="dim"))
    console.print()


def to_markdown(table: Table) -> str:
    """A GitHub-flavoured Markdown table with title, caption, legend and notes."""
    align = ["---" if position < table.n_names else "---:" for position in range(len(table.columns))]
    rows = [[_markdown(name) for name in table.columns], align]
    rows += [[_markdown_cell(table, cell) for cell in row] for row in table.rows]
    lines = [f"### {_markdown(table.title)}", "", *(f"| {' | '.join(row)} |" for row in rows), ""]
    notes = [f"<sup>{letter}</sup> {_markdown(note)}" for letter, note in table.legend()]
    terms = [f"**{_markdown(name)}**: {_markdown(meaning)}" for name, meaning in table.terms]
    for text in filter(None, [_markdown(table.caption), *terms, *notes]):
        lines += [text, ""]
    return "\n".join(lines)


def to_latex(table: Table) -> str:
    """A LaTeX table for the packages booktabs and graphicx, as narrow as the text, its legend and notes below it."""
    names = len(table.columns) - table.n_names
    rows = [" & ".join(_latex_cell(table, cell) for cell in row) + r" \\" for row in table.rows]
    notes = [rf"\textbf{{{_latex(name)}}}: {_latex(meaning)}\par" for name, meaning in table.terms]
    notes += [rf"\textsuperscript{{{letter}}} {_latex(note)}\par" for letter, note in table.legend()]
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_latex(f'{table.title}. {table.caption}'.strip())}}}",
        r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        rf"\begin{{tabular}}{{{'l' * table.n_names}{'r' * names}}}",
        r"\toprule",
        " & ".join(map(_latex, table.columns)) + r" \\",
        r"\midrule",
        *rows,
        r"\bottomrule",
        r"\end{tabular}}",
        *notes,
        r"\end{table}",
        "",
    ]
    return "\n".join(lines)


def to_csv(summary: Summary) -> str:
    """Raw numbers at full precision as one long table, with the name of the table in the first column."""
    frames = {name: frame for section in summary.sections for name, frame in section.frames.items()}
    parts = [frame.astype(object).assign(table=name, origin=summary.origin) for name, frame in frames.items()]
    table = pd.concat(parts, ignore_index=True)
    return to_csv_text(table[["table", *table.columns.drop("table")]])


def to_json(summary: Summary) -> str:
    """Raw numbers at full precision, by section and table; missing values are null."""
    tables = {
        section.name: {
            name: json.loads(frame.to_json(orient="records", double_precision=15))
            for name, frame in section.frames.items()
        }
        for section in summary.sections
    }
    facts = {"title": summary.title, "origin": summary.origin, "provenance": summary.provenance}
    return json.dumps({**facts, "problems": summary.problems, "tables": tables}, indent=1, default=plain)


def _each_table(write: Callable[[Table], str], summary: Summary) -> str:
    return "\n".join(write(table) for table in summary.tables if table.rows)


WRITERS: Mapping[str, Callable[[Summary], str]] = {
    "csv": to_csv,
    "json": to_json,
    "markdown": partial(_each_table, to_markdown),
    "latex": partial(_each_table, to_latex),
}


def _rich_cell(table: Table, cell: Cell) -> Text:
    marks = f" ({table.marks(cell)})" if cell.notes else ""
    style = "bold" if cell.strong else "dim" if cell.quiet else ""
    return Text(clean(cell.text) + ("*" if cell.strong else "") + marks, style=style)


def _markdown(text: str) -> str:
    return clean(text).translate(MARKDOWN).replace("](", "]\\(")


def _latex(text: str) -> str:
    return clean(text).translate(LATEX)


def _markdown_cell(table: Table, cell: Cell) -> str:
    text = _markdown(cell.text)
    marks = f"<sup>{table.marks(cell)}</sup>" if cell.notes else ""
    return (f"**{text}**" if cell.strong else text) + marks


def _latex_cell(table: Table, cell: Cell) -> str:
    text = _latex(cell.text)
    marks = rf"\textsuperscript{{{table.marks(cell)}}}" if cell.notes else ""
    return (rf"\textbf{{{text}}}" if cell.strong else text) + marks
