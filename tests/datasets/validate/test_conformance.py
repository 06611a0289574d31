"""The contract test of readers: every fault is a failed check with a remedy, through the API and the command."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.datasets import readers
from typer.testing import CliRunner

from ecglens.cli import app
from ecglens.datasets import open_dataset
from ecglens.datasets.simulated import simulate
from ecglens.datasets.validate.conformance import check_reader
from ecglens.tasks import get_task, labels

CONDUCT = {
    readers.OtherOrder: "order",
    readers.Forgetful: "repeats",
    readers.OneBuffer: "memory",
    readers.UnknownRaises: "unknown id",
    readers.AnyRoot: "empty folder",
    readers.NoName: "constructor",
    readers.OnePatient: "patients",
}
INDEX = {
    readers.NoColumn: "columns",
    readers.UnnamedIndex: "record_id",
    readers.NoPatients: "patient_id",
    readers.MappingCodes: "codes",
    readers.TextRate: "fs",
    readers.SexWords: "sex",
    readers.BareFrame: "index",
    readers.IndexRaises: "index",
    readers.ReadRaises: "read",
    readers.TooFew: "read",
}
RECORDS = {
    readers.JoinedCodes: "codes of a record",
    readers.WildRate: "sampling rate",
    readers.ElevenLeads: "array",
    readers.Doubles: "array",
    readers.OtherLength: "length",
    readers.NotANumber: "finite",
    readers.FlatLeads: "no flat lead",
    readers.Microvolts: "millivolts",
    readers.SwappedLeads: "lead order",
}


@pytest.fixture
def root(tmp_path):
    (tmp_path / "file").touch()
    return tmp_path


def failed(reader, root) -> dict[str, str]:
    report = check_reader(reader, root)
    assert report.passed == all(check.passed is not False for check in report.checks)
    return {check.name: check.detail for check in report.checks if check.passed is False}


@pytest.mark.parametrize("reader", [readers.Sound, readers.OneFlat, readers.OneRaises, readers.OwnVocabulary])
def test_a_sound_reader_passes_and_one_bad_record_changes_nothing(root, reader) -> None:
    assert failed(reader, root) == {}


@pytest.mark.parametrize(("reader", "check"), (CONDUCT | INDEX).items())
def test_each_fault_fails_its_check(root, reader, check) -> None:
    found = failed(reader, root)
    assert next(iter(found)) == check
    assert readers.REFUSED.get(reader, "") in found[check]


@pytest.mark.parametrize(("reader", "check"), RECORDS.items())
def test_faults_of_most_records_are_the_readers(root, reader, check) -> None:
    assert list(failed(reader, root)) == [check, "usable records"]


@pytest.mark.parametrize(
    ("reader", "told"),
    [
        (readers.Sound, "positive and negative: cd 0 and 60, cd-core 0 and 60, af 30 and 30, af-or-afl 30 and 30"),
        (readers.OwnVocabulary, "no codes for vocabulary 'mine': cd, cd-core, af, af-or-afl"),
    ],
)
def test_tasks_are_counted_or_named_as_missing(root, reader, told) -> None:
    (tasks,) = [check for check in check_reader(reader, root).checks if check.name == "tasks"]
    assert tasks.detail == told


def invoke(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_the_command_passes_with_counts(root) -> None:
    found = invoke("data", "check", "tests.datasets.readers:OneFlat", root)
    assert found.exit_code == 0, found.output
    assert "FAIL" not in found.output
    assert "59 usable of 60 listed" in found.output
    assert "left out r7: flat-lead" in found.output


@pytest.mark.parametrize("reader", [*readers.REFUSED, *readers.LEFT_OUT], ids=lambda reader: reader.__name__)
def test_the_command_fails_with_exit_code_1_and_no_traceback(root, reader) -> None:
    found = invoke("data", "check", f"tests.datasets.readers:{reader.__name__}", root)
    assert found.exit_code == 1, found.output
    assert "FAIL" in found.output
    assert "Traceback" not in found.output
    assert readers.REFUSED.get(reader, readers.LEFT_OUT.get(reader)) in found.output


def test_a_built_in_data_set_of_which_nothing_can_be_read_leaves_exit_code_1(tmp_path, write_record) -> None:
    write_record(tmp_path, "E00001").write_text("nothing")
    found = invoke("data", "check", "georgia", tmp_path)
    assert found.exit_code == 1
    assert "None" not in found.output
    assert "constructor" not in found.output


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The example in its own folder, with its records."""
    folder = tmp_path_factory.mktemp("example")
    source = Path(__file__).parents[3] / "examples" / "my_reader.py"
    (folder / "my_reader.py").write_text(source.read_text())
    subprocess.run([sys.executable, "my_reader.py", "records"], cwd=folder, check=True)
    return folder


def test_the_example_passes(example) -> None:
    command = [Path(sys.executable).with_name("ecglens"), "data", "check", "my_reader:MyRecords", "records"]
    found = subprocess.run(command, cwd=example, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "FAIL" not in found.stdout
    assert "24 usable of 24 listed" in found.stdout


def test_the_example_reads_what_was_simulated(example, tmp_path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(example))
    dataset = open_dataset("my_reader:MyRecords", example / "records")
    simulate(tmp_path / "ptb-xl", "ptb-xl", 24, 0)
    source = open_dataset("ptb-xl", tmp_path / "ptb-xl")
    truth, records = source.index().records, dataset.index().records
    columns = ["patient_id", "age", "sex", "fs", "codes"]
    pd.testing.assert_frame_equal(records[columns], truth[columns])
    ids = list(truth.index)
    for mine, theirs in zip(dataset.read(ids), source.read(ids), strict=True):
        assert np.abs(mine - theirs).max() < 6e-4  # rounded to whole microvolts


def documented() -> list[str]:
    text = (Path(__file__).parents[3] / "docs" / "data.md").read_text()
    return re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


def test_the_documentation_shows_the_class_of_the_example(example) -> None:
    assert documented()[0].strip() in (example / "my_reader.py").read_text()


def test_the_documented_task_can_be_loaded(tmp_path, monkeypatch) -> None:
    (tmp_path / "documented_tasks.py").write_text(documented()[1])
    monkeypatch.syspath_prepend(str(tmp_path))
    assert labels(get_task("documented_tasks:PACED"), pd.Series([["PACE"], ["SR"]]), "scp-ecg").tolist() == [1, 0]
