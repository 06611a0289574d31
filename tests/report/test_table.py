"""Cells, notes and numbers as text."""

from types import SimpleNamespace

import numpy as np
import pytest

from ecglens.report.table import Cell, Table, cautions, gap_cell, interval, named, number, p_text, texts


def mean(**facts) -> SimpleNamespace:
    return SimpleNamespace(**{"mean": 0.5, "low": 0.4, "high": 0.6, "n_undefined": 0} | facts)


def test_notes_get_letters_in_the_order_of_their_appearance() -> None:
    notes = tuple(f"note {i}" for i in range(28))
    table = Table("t", ("a", "b"), ((Cell("x", notes), Cell("y", ("note 1", "note 27"))),))
    assert [letter for letter, _ in table.legend()][-3:] == ["z", "aa", "ab"]
    assert [note for _, note in table.legend()] == list(notes)
    assert table.marks(table.rows[0][1]) == "b,ab"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.005, 2, "0.01"), (-0.0001, 2, "0.00"), (-0.005, 2, "-0.01"), (1234.5, 2, "1,234.50"), (1234, 0, "1,234"),
        (None, 0, "–"), (np.nan, 2, "–"),
    ],
)  # fmt: skip
def test_numbers(value, digits, text) -> None:
    assert number(value, digits) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0, "< 0.001"), (0.00099, "< 0.001"), (0.001, "0.001"), (0.0449, "0.045"), (1.0, "1.000"), (np.nan, "–")],
)
def test_p_values_are_never_rounded_to_zero(p, text) -> None:
    assert p_text(p) == text


def test_a_mean_has_its_interval() -> None:
    assert interval(mean()) == "0.50 [0.40, 0.60]"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, []),
        ({"n_undefined": 1}, ["left out: 1 fit (fold and draw) without a defined value"]),
        ({"n_undefined": 2}, ["left out: 2 fits (fold and draw) without a defined value"]),
        ({"high": 0.4}, ["all folds score alike"]),
        ({"high": 0.4 + 1e-8}, []),
        ({"low": np.nan, "high": np.nan}, []),
    ],
)
def test_cautions(facts, words) -> None:
    found = cautions(mean(**facts))
    assert len(found) == len(words)
    assert all(text.startswith(word) for text, word in zip(found, words, strict=True))


@pytest.mark.parametrize(
    ("status", "word"), [("cannot-fill", "cannot fill"), ("failed", "failed"), ("missing", "not computed")]
)
def test_a_gap_has_a_word_and_its_reason_and_steps_back(status, word) -> None:
    assert gap_cell(status, "why") == Cell(word, ("why",), quiet=True)


def test_cells_stay_cells() -> None:
    own = Cell("x", strong=True)
    assert texts(own, 5, "y") == (own, Cell("5"), Cell("y"))


def test_shuffled_labels_are_named() -> None:
    assert [named("conv", labels) for labels in ("true", "shuffled")] == ["conv", "conv, shuffled labels"]
