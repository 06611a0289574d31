"""The conventions every floor shares: leads, units, the record table, and what makes a record unusable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import RecordError

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
}
"""Columns of the record table and their pandas types: age in years, sex F/M/NA, fs in Hz, codes a list of str."""

PLAUSIBLE_MV = (0.02, 20.0)
"""Bounds on the median over leads of the robust peak-to-peak amplitude (0.5th to 99.5th percentile), in mV.
Outside them the unit or the gain is wrong: volts read as mV give about 0.001, raw steps about 1,000."""


@dataclass(frozen=True)
class Defect:
    """A record that is left out, and why.

    Parameters
    ----------
    record_id
        The record, or the file where no record id can be known.
    reason
        Short stable word to count by.
    detail
        One sentence: file, field, what was expected.
    """

    record_id: str
    reason: str
    detail: str


def record_table(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Build the record table: index ``record_id``, the columns and types of `COLUMNS`, one row a record.

    Parameters
    ----------
    rows
        Mappings with ``record_id`` and any of `COLUMNS`; what is absent becomes NA, ``patient_id`` the record id.

    Examples
    --------
    >>> record_table([{"record_id": "a", "fs": 500, "codes": ["AFIB"]}]).loc["a", "patient_id"]
    'a'
    """
    frame = pd.DataFrame(list(rows), columns=["record_id", *COLUMNS])
    frame["patient_id"] = frame["patient_id"].where(frame["patient_id"].notna(), frame["record_id"])
    frame["record_id"] = frame["record_id"].astype("string")
    return frame.astype(COLUMNS).set_index("record_id")


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


def check_signal(signal: Signal) -> None:
    """Raise `RecordError` where a signal cannot be a 12-lead ECG in mV.

    Parameters
    ----------
    signal
        float32 ``[12, n_samples]``.

    Raises
    ------
    RecordError
        ``missing-lead``, ``empty``, ``nan``, ``flat-lead`` (constant over the record) or ``amplitude``.
    """
    if signal.ndim != 2 or signal.shape[0] != len(LEADS):
        raise RecordError("missing-lead", f"expected 12 leads x samples, found an array of shape {signal.shape}")
    if signal.shape[1] < 2:
        raise RecordError("empty", f"{signal.shape[1]} samples")
    broken = _named(np.any(~np.isfinite(signal), axis=1))
    if broken:
        raise RecordError("nan", f"samples that are not a number in {broken}")
    flat = _named(np.ptp(signal, axis=1) == 0)
    if flat:
        raise RecordError("flat-lead", f"constant signal in {flat}")
    # The bounds are wide: a thousand samples tell as much as all, and the sort is what reading would wait for.
    low, high = np.percentile(signal[:, :: max(1, signal.shape[1] // 1000)], [0.5, 99.5], axis=1)
    amplitude = float(np.median(high - low))
    if not PLAUSIBLE_MV[0] <= amplitude <= PLAUSIBLE_MV[1]:
        raise RecordError(
            "amplitude",
            f"median peak-to-peak {amplitude:.3g} mV lies outside {PLAUSIBLE_MV}: check the gain and the unit",
        )


def _named(leads: Any) -> str:
    return ", ".join(lead for lead, hit in zip(LEADS, leads, strict=True) if hit)
