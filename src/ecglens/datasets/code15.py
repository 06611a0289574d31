"""CODE-15%: exams of the Telehealth Network of Minas Gerais, in HDF5 parts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from ecglens.datasets.base import Checked, Index, read_each
from ecglens.datasets.card import DatasetCard
from ecglens.datasets.csv_tables import drop_unreadable, read_rows
from ecglens.datasets.fields import ages, ids, truths
from ecglens.datasets.files import file_size
from ecglens.datasets.hdf5_parts import exam_ids, open_part, reading, tracings
from ecglens.datasets.roots import check_root
from ecglens.errors import ConfigError, DatasetError, RecordError, printable
from ecglens.records import COLUMNS, Defect, Signal, drop_duplicate_ids

CARD = DatasetCard(
    name="code-15",
    title="CODE-15%",
    version="1.0.0",
    licence="CC BY 4.0",
    url="https://zenodo.org/records/4916206",
    citation="Ribeiro et al. 2021, doi:10.5281/zenodo.4916206; Ribeiro et al. 2020, doi:10.1038/s41467-020-15432-4",
    country="Brazil",
    vocabulary="code-15",
    expected_records=345_779,
    expected_patients=233_770,
    has_patient_ids=True,
    layout="exams.csv and exams_part*.hdf5 (unpacked; a part of the parts will do)",
    notes=(
        "Stored at 2 x mV by the publisher's preprocessing: values are divided by `scale` = 2.",
        "Exams of 7 s and 10 s are padded with zeros to 4096 samples; the padding is cut off.",
        "An exam without any of the flags has an empty list of codes, which is a statement: none of them was found.",
    ),
    marks=("exams.csv",),
)

_TABLE = "exams.csv"
_FLAGS = ("1dAVb", "RBBB", "LBBB", "SB", "ST", "AF")
_OPTIONAL_FLAGS = ("normal_ecg",)
_FS = 400.0


@dataclass
class Code15:
    """Reader of CODE-15%.

    Parameters
    ----------
    root
        Folder with ``exams.csv`` and the unpacked parts. Exams of absent parts become defects.
    name
        Name of this copy in a study.
    scale
        Stored value of 1 mV; 1 reads the values as they are.
    trim
        Whether to remove the zeros that pad an exam on both sides.
    """

    root: Path
    name: str = "code-15"
    scale: float = 2.0
    trim: bool = True
    card: DatasetCard = field(default=CARD, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse a bad scale, and a root that is missing, empty, without parts, or holds another data set."""
        if not (math.isfinite(self.scale) and self.scale > 0):
            raise ConfigError(f"data set {self.name!r}: scale is the stored value of 1 mV, not {self.scale!r}")
        check_root(self.root, self.card)
        if next(self.root.glob("*.hdf5"), None) is None:
            raise DatasetError(f"CODE-15%: {self.root} has no exams_part*.hdf5. Unpack exams_part*.zip there.")

    def index(self) -> Index:
        """Read ``exams.csv`` and the ids in each part; records are in the order of the parts.

        ``n_samples`` stays NA until a signal is read.
        """
        return self._exams[0]

    def read(self, ids: Sequence[str]) -> list[Signal | Defect]:
        """Signals or defects, in the order of `ids`."""
        places = self._exams[1]
        stored = sorted(set(ids), key=lambda record_id: places.get(record_id, ("", 0)))
        with ExitStack() as stack:
            opened = cache(lambda part: tracings(stack.enter_context(open_part(self.root / part))))
            found = read_each(stored, lambda record_id: self._read_one(record_id, opened))
        signals = dict(zip(stored, found, strict=True))
        return Checked(signals[record_id] for record_id in ids)

    def _read_one(self, record_id: str, opened: Callable[[str], h5py.Dataset]) -> Signal:
        place = self._exams[1].get(record_id)
        if place is None:
            lost = self._lost.get(record_id, Defect(record_id, "missing-file", f"{self.root}: no exam {record_id}"))
            raise RecordError(lost.reason, lost.detail)
        part, row = place
        with reading(self.root / part):
            tracing: Signal = opened(part)[row]
        if not tracing.any():
            raise RecordError("empty", f"{self.root / part}, row {row}: every sample is zero")
        leads = np.ascontiguousarray(tracing.T)
        with np.errstate(over="ignore"):
            return np.divide(trim_padding(leads) if self.trim else leads, self.scale, dtype=np.float32)

    @cached_property
    def _exams(self) -> tuple[Index, dict[str, tuple[str, int]]]:
        """The index, and the part and row of each of its records."""
        table, defects = _read_table(self.root / _TABLE)
        stored, broken = _read_parts(self.root)
        table = table.join(stored, on=["path", "record_id"]).sort_values(["path", "row"])
        lost = table.loc[table["row"].isna(), "path"]
        why = {part: broken.get(part) or _why_lost(self.root / part) for part in lost.unique()}
        defects += [
            Defect(record_id, why[part].reason, why[part].detail)
            for record_id, part in zip(lost.index, lost, strict=True)
        ]
        found = table[table["row"].notna()]
        places = zip(found["path"].tolist(), found["row"].tolist(), strict=True)
        index = Index(found[list(COLUMNS)], tuple(defects))
        return index, dict(zip(found.index.tolist(), places, strict=True))

    @cached_property
    def _lost(self) -> dict[str, Defect]:
        return {defect.record_id: defect for defect in self._exams[0].defects}


def trim_padding(signal: Signal) -> Signal:
    """Cut the zeros before the first and after the last sample of a signal ``[leads, samples]`` with a value.

    Examples
    --------
    >>> trim_padding(np.array([[0, 0, 1, 0, 2, 0, 0, 0]], dtype=np.float32))
    array([[1., 0., 2.]], dtype=float32)
    """
    used = np.flatnonzero(signal.any(axis=0))
    return signal[:, used[0] : used[-1] + 1] if used.size else signal


def _read_table(path: Path) -> tuple[pd.DataFrame, list[Defect]]:
    rows, defects = read_rows(path, ("exam_id", "age", "is_male", *_FLAGS, "patient_id", "trace_file"))
    columns = [*_FLAGS, *(column for column in _OPTIONAL_FLAGS if column in rows)]
    flags = pd.DataFrame({column: truths(rows[column]) for column in columns})
    table = pd.DataFrame(
        {
            "record_id": ids(rows["exam_id"]),
            "patient_id": ids(rows["patient_id"]),
            "age": ages(rows["age"]),
            "sex": truths(rows["is_male"]).map({True: "M", False: "F"}),
            "fs": _FS,
            "n_samples": pd.NA,
            "codes": _codes(flags),
            "fold": pd.NA,
            "path": rows["trace_file"],
            "site": "",
        }
    )
    required = pd.concat([table[["record_id", "patient_id", "path"]], flags[list(_FLAGS)]], axis=1)
    kept, unreadable = drop_unreadable(path, table.astype(COLUMNS), required)
    kept, repeated = drop_duplicate_ids(kept)
    return kept, [*defects, *unreadable, *repeated]


def _codes(flags: pd.DataFrame) -> list[list[str]]:
    """The names of the columns that are true, row by row; every combination is spelt out once."""
    bits = flags.fillna(False).to_numpy(bool) @ (1 << np.arange(flags.shape[1]))
    names = {int(b): [name for i, name in enumerate(flags.columns) if b >> i & 1] for b in np.unique(bits)}
    return [names[b].copy() for b in bits.tolist()]


def _read_parts(root: Path) -> tuple[pd.DataFrame, dict[str, RecordError]]:
    """``row`` of each exam by (path, record_id), and defects of parts that cannot be read."""
    found: list[pd.DataFrame] = []
    broken: dict[str, RecordError] = {}
    for path in sorted(root.glob("*.hdf5")):
        name = printable(path.name, 300)
        try:
            stored = exam_ids(path)
        except RecordError as error:
            broken[name] = error
            continue
        found.append(pd.DataFrame({"path": name, "record_id": stored, "row": np.arange(len(stored))}))
    parts = pd.concat([pd.DataFrame(columns=["path", "record_id", "row"]), *found])
    parts = parts.astype({"path": "string", "record_id": "string", "row": "Int64"}).dropna()
    return parts.drop_duplicates(["path", "record_id"]).set_index(["path", "record_id"]), broken


def _why_lost(path: Path) -> RecordError:
    try:
        with reading(path):
            file_size(path)
    except RecordError as failure:
        return RecordError(failure.reason, f"{failure.detail}. Is the part downloaded and unpacked?")
    return RecordError("missing-file", f"{path}: has no such exam")
