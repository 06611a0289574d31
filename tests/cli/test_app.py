import subprocess
import sys

import pytest
from typer.testing import CliRunner

from ecglens.cli import app, main
from ecglens.datasets.simulated import simulate

STUDY = """
name: small
datasets: [{name: simulated-georgia, reader: georgia, root: georgia}]
encoders: [age-sex]
tasks: [af]
sizes: {tiny: 20}
folds: 3
probes: [decision-tree]
attribution: {top_k: 2}
geometry: {seeds: 2}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("cli")
    simulate(root / "georgia", "georgia", 60, 1)
    (root / "study.yaml").write_text(STUDY)
    return root


def invoke(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_run_prints_the_tables_and_writes_the_report(folder) -> None:
    printed = invoke("run", folder / "study.yaml", "--out", folder / "run", "--workers", 1)
    assert "simulated-georgia" in printed
    assert "age-sex" in printed
    assert str(folder / "run" / "report.html") in printed.replace("\n", "")
    assert (folder / "run" / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize(("option", "mark"), [("--csv", ","), ("--latex", r"\toprule"), ("--markdown", "|")])
def test_results_in_every_form(folder, option: str, mark: str) -> None:
    invoke("run", folder / "study.yaml", "--out", folder / "run", "--workers", 1)
    printed = invoke("results", folder / "run", option)
    assert mark in printed
    assert "age-sex" in printed


def test_dry_run_counts_and_writes_nothing(folder) -> None:
    printed = invoke("run", folder / "study.yaml", "--out", folder / "dry", "--dry-run")
    assert "probe fits" in printed
    assert str(2 * 1 * 3) in printed  # true and shuffled labels, one probe, three folds
    assert not (folder / "dry").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tasks", "show", "AF"], "ConfigError: unknown task 'AF'"),
        (["data", "check", "georgia", "/no/such/folder"], "DatasetError"),
        (["encoders", "check", "age-sex", "-o", "dim"], "write KEY=VALUE"),
        (["encoders", "check", "age-sex", "-o", "name=x"], "--option name: "),
        (["data", "check", "georgia", ".", "-o", "root=x"], "--option root: "),
        (["data", "check", "georgia", "/no/\x1b[31mfolder"], "/no/\\x1b[31mfolder"),
        (["encoders", "pull", "age-sex"], "no published weights"),
        (["encoders", "check", "ecg-jepa"], "ecglens encoders pull ecg-jepa"),
        (["run", "/no/such/study.yaml", "--out", "never"], "cannot read the study file"),
        (["results", "/no/such/run"], "not a run folder"),
    ],
)
def test_what_is_refused_is_one_clear_message_and_exit_code_2(words, message, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["ecglens", *words])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert "Traceback" not in printed


def test_the_command_is_installed() -> None:
    command = [sys.executable, "-c", "from ecglens.cli import main; main()", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.startswith("ecglens ")
