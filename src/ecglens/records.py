"""Shared conventions: leads, units, the record table, and defects."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import printable

Signal = NDArray[np.float32]
"""One record: float32 ``[12, n_samples]`` in mV, leads in the order of `LEADS`."""

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")

COLUMNS = {
    "patient_id": "string",
    "age": "Float64",
    "sex": "string",
    "fs": "Float64",
    "n_samples": "Int64",
    "codes": "object",
    "fold": "Int64",
    "path": "string",
    "site": "string",
}
"""Columns of the record table and their pandas types: age in years, sex F/M/NA, fs in Hz, codes a list of str, site the
part of the data set that a record comes from, empty where the publisher names none."""

READ_ERROR = "read-error"
"""Reason of a defect that says nothing about the data: the system could not read the file this time (a lock, a
permission, a fault of the disk). What is left out for it must be tried again, so no result of it may be kept."""


@dataclass(frozen=True)
class Defect:
    """A record that is excluded, and the reason.

    Parameters
    ----------
    record_id
        The record, or the file where no record id can be known.
    reason
        Short, stable reason for counts; `READ_ERROR` if reading again may help.
    detail
        Explanation in one sentence: file, field and expected value.

    Notes
    -----
    Names of files and their content end up here, so every character is made printable: any file can hold a defect.
    """

    record_id: str
    reason: str
    detail: str

    def __post_init__(self) -> None:
        """Escape what a terminal would obey and what no text file can hold."""
        for field, most in (("record_id", 200), ("reason", 80), ("detail", 1000)):
            object.__setattr__(self, field, printable(getattr(self, field), most))

    @property
    def passing(self) -> bool:
        """Whether the record may be readable next time."""
        return self.reason == READ_ERROR


def signal_digest(signal: Signal) -> str:
    """16 hexadecimal characters that two signals share only if they are identical."""
    return hashlib.sha256(np.ascontiguousarray(signal).data).hexdigest()[:16]


def record_table(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Build the record table: index ``record_id``, the columns and types of `COLUMNS`, one row a record.

    Parameters
    ----------
    rows
        Mappings with ``record_id`` and any of `COLUMNS`; what is absent becomes NA, and ``site`` empty. If no row has a
        ``patient_id``, every record is a patient of its own.

    Examples
    --------
    >>> record_table([{"record_id": "a", "fs": 500, "codes": ["AFIB"]}]).loc["a", "patient_id"]
    'a'
    """
    frame = pd.DataFrame(list(rows), columns=["record_id", *COLUMNS])
    if frame["patient_id"].isna().all():
        frame["patient_id"] = frame["record_id"]
    frame["record_id"] = frame["record_id"].astype("string")
    frame["site"] = sites(frame)
    return frame.astype(COLUMNS).set_index("record_id")


def sites(records: pd.DataFrame) -> pd.Series[str]:
    """The site of every record, as printable text: empty for a table without the column, or a record without a value.

    Examples
    --------
    >>> sites(pd.DataFrame({"age": [61, 40]})).tolist(), sites(pd.DataFrame({"site": [2.0, None]})).tolist()
    (['', ''], ['2', ''])
    """
    if "site" not in records:
        return pd.Series("", index=records.index, dtype="string")
    text = records["site"].astype("string").str.strip().str.replace(r"^([0-9]+)\.0$", r"\1", regex=True).fillna("")
    return text.map({name: printable(name) for name in text.unique()}).astype("string")


def drop_duplicate_ids(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Defect]]:
    """Keep the first row of every record id; the others become defects."""
    repeated = table.index.duplicated(keep="first")
    kept = table[~repeated]
    first = kept["path"].to_dict()
    defects = [
        Defect(str(record), "duplicate-id", f"{path}: the id is already taken by {first[record]}")
        for record, path in table.loc[repeated, "path"].items()
    ]
    return kept, defects
