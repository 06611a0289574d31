"""What the command line shows, as text that arrives at a pipe."""

import pandas as pd
import pytest

from ecglens.cli.console import (
    PIPE_WIDTH,
    make_console,
    print_facts,
    print_frame,
    print_sentence,
    print_texts,
    progress_bars,
)


@pytest.fixture(autouse=True)
def pipe(monkeypatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


def test_a_pipe_has_a_fixed_width_unless_the_user_gives_one(monkeypatch) -> None:
    assert make_console().width == PIPE_WIDTH
    monkeypatch.setenv("COLUMNS", "50")
    assert make_console().width == 50


def test_facts_stand_in_two_columns(capsys) -> None:
    print_facts("af", {"codes": ["AFIB", "AFLT"], "notes": ["one line", "another"], "set": {"b", "a"}, "n": 3})
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [["af"], ["codes", "AFIB,", "AFLT"], ["notes", "one", "line"], ["another"], ["set", "a,", "b"],
                     ["n", "3"]]  # fmt: skip


def test_numbers_have_three_digits_and_no_negative_zero(capsys) -> None:
    print_frame("scores", pd.DataFrame({"value": [0.12345, float("nan"), -0.0001], "metric": ["f1", "auroc", "mcc"]}))
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert [line for line in lines if line[0] in ("f1", "auroc", "mcc")] == [["f1", "0.123"], ["auroc", "–"],
                                                                              ["mcc", "0.000"]]  # fmt: skip


def test_brackets_and_escapes_of_foreign_text_are_shown_not_obeyed(capsys) -> None:
    hostile = "[bold]x[/bold] \x1b[31m"
    print_sentence(hostile)
    print_facts(hostile, {hostile: hostile})
    print_texts("t", pd.DataFrame({"name": [hostile]}), n_names=1)
    printed = capsys.readouterr().out
    assert printed.count("[bold]x[/bold]") == 5
    assert "\x1b" not in printed


def test_progress_is_silent_in_a_pipe_and_knows_whether_anything_was_computed(capsys) -> None:
    with progress_bars() as bars:
        bars.stage("probe", 0)
        bars.advance(1)
        bars.stage("embed", 5)
        assert not bars.computed
        bars.show(1, 2)
        bars.stage("geometry", 1)
        bars.advance(1)
        assert bars.computed
    assert capsys.readouterr() == ("", "")
