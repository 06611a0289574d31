"""Every file in `examples` works; `examples/my_reader.py` is run by tests/datasets/test_reader_conformance.py."""

from pathlib import Path

from typer.testing import CliRunner

from ecglens.cli import app
from ecglens.datasets.simulated import simulate_all
from ecglens.study import load_study

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"


def test_every_example_is_tested() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.is_file()} == {"my-study.yaml", "my_reader.py"}


def test_my_study_can_be_planned(tmp_path) -> None:
    simulate_all(tmp_path / "ecg", 30, 1)
    (tmp_path / "physionet").mkdir()
    (tmp_path / "ecg" / "ptb-xl").rename(tmp_path / "physionet" / "ptb-xl-1.0.3")
    text = (EXAMPLES / "my-study.yaml").read_text()
    (tmp_path / "study.yaml").write_text(text.replace("/data/", f"{tmp_path}/"))
    found = CliRunner().invoke(app, ["run", str(tmp_path / "study.yaml"), "--out", str(tmp_path / "run"), "--dry-run"])
    assert found.exit_code == 0, found.output
    assert "120" in found.output  # records to read


def test_the_study_of_real_records_is_valid(shared) -> None:
    study = load_study(ROOT / "tests" / "studies" / "real-records.yaml")
    assert len(study.datasets) == 5
