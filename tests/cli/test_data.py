"""The commands `ecglens data`: list, check, simulate."""

import pytest
from typer.testing import CliRunner

from ecglens.cli import app
from ecglens.datasets import DATASETS
from ecglens.datasets.simulated import simulate

READER = """
from ecglens.datasets.georgia import Georgia

class Mine(Georgia):
    pass

class Broken(Georgia):
    def read(self, ids):
        return [signal * 1000 for signal in super().read(ids)]
"""


def invoke(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    return result.exit_code, result.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("cli-data")
    simulate(root / "georgia", "georgia", 20, 1)
    (root / "readers_of_cli_data.py").write_text(READER)
    return root


def test_every_built_in_data_set_is_listed_with_its_card() -> None:
    code, printed = invoke("data", "list")
    assert code == 0
    for name in DATASETS.builtins:
        card = DATASETS.load(name).card
        assert card.title in printed
        assert card.url in printed.replace("\n", "")


def test_a_data_set_is_counted(folder) -> None:
    code, printed = invoke("data", "check", "georgia", folder / "georgia")
    assert code == 0
    assert "20 usable of 20" in printed


def test_a_folder_without_a_usable_record_ends_with_exit_code_1(folder, tmp_path) -> None:
    (tmp_path / "g1").mkdir()
    header = next((folder / "georgia").rglob("*.hea"))
    (tmp_path / "g1" / header.name).write_text(header.read_text())
    code, printed = invoke("data", "check", "georgia", tmp_path)
    assert code == 1
    assert f"left out {header.stem}" in printed


def test_a_reader_of_ones_own_is_held_against_the_contract(folder, monkeypatch) -> None:
    monkeypatch.syspath_prepend(folder)
    code, printed = invoke("data", "check", "readers_of_cli_data:Mine", folder / "georgia", "-o", "name=mine")
    assert (code, "FAIL" in printed) == (0, False), printed
    assert "pass  millivolts" in printed
    code, printed = invoke("data", "check", "readers_of_cli_data:Broken", folder / "georgia")
    assert code == 1
    assert "FAIL  millivolts" in printed


def test_simulated_data_sets_are_written_in_every_layout(tmp_path) -> None:
    code, printed = invoke("data", "simulate", tmp_path / "new", "--records", 2, "--seed", 3)
    assert code == 0
    assert str(tmp_path / "new") in printed.replace("\n", "")
    assert {path.name for path in (tmp_path / "new").iterdir()} == set(DATASETS.builtins)
