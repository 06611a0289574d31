from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest

from ecglens.datasets import DatasetCard
from ecglens.datasets.challenge import ChallengeDataset
from ecglens.records import Defect

CARD = DatasetCard(
    name="made", title="Made", version="1", licence="", url="", citation="", country="", vocabulary="snomed-ct",
    expected_records=None, expected_patients=None, has_patient_ids=False, layout="a, b/c",
    marks=("a", "b/c", "M*.hea", "z"),
)  # fmt: skip


@dataclass
class Made(ChallengeDataset):
    name: str = "made"
    card: DatasetCard = field(default=CARD, init=False)
    folders: ClassVar[tuple[str, ...]] = ("a", "b/c")
    ids: ClassVar[str] = "M*"


def test_the_folders_that_exist_are_read_and_no_other(tmp_path: Path, write_record) -> None:
    for seed, place in enumerate(("a/g1", "b/c", "elsewhere")):
        write_record(tmp_path / place, f"M{seed}", seed=seed)
    index = Made(tmp_path).index()
    assert sorted(index.records["path"]) == ["a/g1/M0", "b/c/M1"]
    assert index.defects == ()


def test_without_its_folders_the_root_is_read(tmp_path: Path, write_record) -> None:
    write_record(tmp_path, "M0")
    write_record(tmp_path / "deep", "M1", seed=1)
    assert Made(tmp_path).index().records.index.tolist() == ["M0", "M1"]


def test_age_sex_and_codes_are_those_of_the_comments(tmp_path: Path, write_record) -> None:
    write_record(tmp_path, "M0", comments=("Age: 300", "Sex: Female", "Dx: 426783006,164889003", "DX: 426783006"))
    write_record(tmp_path, "M1", comments=("Age: NaN", "Sex: Unknown", "Dx: 426783006"), seed=1)
    records = Made(tmp_path).index().records
    assert records.loc["M0", ["age", "sex", "site"]].tolist() == [90, "F", ""]
    assert records.loc["M0", "codes"] == ["426783006", "164889003"]
    assert records.loc["M1", ["age", "sex"]].isna().all()


@pytest.mark.parametrize("comments", [("Age: 60",), ("Dx: AFIB",), ("Dx: 4267830061",)])
def test_records_without_codes_are_left_out(tmp_path: Path, write_record, comments) -> None:
    write_record(tmp_path, "M0")
    write_record(tmp_path, "M1", comments=comments)
    index = Made(tmp_path).index()
    assert index.records.index.tolist() == ["M0"]
    assert [(each.record_id, each.reason) for each in index.defects] == [("M1", "unlabelled")]


def test_of_two_headers_the_one_nearest_to_the_root_is_read(tmp_path: Path, write_record) -> None:
    write_record(tmp_path / "z", "M0", seed=1)
    write_record(tmp_path / "deep/b/c", "M0")
    index = Made(tmp_path).index()
    assert index.records["path"].tolist() == ["z/M0"]
    assert [(each.record_id, each.reason) for each in index.defects] == [("M0", "duplicate-id")]


def test_other_names_and_files_without_a_header_are_defects(tmp_path: Path, write_record) -> None:
    write_record(tmp_path, "M0")
    write_record(tmp_path, "X1")
    write_record(tmp_path, "M2").unlink()
    defects = {each.record_id: each.reason for each in Made(tmp_path).index().defects}
    assert defects == {"X1": "header", "M2": "missing-file"}


def test_an_unknown_id_is_a_defect(tmp_path: Path, write_record) -> None:
    write_record(tmp_path, "M0")
    signal, unknown = Made(tmp_path).read(["M0", "M7"])
    assert signal.shape == (12, 600)
    assert isinstance(unknown, Defect)
    assert unknown.reason == "missing-file"
