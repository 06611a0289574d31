"""The job that indexes a data set writes what it found, facts first."""

from collections import Counter
from dataclasses import asdict

import pandas as pd
import pytest

from ecglens.datasets import open_dataset
from ecglens.datasets.validate.inspection import inspect_records
from ecglens.files import is_whole, read_json, read_table
from ecglens.study.fields import DatasetEntry
from ecglens.study.stages import IndexTask, index


@pytest.fixture(scope="module")
def root(data_of, tmp_path_factory):
    """Records, one of them without signals and one the copy of another."""
    root = data_of(tmp_path_factory.mktemp("stages"), layouts=("georgia",), n_records=12) / "georgia"
    first, second, third = sorted(root.rglob("*.mat"))[:3]
    first.write_bytes(b"")
    third.write_bytes(second.read_bytes())
    return root


@pytest.fixture
def task(root, tmp_path) -> IndexTask:
    return IndexTask(DatasetEntry(name="mine", reader="georgia", root=root), tmp_path / "records" / "mine.parquet")


def test_usable_records_and_facts_are_those_of_the_inspection(task, root) -> None:
    index(task)
    dataset = open_dataset("georgia", root, name="mine")
    expected = inspect_records(dataset)
    pd.testing.assert_frame_equal(read_table(task.output), expected.records, check_index_type=False)
    facts = read_json(task.output.with_suffix(".json"))
    assert facts["defects"] == [asdict(defect) for defect in expected.defects]
    assert len(facts["defects"]) >= 2
    assert facts["summary"]["defects"] == Counter(defect["reason"] for defect in facts["defects"])
    assert facts["summary"]["usable"] + len(facts["defects"]) == facts["summary"]["listed"]
    assert facts["card"]["vocabulary"] == dataset.card.vocabulary


def test_a_table_is_never_without_its_facts(task, monkeypatch) -> None:
    """A run that ends between both leaves the facts alone, and the data set is read again."""
    monkeypatch.setattr("ecglens.study.stages.write_frame", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        index(task)
    assert is_whole(task.output.with_suffix(".json"))
    assert not task.output.exists()
