"""The command `run`: what comes first on the screen and in the report, what survives, exit codes."""

import io
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from ecglens.cli import main
from ecglens.datasets.simulated import simulate

STUDY = {
    "name": "nothing",
    "datasets": ["georgia", {"name": "broken", "reader": "georgia"}],
    "encoders": ["age-sex"],
    "tasks": ["af"],
    "sizes": {"T": 12},
    "draws": 1,
    "folds": 3,
    "probes": ["logistic-regression"],
    "attribution": {"seeds": 1, "halves": 0, "top_k": 2, "cutoffs": [2]},
    "geometry": {"seeds": 1, "repeats": 2, "permutations": 10, "bootstraps": 10},
}
USABLE = "broken: none of 6 listed records is usable: "
SCORE = "No score could be computed. The most frequent reason: a draw of 12 records (equal) needs 6 positives"


@pytest.fixture
def study(tmp_path) -> Path:
    """A study of six records too few, and of six records that cannot be read."""
    for name in ("georgia", "broken"):
        simulate(tmp_path / "data" / name, "georgia", 6, 3)
    for header in (tmp_path / "data" / "broken").rglob("*.hea"):
        header.write_text("no header\n")
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(STUDY | {"data": str(tmp_path / "data")}))
    return tmp_path / "study.yaml"


def call(monkeypatch, *words) -> tuple[int, str]:
    """Exit code and output of a command whose output is Latin-1."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "argv", ["ecglens", *map(str, words)])
    monkeypatch.setattr(sys, "stdout", out)
    with pytest.raises(SystemExit) as caught:
        main()
    out.flush()
    return caught.value.code or 0, out.buffer.getvalue().decode("latin-1")


def test_a_study_that_computes_nothing_says_so_first_and_fails(study, monkeypatch) -> None:
    out = study.parent / "run"
    code, printed = call(monkeypatch, "run", study, "--out", out, "--workers", 1)
    assert code == 1
    assert printed.startswith(USABLE)
    assert SCORE in printed.split("Records")[0]
    report = (out / "report.html").read_text()
    assert report.index(USABLE) < report.index(SCORE) < report.index("<nav")

    code, printed = call(monkeypatch, "run", study, "--out", out, "--workers", 1)
    assert code == 1
    assert printed.startswith(f"nothing to do: everything was computed before\n{USABLE}")


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_a_wrong_run_folder_is_refused_before_any_work(study, dry, monkeypatch, capsys) -> None:
    (study.parent / "file").touch()
    for out, message in [("file", "Not a directory"), ("data", "is inside the data set"), ("", "but no run")]:
        place = study.parent / out / ("georgia/run" if out == "data" else "")
        code, printed = call(monkeypatch, "run", study, "--out", place, *dry)
        assert (code, printed) == (2, "")
        error = capsys.readouterr().err
        assert error.startswith("StoreError: ")
        assert message in error


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--csv", "none/x.csv"], "there is no folder none"),
        (["--csv", "."], "is a folder"),
        (["--picture", "none/x.svg"], "there is no folder none"),
        (["--picture", "x.doc"], "pictures end in .svg, .png, .pdf"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_work(words, message, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    started = time.monotonic()
    assert call(monkeypatch, "calibrate", *words) == (2, "")
    assert message in " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert time.monotonic() - started < 5


def test_an_error_of_the_system_is_one_line(tmp_path, monkeypatch, capsys) -> None:
    (tmp_path / "file").touch()
    code, _ = call(monkeypatch, "data", "simulate", tmp_path / "file" / "below")
    error = capsys.readouterr().err
    assert code == 2
    assert error.count("\n") == 1
    assert f"{tmp_path}/file/below" in error
    assert "Not a directory. Fix the problem, or choose another place" in error


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_with_a_line_that_says_how_to_go_on(study, number, code) -> None:
    words = [sys.executable, "-c", "from ecglens.cli import main; main()", "run", study, "--out", study.parent / "run"]
    process = subprocess.Popen([*words, "--workers", "2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (study.parent / "run" / ".lock").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (out, err.strip(), process.returncode) == ("", "stopping; run the same command again to continue", code)
