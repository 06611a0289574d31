"""Inspections of real and made data sets against counts made by hand."""

import json
import shutil
from dataclasses import asdict

import numpy as np
import pytest

from ecglens.datasets import open_dataset
from ecglens.datasets.base import SIMULATED_MARK
from ecglens.datasets.georgia import Georgia
from ecglens.datasets.validate.inspection import inspect_records, summarise
from ecglens.tasks import TASKS


def test_real_duplicate_is_left_out(shared):
    dataset = Georgia(shared / "ecg" / "georgia")
    inspection = inspect_records(dataset)
    (defect,) = inspection.defects
    assert (defect.record_id, defect.reason) == ("E07510", "duplicate-signal")
    assert "E07509" in defect.detail
    assert len(inspection.records) == 36
    first = (dataset.root / "training/georgia/g8/E07509.mat").read_bytes()
    assert first == (dataset.root / "training/georgia/g8/E07510.mat").read_bytes()


def test_digests_tell_signals_apart_as_bytes_do(tmp_path, write_record):
    seeds = {"E00001": 1, "E00002": 2, "E00003": 1, "E00004": 3, "E00005": 1}
    for name, seed in seeds.items():
        write_record(tmp_path, name, seed=seed, kind="dat" if name == "E00003" else "mat")
    inspection = inspect_records(Georgia(tmp_path), batch=2)
    assert list(inspection.records.index) == ["E00001", "E00002", "E00004"]
    assert inspection.records["signal_digest"].str.fullmatch("[0-9a-f]{16}").all()
    assert {defect.record_id: defect.detail[-6:] for defect in inspection.defects} == dict.fromkeys(
        ("E00003", "E00005"), "E00001"
    )


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_batches_make_no_difference_and_progress_is_told(shared, batch):
    dataset = Georgia(shared / "ecg" / "georgia")
    told = []
    inspection = inspect_records(dataset, batch=batch, on_progress=lambda done, total: told.append((done, total)))
    whole = inspect_records(dataset)
    assert inspection.records.equals(whole.records)
    assert inspection.defects == whole.defects
    assert told[-1] == (37, 37)
    assert [done for done, _ in told] == [*range(batch, 37, batch), 37]


def test_lengths_are_those_of_the_signals(shared):
    dataset = open_dataset("code-15", shared / "ecg" / "code-15")
    inspection = inspect_records(dataset)
    signals = dataset.read(list(inspection.records.index))
    assert inspection.records["n_samples"].tolist() == [signal.shape[1] for signal in signals]
    assert [(defect.record_id, defect.reason) for defect in inspection.defects] == [("9999999", "empty")]
    assert dataset.index().records["n_samples"].isna().all()


def test_summary_counts(tmp_path, write_record):
    noise = np.random.default_rng(0).normal(0, 300, (500, 12)).astype("<i2")
    flat = noise.copy()
    flat[:, 0] = 0
    write_record(tmp_path, "E00001", seed=1, n=500, comments=("Age: 40", "Sex: Male", "Dx: 164889003"))
    write_record(tmp_path, "E00002", seed=2, n=1000, comments=("Age: 50", "Sex: Female", "Dx: 164890007"))
    write_record(tmp_path, "E00003", seed=3, n=1500, comments=("Age: 90", "Sex: Female", "Dx: 426783006"))
    write_record(tmp_path, "E00004", seed=4, n=5000, fs=1000, comments=("Dx: 713426002",))
    write_record(tmp_path, "E00005", steps=flat)
    write_record(tmp_path, "E00006").write_text("nothing")
    (tmp_path / SIMULATED_MARK).write_text("{}")
    dataset = Georgia(tmp_path)
    inspection = inspect_records(dataset)
    summary = asdict(summarise(inspection, dataset))
    assert json.loads(json.dumps(summary)) == summary == {
        "listed": 6,
        "usable": 4,
        "expected": 10_344,
        "patients": 4,
        "expected_patients": None,
        "has_patient_ids": False,
        "simulated": True,
        "prevalence": {
            "cd": {"positive": 1, "negative": 3, "left_out": 0},
            "cd-core": {"positive": 0, "negative": 3, "left_out": 1},
            "af": {"positive": 1, "negative": 2, "left_out": 1},
            "af-or-afl": {"positive": 2, "negative": 2, "left_out": 0},
        },
        "fs": {"500": 3, "1000": 1},
        "seconds": {"minimum": 1.0, "median": 2.5, "maximum": 5.0},
        "age": {"minimum": 40.0, "median": 50.0, "maximum": 90.0},
        "age_missing": 1,
        "sex": {"F": 2, "M": 1, "unknown": 1},
        "defects": {"header": 1, "flat-lead": 1},
    }  # fmt: skip
    printed = summarise(inspection, dataset).describe()
    assert printed["records"].startswith("4 usable of 6 listed; the complete release has 10,344")
    assert printed["task af"] == "1 positive (33.3%), 2 negative, 1 left out"
    assert printed["length (s), min / median / max"] == "1 / 2.5 / 5"
    assert set(TASKS.names()) <= {name.removeprefix("task ") for name in printed}


def test_nothing_usable_is_a_result(tmp_path, write_record):
    write_record(tmp_path, "E00001").write_text("nothing")
    dataset = Georgia(tmp_path)
    inspection = inspect_records(dataset)
    summary = summarise(inspection, dataset)
    assert (summary.usable, summary.seconds, summary.age, summary.simulated) == (0, None, None, False)
    assert summary.describe()["left out"] == ["header: 1"]
    assert list(inspection.records.columns[-1:]) == ["signal_digest"]


def test_tables_survive_parquet(shared, tmp_path):
    """What a study writes and reads back labels the same records."""
    import pandas as pd

    from ecglens.tasks import get_task, labels

    shutil.copytree(shared / "ecg" / "georgia", tmp_path / "georgia")
    records = inspect_records(Georgia(tmp_path / "georgia")).records
    records.to_parquet(tmp_path / "records.parquet")
    back = pd.read_parquet(tmp_path / "records.parquet")
    for name in TASKS.names():
        before, after = (labels(get_task(name), table["codes"], "snomed-ct") for table in (records, back))
        assert before.tolist() == after.tolist()
