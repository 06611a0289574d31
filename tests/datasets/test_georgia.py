"""Georgia against the manifest of the real records, and made records with every tolerated and refused oddity."""

import csv
import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecglens.datasets import open_dataset
from ecglens.datasets.georgia import Georgia
from ecglens.errors import ConfigError, DatasetError
from ecglens.records import COLUMNS, Defect


def test_real_records_equal_the_manifest(shared):
    with (shared / "ecg" / "manifest_wfdb_challenge_format.csv").open() as file:
        expected = {row["record"]: row for row in csv.DictReader(file) if row["dataset"] == "georgia"}
    index = Georgia(shared / "ecg" / "georgia").index()
    assert index.defects == ()
    assert sorted(index.records.index) == sorted(expected)
    for record_id, row in index.records.iterrows():
        facts = expected[record_id]
        assert row["codes"] == list(dict.fromkeys(facts["dx"].split(",")))
        assert row["sex"] == facts["sex"][0]
        assert pd.isna(row["age"]) if facts["age"] == "NaN" else row["age"] == float(facts["age"])
        assert (row["fs"], row["n_samples"], row["patient_id"]) == (500, int(facts["samples"]), record_id)
        assert facts["file"] == f"georgia/{row['path']}"
    assert index.records.dtypes.astype(str).to_dict() == dict(COLUMNS)


def test_every_folder_on_the_way_is_a_root(shared):
    root = shared / "ecg" / "georgia"
    ids = [list(Georgia(root / below).index().records.index) for below in ("", "training", "training/georgia")]
    assert ids[0] == ids[1] == ids[2]
    assert len(ids[0]) == 37
    assert len(Georgia(root / "training" / "georgia" / "g1").index().records) == 9


def test_records_lists_are_not_needed(tmp_path, write_record):
    write_record(tmp_path / "training" / "georgia" / "g1", "E00001")
    assert list(Georgia(tmp_path).index().records.index) == ["E00001"]


@pytest.mark.parametrize(
    ("comments", "codes"),
    [
        (("Dx: 164889003,,426783006,", "Age: 5"), ["164889003", "426783006"]),
        ((" Dx: 426783006, 164889003 ,426783006",), ["426783006", "164889003"]),
        (("Dx:164889003",), ["164889003"]),
        (("Dx: 164889003;426783006",), ["164889003", "426783006"]),
        (("Dx: 164889003 426783006",), ["164889003", "426783006"]),
        (("Dx: 164889003", "Age: 5", "Dx: 426783006"), ["164889003", "426783006"]),
        (("Dx: 164889003,", "426783006", "Age: 5"), ["164889003", "426783006"]),
        (("Dx: ['164889003', '426783006']",), ["164889003", "426783006"]),
        (("DX: 164889003.0",), ["164889003"]),
    ],
)
def test_lists_of_codes_are_forgiven(tmp_path, write_record, comments, codes):
    write_record(tmp_path, "E00001", comments=comments)
    assert Georgia(tmp_path).index().records["codes"].tolist() == [codes]


@pytest.mark.parametrize(
    ("comments", "age", "sex"),
    [
        (("Age: NaN", "Sex: Female"), None, "F"),
        (("Age: -1", "Sex: Unknown"), None, None),
        (("Age: 61.5", "Sex: m"), 61.5, "M"),
        (("Age: 300", "Sex: F"), 90, "F"),
        (("Age: 121", "Sex: Male"), None, "M"),
        (("Age: 50", "Age: 60", "Sex: F", "Sex: F"), None, "F"),
        (("age: 50", "SEX: FEMALE"), 50, "F"),
        (("Age: old",), None, None),
        ((), None, None),
    ],
)
def test_age_and_sex(tmp_path, write_record, comments, age, sex):
    write_record(tmp_path, "E00001", comments=(*comments, "Dx: 426783006"))
    row = Georgia(tmp_path).index().records.loc["E00001"]
    assert [None if pd.isna(row[key]) else row[key] for key in ("age", "sex")] == [age, sex]


def test_bad_records_are_left_out_and_the_others_read(tmp_path, write_record):
    noise = np.random.default_rng(1).normal(0, 300, (600, 12)).astype("<i2")
    flat, invalid = noise.copy(), noise.copy()
    flat[:, 7] = 5
    invalid[10, 3] = -32768
    for number in (1, 2, 3):
        write_record(tmp_path / "g1", f"E0000{number}", seed=number)
    write_record(tmp_path / "g1", "E00011", steps=flat)
    write_record(tmp_path / "g1", "E00012", steps=invalid)
    write_record(tmp_path / "g1", "E00013", steps=(noise // 300))
    write_record(tmp_path / "g1", "E00014", leads=("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5"))
    write_record(tmp_path / "g1", "E00015", comments=("Age: 3",))
    write_record(tmp_path / "g1", "JS00001")
    write_record(tmp_path / "g2", "E00002", seed=9)
    write_record(tmp_path / "g2", "E00016").with_suffix(".mat").unlink()
    dataset = Georgia(tmp_path)
    index = dataset.index()
    read = dict(zip(index.records.index, dataset.read(list(index.records.index)), strict=True))
    defects = {defect.record_id: defect.reason for defect in index.defects}
    defects |= {name: found.reason for name, found in read.items() if isinstance(found, Defect)}
    assert defects == {
        "E00002": "duplicate-id",
        "E00011": "flat-lead",
        "E00012": "nan",
        "E00013": "amplitude",
        "E00014": "missing-lead",
        "E00015": "unlabelled",
        "E00016": "missing-file",
        "JS00001": "header",
    }
    for number in (1, 2, 3):
        expected = np.random.default_rng(number).normal(0, 300, (600, 12)).astype("<i2").T / 1000
        np.testing.assert_allclose(read[f"E0000{number}"], expected, rtol=1e-6)


def test_read_keeps_the_order_asked_for(shared):
    dataset = Georgia(shared / "ecg" / "georgia")
    ids = list(dataset.index().records.index)[:5]
    forwards, backwards = dataset.read(ids), dataset.read(ids[::-1])
    for one, other in zip(forwards, backwards[::-1], strict=True):
        np.testing.assert_array_equal(one, other)
    (unknown,) = dataset.read(["E99999"])
    assert unknown.reason == "missing-file"


def test_real_legacy_header_is_left_out(shared, tmp_path):
    shutil.copytree(shared / "ecg" / "defects" / "legacy_header", tmp_path / "g7")
    index = Georgia(tmp_path).index()
    assert [(defect.record_id, defect.reason) for defect in index.defects] == [("E06320", "header")]
    assert index.records.empty


def test_wrong_roots_are_refused(tmp_path, write_record):
    with pytest.raises(DatasetError, match="no folder"):
        Georgia(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match="is empty"):
        Georgia(tmp_path)
    write_record(tmp_path, "JS00001")
    with pytest.raises(DatasetError, match="looks like chn"):
        Georgia(tmp_path)
    (tmp_path / "ptbxl_database.csv").touch()
    with pytest.raises(DatasetError, match="looks like ptb-xl and chn"):
        Georgia(tmp_path)


def test_unknown_option_is_refused(shared):
    with pytest.raises(ConfigError, match="georgia"):
        open_dataset("georgia", shared / "ecg" / "georgia", fs=100)


@pytest.mark.parametrize(
    "dx", ["Unknown", "nan", "N/A", "", "AF", "16488900", "164889003426783006", "426783006,x", "426783006,Unknown"]
)
def test_what_is_no_list_of_codes_is_left_out(tmp_path, write_record, dx):
    write_record(tmp_path, "E00001", comments=(f"Dx: {dx}",))
    write_record(tmp_path, "E00002", seed=2)
    index = Georgia(tmp_path).index()
    assert list(index.records.index) == ["E00002"]
    assert [(defect.record_id, defect.reason) for defect in index.defects] == [("E00001", "unlabelled")]


def test_records_behind_links_are_read_and_hidden_copies_are_none(tmp_path, write_record):
    root, disk = tmp_path / "root", tmp_path / "disk"
    write_record(root / "g1", "E00001", seed=1)
    write_record(root / "g1" / ".ipynb_checkpoints", "E00001", seed=9)
    (root / "g1" / "._E00001.hea").write_bytes(b"\0\5\x16\7")
    write_record(disk, "E00002", seed=2)
    (root / "g2").symlink_to(disk)
    (root / "g3").symlink_to(tmp_path / "not mounted")
    dataset = Georgia(root)
    index = dataset.index()
    assert index.records["path"].to_dict() == {"E00001": "g1/E00001", "E00002": "g2/E00002"}
    assert [(defect.record_id, defect.reason) for defect in index.defects] == [("g3", "missing-file")]
    for seed, signal in enumerate(dataset.read(["E00001", "E00002"]), start=1):
        expected = np.random.default_rng(seed).normal(0, 300, (600, 12)).astype("<i2").T / 1000
        np.testing.assert_allclose(signal, expected, rtol=1e-6)


def test_the_record_itself_wins_over_a_copy_that_lies_deeper(tmp_path, write_record):
    write_record(tmp_path / "a copy" / "g1", "E00001", seed=9)
    write_record(tmp_path / "g1", "E00001", seed=1)
    index = Georgia(tmp_path).index()
    assert index.records["path"].tolist() == ["g1/E00001"]
    assert [(defect.record_id, defect.reason) for defect in index.defects] == [("E00001", "duplicate-id")]


def test_names_that_are_not_utf8_can_be_stored(tmp_path, write_record):
    folder = tmp_path / os.fsdecode(b"g\xff")
    write_record(folder, "E00001", seed=1)
    for kind in ("hea", "mat"):
        shutil.copy(folder / f"E00001.{kind}", folder / os.fsdecode(b"E\xb8\xb1." + kind.encode()))
    dataset = Georgia(tmp_path)
    index = dataset.index()
    assert [(defect.record_id, defect.reason) for defect in index.defects] == [(r"E\udcb8\udcb1", "header")]
    stored = [*index.records["path"], *(defect.detail for defect in index.defects)]
    assert all(text.isprintable() and text.encode() for text in stored)
    assert dataset.read(["E00001"])[0].shape == (12, 600)


def test_what_the_system_refuses_to_read_may_pass(tmp_path, write_record, monkeypatch):
    write_record(tmp_path, "E00001", seed=1)
    write_record(tmp_path, "E00002", seed=2)
    real = Path.open

    def refuse(path, *args, **options):
        if path.name == "E00001.mat":
            raise OSError(errno.EIO, "Input/output error")
        return real(path, *args, **options)

    dataset = Georgia(tmp_path)
    monkeypatch.setattr(Path, "open", refuse)
    assert [getattr(found, "reason", "read") for found in dataset.read(["E00001", "E00002"])] == ["read-error", "read"]
    monkeypatch.undo()
    assert [getattr(found, "reason", "read") for found in dataset.read(["E00001", "E00002"])] == ["read", "read"]
