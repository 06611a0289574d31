"""Tables on terminals of any width hold every digit; CSV holds no formula."""

import io

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from rich.text import Text

from ecglens.output import clean, fit_columns, print_grid, to_csv_text


def printed(width: int, columns: list[str], cells: list[list[str]], n_names: int) -> str:
    file = io.StringIO()
    print_grid(Console(file=file, width=width), "title", columns, [[Text(c) for c in row] for row in cells], n_names)
    return file.getvalue()


@pytest.mark.parametrize("width", [30, 40, 60, 80, 100, 160])
@pytest.mark.parametrize("n_names", [0, 1, 3])
def test_no_number_is_cut_at_any_width(width: int, n_names: int) -> None:
    rng = np.random.default_rng(width)
    names = [f"name {position}" for position in range(n_names)]
    columns = names + [f"number {position}" for position in range(9)]
    numbers = [[f"{value:.2f} [{value - 1:.2f}, {value + 1:.2f}]" for value in row] for row in rng.normal(size=(4, 9))]
    rows = [["simulated-ptb-xl-normalised"] * n_names + row for row in numbers]
    text = printed(width, columns, rows, n_names)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    for number in (number for row in numbers for number in row):
        assert number in text or (width == 30 and all(part in text for part in number.split())), number
    for position in range(9):
        assert str(position) in text


def test_a_cell_wider_than_the_terminal_is_folded_not_cut() -> None:
    text = printed(20, ["a", "b"], [["x", "1" * 45]], 1)
    assert text.count("1") == 45
    sentence = "one two three four five six seven eight nine"
    folded = printed(30, ["why"], [[sentence]], 1).split("─")[-1]
    assert " ".join(folded.split()) == sentence


def test_every_column_stands_in_one_table() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        widths = rng.integers(1, 40, size=rng.integers(1, 12)).tolist()
        n_names = int(rng.integers(0, len(widths) + 1))
        blocks = fit_columns(widths, n_names, int(rng.integers(20, 120)))
        assert [position for block in blocks for position in block] == list(range(n_names, len(widths)))


def test_foreign_text_moves_no_cursor() -> None:
    assert clean("\x1b]0;LEAD\x07\r\nV1\u202e") == "\\x1b]0;LEAD\\x07 V1\\u202e"
    assert "\x1b" not in printed(80, ["\x1b[2J", "b"], [["a", "b"]], 1)


@pytest.mark.parametrize("text", ['=HYPERLINK("http:evil","x").hea', "@SUM(1)", "+1+1", "-2+3", "\t=1", "\r=1"])
def test_no_cell_of_a_csv_is_a_formula(text: str) -> None:
    frame = pd.DataFrame(
        {text: [text, "plain"], "value": [-0.5, np.nan], "object": pd.Series([-1.25, text], dtype=object)}
    )
    back = pd.read_csv(io.StringIO(to_csv_text(frame)))
    assert not [cell for cell in [*back.columns, *back.iloc[:, 0]] if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert back["value"].iloc[0] == -0.5
    assert float(back["object"].iloc[0]) == -1.25
