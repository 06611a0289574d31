"""CODE-15% against h5py read by hand, and made parts that are absent, broken or out of order."""

import csv

import h5py
import numpy as np
import pandas as pd
import pytest

from ecglens.datasets.code15 import Code15
from ecglens.errors import ConfigError, DatasetError
from ecglens.records import COLUMNS, Defect

FLAGS = ("1dAVb", "RBBB", "LBBB", "SB", "ST", "AF")
HEAD = ["exam_id", "age", "is_male", *FLAGS, "patient_id", "trace_file"]


def rows_of(root):
    with (root / "exams.csv").open(newline="") as file:
        return {row["exam_id"]: row for row in csv.DictReader(file)}


def write_code15(root, exams, parts):
    """`exams`: rows of the CSV; `parts`: file name to exam ids as stored; an exam has 100 + its id samples of noise."""
    with (root / "exams.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEAD, *exams])
    for name, ids in parts.items():
        tracings = np.zeros((len(ids), 4096, 12), dtype=np.float32)
        for tracing, exam in zip(tracings, ids, strict=True):
            n = 100 + exam if exam else 0
            start = (4096 - n) // 2
            tracing[start : start + n] = signal_of(exam, n)
        with h5py.File(root / name, "w") as file:
            file["exam_id"], file["tracings"] = np.array(ids), tracings
    return Code15(root)


def signal_of(exam, n):
    return np.random.default_rng(exam).normal(0, 1, (n, 12)).astype(np.float32)


def exam(number, part="exams_part0.hdf5", flags=(), patient=None):
    return [number, 50, True, *(name in flags for name in FLAGS), patient or number, part]


@pytest.mark.parametrize("folder", ["code-15", "code-15-real"])
def test_real_table_equals_the_csv(shared, folder):
    root = shared / "ecg" / folder
    index = Code15(root).index()
    rows = rows_of(root)
    assert index.defects == ()
    assert index.records.dtypes.astype(str).to_dict() == dict(COLUMNS)
    assert set(index.records.index) == set(rows)
    for record_id, found in index.records.iterrows():
        row = rows[record_id]
        assert found["codes"] == [name for name in (*FLAGS, "normal_ecg") if row[name] == "True"]
        assert (found["patient_id"], found["age"]) == (row["patient_id"], float(row["age"]))
        assert found["sex"] == ("M" if row["is_male"] == "True" else "F")
        assert (found["path"], found["fs"]) == (row["trace_file"], 400)


@pytest.mark.parametrize("folder", ["code-15", "code-15-real"])
def test_real_signals_equal_h5py(shared, folder):
    root = shared / "ecg" / folder
    dataset = Code15(root)
    ids = sorted(dataset.index().records.index)
    signals = dict(zip(ids, dataset.read(ids), strict=True))
    for path in root.glob("*.hdf5"):
        with h5py.File(path) as file:
            for exam_id, tracing in zip(file["exam_id"][:], file["tracings"][:], strict=True):
                if not tracing.any():
                    continue
                signal = signals.pop(str(exam_id))
                used = np.flatnonzero(tracing.any(axis=1))
                np.testing.assert_array_equal(signal, tracing[used[0] : used[-1] + 1].T / 2)
    assert {name: defect.reason for name, defect in signals.items()} == (
        {"9999999": "empty"} if folder == "code-15" else {}
    )


def test_lookalike_signals_are_the_ptbxl_records_they_came_from(shared):
    """Resampled from 500 to 400 Hz, so amplitudes agree after dividing by 2, and lengths are 2,934 or 4,000."""
    root = shared / "ecg" / "code-15"
    dataset = Code15(root)
    with (root / "lookalike_source.csv").open() as file:
        lengths = {row["exam_id"]: int(row["samples"]) for row in csv.DictReader(file)}
    signals = dataset.read(list(lengths))
    assert [signal.shape for signal in signals if not isinstance(signal, Defect)] == [
        (12, n) for n in lengths.values() if n
    ]
    for signal in signals:
        if isinstance(signal, Defect):
            continue
        np.testing.assert_allclose(signal[2], signal[1] - signal[0], atol=1e-5)  # III = II - I
        assert 0.2 < np.median(np.ptp(signal, axis=1)) < 6


def test_made_signals_come_back(tmp_path):
    """Odd and even lengths, ids stored in another order than listed, the dummy exam 0 at the end."""
    ids = [1, 2, 3, 700]
    exams = [exam(i, f"exams_part{i % 2}.hdf5") for i in ids]
    dataset = write_code15(tmp_path, exams, {"exams_part0.hdf5": [700, 2, 0], "exams_part1.hdf5": [3, 1, 0]})
    assert list(dataset.index().records.index) == ["700", "2", "3", "1"]
    for number, signal in zip(ids, dataset.read([str(i) for i in ids]), strict=True):
        np.testing.assert_array_equal(signal, signal_of(number, 100 + number).T / 2)


def test_padding_and_scale_are_options(tmp_path):
    write_code15(tmp_path, [exam(5)], {"exams_part0.hdf5": [5]})
    whole = Code15(tmp_path, trim=False, scale=1).read(["5"])[0]
    with h5py.File(tmp_path / "exams_part0.hdf5") as file:
        np.testing.assert_array_equal(whole, file["tracings"][0].T)
    np.testing.assert_array_equal(Code15(tmp_path, scale=4).read(["5"])[0], signal_of(5, 105).T / 4)


def test_unusable_exams_are_left_out_and_the_others_read(tmp_path):
    exams = [
        exam(1, flags=("RBBB", "AF")),
        exam(2, "exams_part7.hdf5"),
        exam(3, "exams_part8.hdf5"),
        exam(4),
        exam(1, patient=9),
        exam(5, "../exams_part0.hdf5"),
        [6, 50, True, "maybe", *[False] * 5, 6, "exams_part0.hdf5"],
        ["six", *exam(7)[1:]],
        [*exam(8), "surplus"],
        exam(9),
        [*exam(10)[:9], "", "exams_part0.hdf5"],
    ]
    (tmp_path / "exams_part8.hdf5").write_bytes(b"no HDF5")
    dataset = write_code15(tmp_path, exams, {"exams_part0.hdf5": [9, 1, 5, 6, 7, 8, 10, 0]})
    index = dataset.index()
    assert list(index.records.index) == ["9", "1"]
    assert index.records["codes"].tolist() == [[], ["RBBB", "AF"]]
    assert sorted((defect.record_id, defect.reason) for defect in index.defects) == [
        ("1", "duplicate-id"),
        ("10", "unreadable"),
        ("2", "missing-file"),
        ("3", "unreadable"),
        ("4", "missing-file"),
        ("5", "missing-file"),
        ("6", "unreadable"),
        ("exams.csv, line 10", "unreadable"),
        ("exams.csv, row 8", "unreadable"),
    ]
    read = dataset.read(["1", "77", "9"])
    assert read[1].reason == "missing-file"
    np.testing.assert_array_equal(read[0], signal_of(1, 101).T / 2)
    np.testing.assert_array_equal(read[2], signal_of(9, 109).T / 2)


def test_bad_signals_are_left_out(tmp_path):
    dataset = write_code15(tmp_path, [exam(i) for i in (1, 2, 3)], {"exams_part0.hdf5": [1, 2, 3]})
    with h5py.File(tmp_path / "exams_part0.hdf5", "r+") as file:
        file["tracings"][0, 2000, 4] = np.nan
        file["tracings"][1, :, 6] = 0
    assert [getattr(found, "reason", "read") for found in dataset.read(["1", "2", "3"])] == ["nan", "flat-lead", "read"]
    with h5py.File(tmp_path / "exams_part0.hdf5", "r+") as file:
        first = file["tracings"][:1]
        del file["tracings"]
        file["tracings"] = first
    assert [found.reason for found in dataset.read(["1", "2"])] == ["nan", "unreadable"]
    for shape in ((2,), (2, 4096)):
        with h5py.File(tmp_path / "exams_part0.hdf5", "r+") as file:
            del file["tracings"]
            file["tracings"] = np.ones(shape)
        assert [found.reason for found in dataset.read(["1", "2"])] == ["unreadable", "unreadable"]
    (tmp_path / "exams_part0.hdf5").write_bytes(b"gone")
    assert {defect.reason for defect in dataset.read(["1", "2"])} == {"unreadable"}


def test_normal_flag_is_optional(tmp_path):
    write_code15(tmp_path, [], {"exams_part0.hdf5": [1, 2, 3]})
    flags = {1: "True", 2: "False", 3: ""}
    rows = [[*exam(i, flags=("SB",)), flag] for i, flag in flags.items()]
    with (tmp_path / "exams.csv").open("w", newline="") as file:
        csv.writer(file).writerows([[*HEAD, "normal_ecg"], *rows])
    codes = Code15(tmp_path).index().records["codes"].to_dict()
    assert codes == {"1": ["SB", "normal_ecg"], "2": ["SB"], "3": ["SB"]}


def test_unknown_sex_and_age_stay_missing(tmp_path):
    dataset = write_code15(tmp_path, [[1, "", "", *[False] * 6, 1, "exams_part0.hdf5"]], {"exams_part0.hdf5": [1]})
    assert pd.isna(dataset.index().records.loc["1", ["age", "sex", "fold", "n_samples"]]).all()


def test_wrong_roots_and_options_are_refused(shared, tmp_path):
    for scale in (0, -1, float("nan")):
        with pytest.raises(ConfigError, match="scale"):
            Code15(shared / "ecg" / "code-15", scale=scale)
    with pytest.raises(DatasetError, match="looks like ptb-xl"):
        Code15(shared / "ecg" / "ptb-xl")
    (tmp_path / "exams.csv").write_text("exam_id\n1\n")
    with pytest.raises(DatasetError, match="Unpack"):
        Code15(tmp_path)
    (tmp_path / "exams_part0.hdf5").touch()
    with pytest.raises(DatasetError, match="lacks the column"):
        Code15(tmp_path).index()
