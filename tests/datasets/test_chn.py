"""CHN in both layouts: the manifest of the real records, and the real defects in their places."""

import csv
import shutil

import pytest

from ecglens.datasets.chn import Chn
from ecglens.errors import DatasetError
from ecglens.records import Defect


def test_real_records_equal_the_manifest(shared):
    with (shared / "ecg" / "manifest_wfdb_challenge_format.csv").open() as file:
        expected = {row["record"]: row for row in csv.DictReader(file) if row["dataset"] == "chn"}
    index = Chn(shared / "ecg" / "chn").index()
    assert index.defects == ()
    assert {name: set(codes) for name, codes in index.records["codes"].items()} == {
        name: set(row["dx"].split(",")) for name, row in expected.items()
    }
    assert {f"chn/{path}" for path in index.records["path"]} == {row["file"] for row in expected.values()}


def test_real_constant_leads_are_left_out(shared):
    dataset = Chn(shared / "ecg" / "chn")
    ids = list(dataset.index().records.index)
    found = {defect.record_id: defect.reason for defect in dataset.read(ids) if isinstance(defect, Defect)}
    assert found == dict.fromkeys(("JS11438", "JS45542", "JS45544"), "flat-lead")


def test_folder_of_the_records_is_a_root(shared):
    root = shared / "ecg" / "chn"
    assert Chn(root).index().records.index.equals(Chn(root / "WFDBRecords").index().records.index)


@pytest.mark.parametrize("top", ["training/", ""])
def test_challenge_layout_holds_both_parts(tmp_path, write_record, top):
    write_record(tmp_path / f"{top}chapman_shaoxing" / "g1", "JS00001", seed=1)
    write_record(tmp_path / f"{top}ningbo" / "g2", "JS10647", seed=2)
    write_record(tmp_path / f"{top}georgia" / "g1", "E00001")
    assert list(Chn(tmp_path).index().records.index) == ["JS00001", "JS10647"]


@pytest.mark.parametrize(
    ("fault", "record", "reason", "when"),
    [
        ("lost_newline", "JS00010", "header", "index"),
        ("orphan_name", "S17194", "header", "index"),
        ("saturated_nan", "JS20003", "nan", "read"),
        ("truncated", "JS20003", "truncated", "read"),
    ],
)
def test_real_defects_are_left_out_and_the_others_read(shared, tmp_path, write_record, fault, record, reason, when):
    shutil.copytree(shared / "ecg" / "defects" / fault, tmp_path / "WFDBRecords" / "01" / "010")
    write_record(tmp_path / "WFDBRecords" / "01" / "011", "JS40000")
    dataset = Chn(tmp_path)
    index = dataset.index()
    ids = list(index.records.index)
    read = [found for found in dataset.read(ids) if isinstance(found, Defect)]
    defects = {"index": index.defects, "read": tuple(read)}
    assert (record, reason) in [(defect.record_id, defect.reason) for defect in defects.pop(when)]
    assert [*defects.values()] == [()]
    assert "JS40000" in ids


@pytest.mark.parametrize("top", ["training/chapman_shaoxing/g1", "WFDBRecords/01/010"])
def test_the_site_is_the_hospital(tmp_path, write_record, top):
    write_record(tmp_path / top, "JS10646", seed=1)
    write_record(tmp_path / top.replace("chapman_shaoxing", "ningbo"), "JS10647", seed=2)
    records = Chn(tmp_path).index().records
    assert records["site"].to_dict() == {"JS10646": "Chapman-Shaoxing", "JS10647": "Ningbo"}


def test_real_fibrillation_is_coded_in_one_site_only(shared):
    records = Chn(shared / "ecg" / "chn").index().records
    coded = records["codes"].map(lambda codes: "164889003" in codes)
    assert set(records["site"]) == {"Chapman-Shaoxing", "Ningbo"}
    assert set(records.loc[coded, "site"]) == {"Chapman-Shaoxing"}


def test_georgia_is_refused(shared):
    with pytest.raises(DatasetError, match="looks like georgia"):
        Chn(shared / "ecg" / "georgia")


def test_a_signal_file_without_header_is_a_defect(tmp_path, write_record) -> None:
    folder = tmp_path / "WFDBRecords" / "01" / "010"
    write_record(folder, "JS00001", seed=1)
    write_record(folder, "JS00002", seed=2).unlink()
    index = Chn(tmp_path).index()
    assert list(index.records.index) == ["JS00001"]
    assert [(defect.record_id, defect.reason) for defect in index.defects] == [("JS00002", "missing-file")]
