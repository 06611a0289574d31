"""The commands `ecglens tasks`: list, show."""

import csv
from importlib.resources import files

import pytest
from typer.testing import CliRunner

from ecglens.cli import app
from ecglens.errors import ConfigError

TABLES = files("ecglens.tasks")
MINE = """
from ecglens.tasks import Task

PACED = Task("paced", "Paced [rhythm]", positive={"scp-ecg": frozenset({"PACE"}), "mine": frozenset({"7", "5"})})
"""


def invoke(*words: str) -> str:
    result = CliRunner().invoke(app, ["tasks", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_every_task_is_listed_once_with_its_title() -> None:
    with (TABLES / "tasks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = {(row["task"], row["title"]) for row in rows}
    lines = [line.split(maxsplit=1) for line in invoke("list").splitlines()]
    assert len(lines) == len({name for name, _ in lines})
    assert expected <= {(name, title) for name, title in lines}


@pytest.mark.parametrize("name", ["af", "cd"])
def test_every_code_of_a_task_is_shown(name) -> None:
    with (TABLES / "codes.csv").open(encoding="utf-8", newline="") as file:
        codes = {(row["vocabulary"], row["code"]) for row in csv.DictReader(file) if row["task"] == name}
    printed = invoke("show", name)
    assert codes
    for vocabulary, code in codes:
        assert f"{vocabulary}, " in printed
        assert f"{code}: " in printed


def test_a_task_of_a_user_is_shown_without_meanings_and_without_markup(tmp_path, monkeypatch) -> None:
    (tmp_path / "tasks_of_cli_tests.py").write_text(MINE)
    monkeypatch.syspath_prepend(str(tmp_path))
    lines = {tuple(line.split()) for line in invoke("show", "tasks_of_cli_tests:PACED").splitlines()}
    assert ("title", "Paced", "[rhythm]") in lines
    assert ("mine,", "positive", "5,", "7") in lines


def test_what_is_no_task_is_refused() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'af'"):
        invoke("show", "AF")
    with pytest.raises(ConfigError, match="is a float, not an ecglens"):
        invoke("show", "math:pi")
