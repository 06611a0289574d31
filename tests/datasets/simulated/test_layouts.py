"""Simulated files against the libraries that read such files, the publishers' own files, and the package's readers."""

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from ecglens.datasets import open_dataset
from ecglens.datasets.quality import check_signal
from ecglens.datasets.simulated import RECORDERS, Simulation, simulate_all, simulated_records
from ecglens.datasets.simulated.layouts import SimulatedRecord
from ecglens.records import LEADS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # wfdb 4.3 meets pandas' deprecations at import
    import wfdb

N, SEED = 12, 11
SIMULATION = Simulation(prevalence_af=0.5, prevalence_cd=0.6, repeats=0.3)
SCP = {"SR": "SR", "SB": "SBRAD", "ST": "STACH", "AF": "AFIB", "1AVB": "1AVB", "RBBB": "CRBBB", "LBBB": "CLBBB"}
SNOMED = {
    "SR": "426783006",
    "SB": "426177001",
    "ST": "427084000",
    "AF": "164889003",
    "1AVB": "270492004",
    "RBBB": "59118001",
    "LBBB": "164909002",
}
COLUMN = {"1AVB": "1dAVb", "RBBB": "RBBB", "LBBB": "LBBB", "SB": "SB", "ST": "ST", "AF": "AF"}
MATS = {
    "georgia": ("training/georgia/g1/E{:05d}", "training/georgia/g1/"),
    "chn": ("WFDBRecords/01/010/JS{:05d}", "WFDBRecords/01/010/"),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    simulate_all(folder, N, SEED, SIMULATION)
    return folder


def drawn(layout: str) -> Iterator[SimulatedRecord]:
    return simulated_records(layout, N, SEED, SIMULATION, RECORDERS[layout])


def read_wfdb(path: Path, names: tuple[str, ...]) -> wfdb.Record:
    record = wfdb.rdrecord(str(path), physical=False)
    assert tuple(record.sig_name) == names
    assert [total % 65536 for total in record.checksum] == record.calc_checksum()
    assert record.init_value == record.d_signal[0].tolist()
    return record


@pytest.mark.parametrize("layout", MATS)
def test_wfdb_reads_matlab_records(root: Path, layout: str) -> None:
    pattern, folder = MATS[layout]
    for record in drawn(layout):
        read = read_wfdb(root / layout / pattern.format(record.number), LEADS)
        np.testing.assert_array_equal(read.d_signal.T, record.signal)
        assert (read.fs, read.adc_gain, read.units) == (500, [1000.0] * 12, ["mV"] * 12)
        comments = dict(line.split(": ") for line in read.comments)
        assert comments["Age"] == str(record.age)
        assert comments["Sex"][0] == record.sex
        assert comments["Dx"].split(",") == [SNOMED[finding] for finding in record.findings]
    names = [Path(pattern.format(number)).name for number in range(1, N + 1)]
    assert (root / layout / "RECORDS").read_text().splitlines() == [folder]
    assert (root / layout / folder / "RECORDS").read_text().splitlines() == names


def test_wfdb_reads_ptbxl(root: Path) -> None:
    table = pd.read_csv(root / "ptb-xl" / "ptbxl_database.csv")
    capitals = tuple(lead.upper() for lead in LEADS)
    for record, row in zip(drawn("ptb-xl"), table.itertuples(), strict=True):
        high = read_wfdb(root / "ptb-xl" / row.filename_hr, capitals)
        low = read_wfdb(root / "ptb-xl" / row.filename_lr, capitals)
        np.testing.assert_array_equal(high.d_signal.T, record.signal)
        assert (high.fs, low.fs, low.sig_len) == (500, 100, 1000)
        blocks = record.signal[:, :5000].reshape(12, 1000, 5).mean(axis=2)
        assert np.corrcoef(low.d_signal.T.ravel(), blocks.ravel())[0, 1] > 0.9
        assert (row.ecg_id, row.patient_id, row.age) == (record.number, record.patient, record.age)
        assert row.sex == {"M": 0, "F": 1}[record.sex]
        codes = ast.literal_eval(row.scp_codes)
        assert set(codes) - {"NORM"} == {SCP[finding] for finding in record.findings}
        assert ("NORM" in codes) == (record.findings == ("SR",))
        assert all(codes[rhythm] == 0 for rhythm in {"SR", "SBRAD", "STACH", "AFIB"} & set(codes))
    assert table.groupby("patient_id")["strat_fold"].nunique().eq(1).all()
    assert table["strat_fold"].between(1, 10).all()


def test_code15_parts_join_by_exam(root: Path) -> None:
    table = pd.read_csv(root / "code-15" / "exams.csv").set_index("exam_id")
    records = {record.number: record for record in drawn("code-15")}
    order = []
    assert len(table["trace_file"].unique()) == 2
    for name in sorted(table["trace_file"].unique()):
        with h5py.File(root / "code-15" / name) as file:
            ids, tracings = file["exam_id"][:], file["tracings"][:]
        assert ids[-1] == 0
        assert not tracings[-1].any()
        order += ids[:-1].tolist()
        for exam, tracing in zip(ids[:-1], tracings[:-1], strict=True):
            record, row = records[int(exam)], table.loc[exam]
            assert row["trace_file"] == name
            np.testing.assert_allclose(tracing[48:4048], 2 * record.signal.T / 1000, atol=1e-6)
            assert not tracing[:48].any()
            assert not tracing[4048:].any()
            assert {flag for flag in COLUMN.values() if row[flag]} == {
                COLUMN[finding] for finding in record.findings if finding != "SR"
            }
            assert row["normal_ecg"] == (record.findings == ("SR",))
            assert (row["patient_id"], row["age"]) == (record.patient, record.age)
            assert row["is_male"] == (record.sex == "M")
    assert sorted(order) == list(records)
    assert order != table.index.tolist()


@pytest.mark.parametrize("layout", list(RECORDERS))
def test_our_reader_gives_back_what_was_drawn(root: Path, layout: str) -> None:
    dataset = open_dataset(layout, root / layout)
    index = dataset.index()
    assert (len(index.records), index.defects) == (N, ())
    identifiers = {int(re.sub(r"\D", "", identifier)): identifier for identifier in index.records.index}
    for record in drawn(layout):
        row = index.records.loc[identifiers[record.number]]
        (signal,) = dataset.read([identifiers[record.number]])
        assert isinstance(signal, np.ndarray), signal
        np.testing.assert_allclose(signal, record.signal / 1000, atol=1e-6)
        check_signal(signal)
        assert (row["age"], row["sex"], row["fs"]) == (record.age, record.sex, RECORDERS[layout].fs)


def form(text: str) -> list[str]:
    """The lines of a header with every number and answer blanked, so that only the publisher's form is left."""
    lines = [re.sub(r"^(# ?\w+: ).*", r"\1", line) for line in text.splitlines()]
    return [re.sub(r"(?<= 16 0) -?\d+ -?\d+ ", " ", re.sub(r"^\w+?(_hr|_lr)?(?=[. ])", r"\1", line)) for line in lines]


@pytest.mark.parametrize(
    ("layout", "real", "ours"),
    [
        ("ptb-xl", "ptb-xl/records500/00000/00001_hr.hea", "records500/00000/00001_hr.hea"),
        ("ptb-xl", "ptb-xl/records100/00000/00001_lr.hea", "records100/00000/00001_lr.hea"),
        ("georgia", "georgia/training/georgia/g1/E00001.hea", "training/georgia/g1/E00001.hea"),
        ("chn", "chn/WFDBRecords/01/010/JS00001.hea", "WFDBRecords/01/010/JS00001.hea"),
    ],
)
def test_headers_have_the_publishers_form(root: Path, shared: Path, layout: str, real: str, ours: str) -> None:
    publisher = shared / "ecg" / real
    assert form((root / layout / ours).read_text()) == form(publisher.read_text())
    binary = publisher.with_suffix(".dat" if layout == "ptb-xl" else ".mat")
    head = 0 if layout == "ptb-xl" else 24
    written = (root / layout / ours).with_suffix(binary.suffix)
    assert written.read_bytes()[:head] == binary.read_bytes()[:head]
    assert written.stat().st_size == binary.stat().st_size


def test_tables_have_the_publishers_columns(root: Path, shared: Path) -> None:
    for name in ("ptb-xl/ptbxl_database.csv", "code-15/exams.csv", "chn/ConditionNames_SNOMED-CT.csv"):
        assert list(pd.read_csv(root / name)) == list(pd.read_csv(shared / "ecg" / name)), name
    statements = pd.read_csv(shared / "ecg/ptb-xl/scp_statements.csv", index_col=0)
    ours = pd.read_csv(root / "ptb-xl/scp_statements.csv", index_col=0)
    pd.testing.assert_frame_equal(
        ours.drop(columns="description").sort_index(),
        statements.loc[ours.index, list(ours.columns.drop("description"))].sort_index(),
        check_names=False,
        check_dtype=False,
    )
    with h5py.File(root / "code-15/exams_part0.hdf5") as a, h5py.File(shared / "ecg/code-15/exams_part0.hdf5") as b:
        assert {name: (set_.dtype, set_.shape[1:]) for name, set_ in a.items()} == {
            name: (set_.dtype, set_.shape[1:]) for name, set_ in b.items()
        }
