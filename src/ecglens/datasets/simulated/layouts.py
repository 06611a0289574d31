"""Writers of simulated records in the published layouts of four data sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
from scipy.signal import resample_poly

from ecglens.datasets.simulated.recorders import Recorder
from ecglens.datasets.simulated.wfdb import Steps, write_dat, write_lines, write_mat

CODE15_SAMPLES = 4096
"""Samples of every CODE-15% tracing; shorter records have zeros on both sides."""


@dataclass(frozen=True)
class SimulatedRecord:
    """A record before it is written.

    Parameters
    ----------
    number, patient
        1, 2, 3, ... within the data set; the numbers of Ningbo follow the last one of Chapman-Shaoxing.
    age
        In years.
    sex
        ``"F"`` or ``"M"``.
    findings
        Keys of `FINDINGS`.
    signal
        int16 ``[12, samples]``, in steps of the recorder's gain.
    """

    number: int
    patient: int
    age: int
    sex: str
    findings: tuple[str, ...]
    signal: Steps


@dataclass(frozen=True)
class Finding:
    """Names of a finding in the data sets: PTB-XL statement, SNOMED CT code, CODE-15% column; and its meaning."""

    scp: str
    snomed: str
    column: str
    meaning: str
    scp_subclass: str = ""  # of a diagnostic statement; rhythm statements have none

    @property
    def likelihood(self) -> float:
        """What PTB-XL gives: rhythm statements carry 0."""
        return 100.0 if self.scp_subclass else 0.0


FINDINGS: Mapping[str, Finding] = {
    "SR": Finding("SR", "426783006", "", "sinus rhythm"),
    "SB": Finding("SBRAD", "426177001", "SB", "sinus bradycardia"),
    "ST": Finding("STACH", "427084000", "ST", "sinus tachycardia"),
    "AF": Finding("AFIB", "164889003", "AF", "atrial fibrillation"),
    "1AVB": Finding("1AVB", "270492004", "1dAVb", "first degree AV block", "_AVB"),
    "RBBB": Finding("CRBBB", "59118001", "RBBB", "complete right bundle branch block", "CRBBB"),
    "LBBB": Finding("CLBBB", "164909002", "LBBB", "complete left bundle branch block", "CLBBB"),
}

Writer = Callable[[Path, Iterator[SimulatedRecord], int, Recorder], None]
"""Takes the root, the records, how many they are, and their recorder."""


def write_ptbxl(root: Path, records: Iterator[SimulatedRecord], _n_records: int, recorder: Recorder) -> None:
    """PTB-XL 1.0.3: a table, and every record at 500 and at 100 Hz."""
    rows = []
    for record in records:
        name = f"{record.number // 1000 * 1000:05d}/{record.number:05d}"
        files = {"filename_lr": f"records100/{name}_lr", "filename_hr": f"records500/{name}_hr"}
        signal = record.signal.astype(np.float64)  # old releases of SciPy return nothing but zeros for integers
        low = resample_poly(signal, 1, 5, axis=1, padtype="line").round().astype(np.int16)
        write_dat(root / files["filename_lr"], low, 100, recorder.gain)
        write_dat(root / files["filename_hr"], record.signal, 500, recorder.gain)
        rows.append(_ptbxl_row(record) | files)
    table = pd.DataFrame(rows)
    table.to_csv(root / "ptbxl_database.csv", index=False)
    _scp_statements().to_csv(root / "scp_statements.csv")
    write_lines(root / "RECORDS", [*table["filename_lr"], *table["filename_hr"]])


def write_code15(root: Path, records: Iterator[SimulatedRecord], n_records: int, recorder: Recorder) -> None:
    """CODE-15%: a table, and tracings at 400 Hz in two or more HDF5 parts, each with a row of zeros at its end."""
    import h5py

    rows: list[dict[str, object]] = []
    for part, numbers in enumerate(np.array_split(np.arange(n_records), max(2, n_records // 20_000 + 1))):
        name, size = f"exams_part{part}.hdf5", len(numbers)
        with h5py.File(root / name, "w") as file:
            ids = file.create_dataset("exam_id", (size + 1,), "<i8", track_times=False)
            tracings = file.create_dataset("tracings", (size + 1, CODE15_SAMPLES, 12), "<f4", track_times=False)
            for row, record in enumerate(islice(records, size)):
                n_samples = record.signal.shape[1]
                start = (CODE15_SAMPLES - n_samples) // 2
                ids[row] = record.number
                tracings[row, start : start + n_samples] = record.signal.T * (2 / recorder.gain)  # stored at 2 x mV
                rows.append(_code15_row(record) | {"trace_file": name})
    # The release's table and tracings are in different orders, so that rows have to be joined by exam_id.
    pd.DataFrame(rows[::-1]).to_csv(root / "exams.csv", index=False)


def write_georgia(root: Path, records: Iterator[SimulatedRecord], _n_records: int, recorder: Recorder) -> None:
    """Georgia in the tree of challenge-2021: MATLAB files in groups of a thousand."""

    def stem(number: int) -> str:
        return f"training/georgia/g{(number - 1) // 1000 + 1}/E{number:05d}"

    comments = ("# Age: {age}", "# Sex: {sex}", "# Dx: {dx}", "# Rx: Unknown", "# Hx: Unknown")
    _write_mats(root, records, recorder.fs, stem, f"16x1+24 {recorder.gain:.1f}(0)/mV", comments)


def write_chn(root: Path, records: Iterator[SimulatedRecord], _n_records: int, recorder: Recorder) -> None:
    """Chapman-Shaoxing and Ningbo as in ecg-arrhythmia 1.0.0: MATLAB files in folders of a hundred."""

    def stem(number: int) -> str:
        folder = (number - 1) // 100 + 10
        return f"WFDBRecords/{folder // 10:02d}/{folder:03d}/JS{number:05d}"

    comments = ("#Age: {age}", "#Sex: {sex}", "#Dx: {dx}", "#Rx: Unknown", "#Hx: Unknown", "#Sx: Unknown")
    _write_mats(root, records, recorder.fs, stem, f"16+24 {recorder.gain:g}/mV", comments)
    columns = ["Acronym Name", "Full Name", "Snomed_CT"]
    names = [(finding.scp, finding.meaning, finding.snomed) for finding in FINDINGS.values()]
    pd.DataFrame(names, columns=columns).to_csv(
        root / "ConditionNames_SNOMED-CT.csv", index=False, encoding="utf-8-sig"
    )


WRITERS: Mapping[str, Writer] = {
    "ptb-xl": write_ptbxl,
    "code-15": write_code15,
    "georgia": write_georgia,
    "chn": write_chn,
}


def _write_mats(
    root: Path,
    records: Iterator[SimulatedRecord],
    fs: float,
    stem: Callable[[int], str],
    form: str,
    comments: tuple[str, ...],
) -> None:
    """Write records, ``RECORDS`` in every folder with their names, and ``RECORDS`` in the root with the folders."""
    folders = defaultdict(list)
    for record in records:
        file = PurePosixPath(stem(record.number))
        sex = {"F": "Female", "M": "Male"}[record.sex]
        codes = ",".join(FINDINGS[finding].snomed for finding in record.findings)
        lines = [comment.format(age=record.age, sex=sex, dx=codes) for comment in comments]
        write_mat(root / file, record.signal, fs, form, lines)
        folders[file.parent].append(file.name)
    for folder, names in folders.items():
        write_lines(root / folder / "RECORDS", names)
    write_lines(root / "RECORDS", [f"{folder}/" for folder in folders])


def _ptbxl_row(record: SimulatedRecord) -> dict[str, object]:
    statements = {FINDINGS[finding].scp: FINDINGS[finding].likelihood for finding in record.findings}
    return {
        "ecg_id": record.number,
        "patient_id": float(record.patient),
        "age": float(record.age),
        "sex": int(record.sex == "F"),
        **dict.fromkeys(("height", "weight", "nurse", "site")),
        "device": "simulated",
        "recording_date": str(pd.Timestamp(2000, 1, 1) + pd.Timedelta(hours=record.number)),
        "report": "simulated",
        "scp_codes": str(({"NORM": 100.0} if _is_normal(record) else {}) | statements),
        **dict.fromkeys(("heart_axis", "infarction_stadium1", "infarction_stadium2", "validated_by")),
        **dict.fromkeys(("second_opinion", "initial_autogenerated_report", "validated_by_human"), False),
        **dict.fromkeys(("baseline_drift", "static_noise", "burst_noise")),
        **dict.fromkeys(("electrodes_problems", "extra_beats", "pacemaker")),
        "strat_fold": record.patient % 10 + 1,
    }


def _code15_row(record: SimulatedRecord) -> dict[str, object]:
    found = {FINDINGS[finding].column for finding in record.findings}
    return {
        "exam_id": record.number,
        "age": record.age,
        "is_male": record.sex == "M",
        "nn_predicted_age": float(record.age),
        **{column: column in found for column in ("1dAVb", "RBBB", "LBBB", "SB", "ST", "AF")},
        "patient_id": record.patient,
        **dict.fromkeys(("death", "timey")),
        "normal_ecg": _is_normal(record),
    }


def _is_normal(record: SimulatedRecord) -> bool:
    return record.findings == ("SR",)


def _scp_statements() -> pd.DataFrame:
    """The columns that say what kind of statement a code is."""
    normal = ("NORM", "normal ECG", 1.0, None, None, "NORM", "NORM")
    rows = [
        (finding.scp, finding.meaning, 1.0, None, None, "CD", finding.scp_subclass)
        if finding.scp_subclass
        else (finding.scp, finding.meaning, None, None, 1.0, None, None)
        for finding in FINDINGS.values()
    ]
    columns = ["", "description", "diagnostic", "form", "rhythm", "diagnostic_class", "diagnostic_subclass"]
    return pd.DataFrame([normal, *rows], columns=columns).set_index("")
