"""PTB-XL against its CSV read by hand and against wfdb, and made tables with bad rows."""

import ast
import csv
import os
import shutil
import warnings

import numpy as np
import pandas as pd
import pytest

from ecglens.datasets import open_dataset
from ecglens.datasets.ptbxl import PtbXl
from ecglens.errors import ConfigError, DatasetError
from ecglens.records import COLUMNS, LEADS, Defect

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # wfdb 4.3 meets pandas' deprecations at import
    import wfdb

HEAD = "ecg_id,patient_id,age,sex,scp_codes,strat_fold,filename_lr,filename_hr"


def write_ptbxl(root, write_record, rows, records=("00001", "00002")):
    (root / "records500").mkdir(exist_ok=True)
    for seed, name in enumerate(records):
        write_record(root / "records500" / "00000", f"{name}_hr", kind="dat", seed=seed, comments=())
    (root / "ptbxl_database.csv").write_text("\n".join([HEAD, *rows]) + "\n")
    return PtbXl(root)


def good(number, patient=1.0):
    path = f"00000/{number:05d}"
    return f"{number},{patient},50.0,1,\"{{'AFIB': 0.0}}\",3,records100/{path}_lr,records500/{path}_hr"


@pytest.mark.parametrize(("fs", "column"), [(500, "filename_hr"), (100, "filename_lr")])
def test_real_table_equals_the_csv(shared, fs, column):
    root = shared / "ecg" / "ptb-xl"
    index = PtbXl(root, fs=fs).index()
    assert index.defects == ()
    assert index.records.dtypes.astype(str).to_dict() == dict(COLUMNS)
    with (root / "ptbxl_database.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(index.records) == 257
    for row, (record_id, found) in zip(rows, index.records.iterrows(), strict=True):
        assert int(record_id) == int(row["ecg_id"])
        assert found["patient_id"] == str(int(float(row["patient_id"])))
        assert found["codes"] == list(ast.literal_eval(row["scp_codes"]))
        assert found["age"] == min(float(row["age"]), 90)
        assert found["sex"] == "MF"[int(row["sex"])]
        assert found["site"] == str(int(float(row["site"])))
        assert (found["fold"], found["path"], found["fs"]) == (int(row["strat_fold"]), row[column], fs)
    assert index.records["patient_id"].nunique() == 235
    assert sum(float(row["age"]) == 300 for row in rows) == (index.records["age"] == 90).sum() == 3


@pytest.mark.parametrize("fs", [500, 100])
def test_real_signals_equal_wfdb(shared, fs):
    dataset = PtbXl(shared / "ecg" / "ptb-xl", fs=fs)
    records = dataset.index().records.iloc[::25]
    for path, signal in zip(records["path"], dataset.read(list(records.index)), strict=True):
        record = wfdb.rdrecord(str(dataset.root / path))
        assert [name.upper() for name in record.sig_name] == [lead.upper() for lead in LEADS]
        np.testing.assert_array_equal(signal, record.p_signal.T.astype(np.float32))
        assert signal.shape == (12, 10 * fs)


def test_reduced_table_without_age_and_sex(shared):
    dataset = PtbXl(shared / "ecg" / "ptb-xl-normalised", fs=100)
    index = dataset.index()
    assert (len(index.records), index.records["patient_id"].nunique(), index.defects) == (965, 953, ())
    assert index.records[["age", "sex"]].isna().all(axis=None)
    assert dataset.read([index.records.index[0]])[0].shape == (12, 1000)


def test_bad_rows_are_left_out_and_the_others_read(tmp_path, write_record):
    rows = [
        good(1),
        good(2, patient=2.0),
        good(2, patient=7.0),
        good(3).replace("1.0", "", 1),
        good(4).replace("{'AFIB': 0.0}", "{'AFIB': 0.0"),
        good(5).replace("{'AFIB': 0.0}", "__import__('os').getcwd()"),
        good(6).replace("{'AFIB': 0.0}", "{}"),
        good(7).replace("records500/00000", "../../etc"),
        good(8).replace("records500/00000/00008_hr", "/etc/passwd"),
        good(9).replace("9,", "nine,", 1),
        good(10) + ",surplus",
        good(11),
    ]
    dataset = write_ptbxl(tmp_path, write_record, rows)
    index = dataset.index()
    assert list(index.records.index) == ["00001", "00002", "00011"]
    assert index.records.loc["00002", "patient_id"] == "2"
    assert {defect.record_id: defect.reason for defect in index.defects} == {
        "00002": "duplicate-id",
        **dict.fromkeys(["00003", "00004", "00005", "00006", "00007", "00008"], "unreadable"),
        "ptbxl_database.csv, row 10": "unreadable",
        "ptbxl_database.csv, line 12": "unreadable",
    }
    one, two, gone = dataset.read(["00001", "00002", "00011"])
    for seed, signal in enumerate((one, two)):
        expected = np.random.default_rng(seed).normal(0, 300, (600, 12)).astype("<i2").T / 1000
        np.testing.assert_allclose(signal, expected, rtol=1e-6)
    assert isinstance(gone, Defect)
    assert gone.reason == "missing-file"


def test_surplus_field_in_the_first_row_is_noticed(tmp_path, write_record):
    index = write_ptbxl(tmp_path, write_record, [good(1) + ",surplus", good(2)]).index()
    assert list(index.records.index) == ["00002"]
    assert [defect.reason for defect in index.defects] == ["unreadable"]


def test_missing_values_stay_missing(tmp_path, write_record):
    row = good(1).replace(",50.0,1,", ",,,").replace(",3,", ",,")
    found = write_ptbxl(tmp_path, write_record, [row]).index().records.loc["00001"]
    assert pd.isna(found[["age", "sex", "fold", "n_samples"]]).all()


def test_signal_at_another_rate_is_left_out(tmp_path, write_record):
    dataset = write_ptbxl(tmp_path, write_record, [good(1)])
    write_record(tmp_path / "records500" / "00000", "00001_hr", kind="dat", fs=250)
    assert dataset.read(["00001"])[0].reason == "header"


def test_tables_that_are_none(tmp_path, write_record):
    (tmp_path / "records500").mkdir()
    for content, message in [("ecg_id,age\n1,2\n", "patient_id"), ("", "cannot be read"), ('a,"b\n1,2\n', "cannot be")]:
        (tmp_path / "ptbxl_database.csv").write_text(content)
        with pytest.raises(DatasetError, match=message):
            PtbXl(tmp_path).index()


def test_wrong_roots_and_options_are_refused(shared, tmp_path):
    root = shared / "ecg" / "ptb-xl"
    with pytest.raises(ConfigError, match="500 or 100"):
        PtbXl(root, fs=250)
    with pytest.raises(ConfigError, match="scale"):
        open_dataset("ptb-xl", root, scale=2)
    with pytest.raises(DatasetError, match="fs: 100"):
        PtbXl(shared / "ecg" / "ptb-xl-normalised")
    with pytest.raises(DatasetError, match="looks like code-15"):
        PtbXl(shared / "ecg" / "code-15")
    shutil.copy(root / "scp_statements.csv", tmp_path)
    with pytest.raises(DatasetError, match=r"does not hold it\. Expected"):
        PtbXl(tmp_path)


@pytest.mark.parametrize(
    "codes",
    ["{[1]: 2}", "{1: 2}", "{'unknown': 1}", "{'afib': 1}", "{'AFIB;SR': 1}", "{'A\\ud800': 1}", "[" * 200, "'AFIB'"],
)
def test_what_is_no_dictionary_of_codes_is_left_out(tmp_path, write_record, codes):
    rows = [good(1).replace("{'AFIB': 0.0}", codes), good(2, patient=2.0)]
    index = write_ptbxl(tmp_path, write_record, rows).index()
    assert list(index.records.index) == ["00002"]
    assert [(defect.record_id, defect.reason) for defect in index.defects] == [("00001", "unreadable")]


def test_numbers_that_were_written_as_floats(tmp_path, write_record):
    rows = [
        good(1).replace(",50.0,1,", ",-1,0.0,"),
        good(2, patient="12345678901234567").replace(",50.0,1,", ",300,1.0,"),
    ]
    records = write_ptbxl(tmp_path, write_record, rows).index().records
    assert records["sex"].tolist() == ["M", "F"]
    assert records["patient_id"].tolist() == ["1", "12345678901234567"]
    assert pd.isna(records["age"].iloc[0])
    assert records["age"].iloc[1] == 90


def test_columns_that_stand_twice_or_have_no_name(tmp_path, write_record):
    dataset = write_ptbxl(tmp_path, write_record, [good(1)])
    path = tmp_path / "ptbxl_database.csv"
    head, row = path.read_text().splitlines()
    path.write_text(f"{head},age,,\n{row},50.0,x,\n")
    assert dataset.index().records["age"].tolist() == [50]
    path.write_text(f"{head},age\n{row},51.0\n")
    with pytest.raises(DatasetError, match="two columns 'age' differ"):
        PtbXl(tmp_path).index()
    path.write_text(f"{head},\n{row},x\n".replace("strat_fold", "fold"))
    with pytest.raises(DatasetError, match="lacks the column"):
        PtbXl(tmp_path).index()


def test_a_table_that_is_a_link_or_a_pipe_shows_and_blocks_nothing(tmp_path, write_record):
    dataset = write_ptbxl(tmp_path, write_record, [good(1)])
    path = tmp_path / "ptbxl_database.csv"
    (tmp_path / "secret").write_text("secret:x:0\nroot:x:0\n")
    path.unlink()
    path.symlink_to(tmp_path / "secret")
    with pytest.raises(DatasetError) as caught:
        dataset.index()
    assert "secret" not in str(caught.value)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(DatasetError, match="no regular file"):
        PtbXl(tmp_path).index()
