"""PTB-XL: 12-lead records of the Physikalisch-Technische Bundesanstalt."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from ecglens.datasets.base import Index, read_each
from ecglens.datasets.card import DatasetCard
from ecglens.datasets.csv_tables import drop_unreadable, read_rows
from ecglens.datasets.fields import UNKNOWN, ages, ids, sexes, whole_numbers
from ecglens.datasets.roots import check_root
from ecglens.datasets.wfdb import read_header, read_signal
from ecglens.errors import ConfigError, DatasetError, RecordError
from ecglens.records import COLUMNS, Defect, Signal, drop_duplicate_ids, sites

CARD = DatasetCard(
    name="ptb-xl",
    title="PTB-XL",
    version="1.0.3",
    licence="CC BY 4.0",
    url="https://physionet.org/content/ptb-xl/1.0.3/",
    citation="Wagner et al. 2020, doi:10.1038/s41597-020-0495-6; version doi:10.13026/kfzx-aw45",
    country="Germany",
    vocabulary="scp-ecg",
    expected_records=21_799,
    expected_patients=18_869,
    has_patient_ids=True,
    layout="ptbxl_database.csv, records500/*/*_hr.{hea,dat}, records100/*/*_lr.{hea,dat}",
    notes=(
        "Ages above 89 are published as 300; here they are 90.",
        "A code counts where it is present, whatever its likelihood: rhythm statements carry 0.",
        "Folds respect patients; the publisher recommends 9 and 10 for validation and test.",
        "Versions before 1.0.3 hold 38 more records, some of them twice.",
    ),
    marks=("ptbxl_database.csv",),
)

_TABLE = "ptbxl_database.csv"
_FILENAMES = {500: "filename_hr", 100: "filename_lr"}
_ABOVE_89 = 300.0
_SEXES = {0.0: "M", 1.0: "F"}


@dataclass
class PtbXl:
    """Reader of PTB-XL.

    Parameters
    ----------
    root
        Folder with ``ptbxl_database.csv``.
    name
        Name of this copy in a study.
    fs
        Sampling rate of the copy to read: 500 or 100 Hz.
    """

    root: Path
    name: str = "ptb-xl"
    fs: int = 500
    card: DatasetCard = field(default=CARD, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse an unknown rate, and a root that is missing, empty, or holds another data set."""
        if not isinstance(self.fs, int) or self.fs not in _FILENAMES:
            raise ConfigError(f"data set {self.name!r}: PTB-XL comes at fs 500 or 100, not {self.fs!r}")
        check_root(self.root, self.card)
        if not (self.root / f"records{self.fs}").is_dir():
            other = 600 - self.fs
            raise DatasetError(f"PTB-XL: {self.root} has no records{self.fs}/. Download it, or read with fs: {other}")

    def index(self) -> Index:
        """Read ``ptbxl_database.csv``; `n_samples` stays NA until a signal is read."""
        return self._index

    def read(self, ids: Sequence[str]) -> list[Signal | Defect]:
        """Signals or defects, in the order of `ids`."""
        return read_each(ids, self._read_one)

    @cached_property
    def _index(self) -> Index:
        path = self.root / _TABLE
        filename = _FILENAMES[self.fs]
        rows, defects = read_rows(path, ("ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold", filename))
        table = pd.DataFrame(
            {
                "record_id": whole_numbers(rows["ecg_id"]).astype("string").str.zfill(5),
                "patient_id": ids(rows["patient_id"]),
                "age": ages(rows["age"], above_89=_ABOVE_89).clip(upper=90),
                "sex": sexes(rows["sex"], _SEXES),
                "fs": float(self.fs),
                "n_samples": pd.NA,
                "codes": pd.Series([_codes(str(text)) for text in rows["scp_codes"]], dtype=object),
                "fold": whole_numbers(rows["strat_fold"]),
                "site": sites(rows),
                # No dot in a path: it cannot leave the root.
                "path": rows[filename].where(rows[filename].str.fullmatch(r"[-\w]+(/[-\w]+)*").fillna(False)),
            }
        )
        required = table[["record_id", "patient_id", "codes", "path"]]
        kept, unreadable = drop_unreadable(path, table.astype(COLUMNS), required)
        kept, repeated = drop_duplicate_ids(kept)
        return Index(kept, (*defects, *unreadable, *repeated))

    @cached_property
    def _paths(self) -> dict[str, str]:
        records = self._index.records
        return dict(zip(records.index.tolist(), records["path"].tolist(), strict=True))

    def _read_one(self, record_id: str) -> Signal:
        if record_id not in self._paths:
            raise RecordError("missing-file", f"{self.root / _TABLE}: no record {record_id}")
        header = read_header(self.root / f"{self._paths[record_id]}.hea")
        if header.fs != self.fs:
            raise RecordError("header", f"{header.signal_file}: {header.fs:g} Hz, expected {self.fs}")
        return read_signal(header)


def _codes(text: str) -> list[str] | None:
    """Codes of a Python dictionary of likelihoods; ``None`` if it is not one, is empty, or a key is no SCP-ECG code.

    Examples
    --------
    >>> _codes("{'NORM': 100.0, 'SR': 0.0}")
    ['NORM', 'SR']
    """
    try:
        likelihoods = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    if not isinstance(likelihoods, dict) or not likelihoods:
        return None
    codes = [code.strip() if isinstance(code, str) else "" for code in likelihoods]
    return list(dict.fromkeys(codes)) if all(map(_is_code, codes)) else None


def _is_code(code: str) -> bool:
    return bool(re.fullmatch(r"[0-9A-Z][0-9A-Z_/()]*", code)) and code.lower() not in UNKNOWN
