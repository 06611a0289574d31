import numpy as np
import pytest

from ecglens.datasets import DATASETS, Dataset
from ecglens.datasets.base import SIMULATED_MARK, Checked, is_simulated, read_each
from ecglens.errors import RecordError
from ecglens.records import READ_ERROR, Defect


def test_results_keep_the_order_of_the_ids_and_defects_their_reason() -> None:
    good = np.random.default_rng(0).normal(size=(12, 500)).astype(np.float32)

    def read_one(record_id):
        if record_id == "absent":
            raise RecordError("missing-file", "no such file")
        if record_id == "locked":
            raise PermissionError("locked by another process")
        return np.zeros_like(good) if record_id == "flat" else good

    found = read_each(["good", "absent", "locked", "flat"], read_one)
    assert isinstance(found, Checked)
    assert found[0] is good
    assert [(each.record_id, each.reason) for each in found[1:]] == [
        ("absent", "missing-file"),
        ("locked", READ_ERROR),
        ("flat", "flat-lead"),
    ]
    assert all(isinstance(each, Defect) for each in found[1:])


def test_a_fault_of_the_reader_is_passed_on() -> None:
    def read_one(record_id):
        raise KeyError(record_id)

    with pytest.raises(KeyError):
        read_each(["a"], read_one)


def test_simulated_records_are_recognised_by_their_file(tmp_path) -> None:
    assert not is_simulated(tmp_path)
    (tmp_path / SIMULATED_MARK).mkdir()
    assert not is_simulated(tmp_path)
    (tmp_path / SIMULATED_MARK).rmdir()
    (tmp_path / SIMULATED_MARK).touch()
    assert is_simulated(tmp_path)


def test_built_in_readers_follow_the_contract() -> None:
    names = {name for name in dir(Dataset) if not name.startswith("_")}
    for reader in map(DATASETS.load, DATASETS.builtins):
        assert names <= {*dir(reader), "root"}
