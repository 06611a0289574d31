"""Validation of every record table and signal of a reader, before anything uses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecglens.checks import message, place
from ecglens.datasets.base import Checked, Dataset, Index
from ecglens.datasets.quality import check_signal
from ecglens.datasets.validate.rules import check_index, sort_out
from ecglens.errors import ConfigError, DatasetError, RecordError, printable
from ecglens.records import READ_ERROR, Defect, Signal

READER_FAILED = "reader-error"
"""Reason of a record for which the code of the reader raised."""

_PASSED_ON = (MemoryError, ConfigError, DatasetError)
"""Errors that are passed on: they are no fault of a record, and their messages are complete."""


def checked_index(dataset: Dataset) -> Index:
    """Validated record table of a data set, and its defects.

    Returns
    -------
    index
        Columns and types of `ecglens.records.COLUMNS`; records that cannot be used are among the defects.

    Raises
    ------
    DatasetError
        The table breaks the contract, or the code of the reader raised. The message names the reader, the column, the
        first affected record and the remedy.
    """
    try:
        index = dataset.index()
    except _PASSED_ON:
        raise
    except OSError as error:
        raise DatasetError(f"{_reader(dataset)}: index() could not read: {error}") from error
    except (Exception, SystemExit) as error:
        raise DatasetError(f"{_reader(dataset)}: index() raised {message(error)} ({place(error)})") from error
    for check in check_index(index):
        if not check.passed:
            raise DatasetError(f"{_reader(dataset)}: {check.name}: {check.detail}. {check.remedy}")
    records, defects = sort_out(index.records, dataset.card.vocabulary)
    return Index(records, (*index.defects, *defects))


def checked_read(dataset: Dataset, records: pd.DataFrame) -> list[Signal | Defect]:
    """Validated signals of some rows of a record table, in their order: float32 ``[12, n_samples]`` in mV.

    If the reader raises, the records are read one by one, so that a bad record does not affect the others.

    Returns
    -------
    list
        A signal or a defect per row. The reason is ``read-error`` if the system could not read the file, and
        ``reader-error`` if the code of the reader raised.

    Raises
    ------
    DatasetError
        The reader returned another number of results, or in another order.
    """
    ids = [str(record_id) for record_id in records.index]
    stated = records["n_samples"].tolist() if "n_samples" in records else [pd.NA] * len(ids)
    try:
        found = _read(dataset, ids)
    except _PASSED_ON:
        raise
    except (Exception, SystemExit):  # noqa: BLE001 - somebody else's code may raise anything
        found = [_read_alone(dataset, record_id) for record_id in ids]
    sound = isinstance(found, Checked)
    return [_check(*each, sound) for each in zip(ids, found, stated, strict=True)]


def refuse_failed_reader(dataset: Dataset, n_read: int, defects: Sequence[Defect]) -> None:
    """Raise `DatasetError` if the code of the reader raised for every record."""
    failed = [defect for defect in defects if defect.reason == READER_FAILED]
    if n_read and len(failed) == n_read:
        raise DatasetError(f"{_reader(dataset)}: read() raised for every record, such as {failed[0].detail}")


def _read_alone(dataset: Dataset, record_id: str) -> Signal | Defect:
    try:
        return _read(dataset, [record_id])[0]
    except _PASSED_ON:
        raise
    except RecordError as error:
        return Defect(record_id, error.reason, error.detail)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        return Defect(record_id, "missing-file", str(error))
    except OSError as error:
        return Defect(record_id, READ_ERROR, str(error))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as above
        return Defect(record_id, READER_FAILED, f"{message(error)} ({place(error)})")


def _read(dataset: Dataset, ids: Sequence[str]) -> Sequence[Signal | Defect]:
    """Results of the reader: a list or tuple with an entry for each id, with defects in their places."""
    found = dataset.read(list(ids))
    if not isinstance(found, list | tuple):
        raise DatasetError(f"{_reader(dataset)}: read() returned {type(found).__name__}, expected a list")
    if len(found) != len(ids):
        raise DatasetError(
            f"{_reader(dataset)}: read() returned {len(found)} results for {len(ids)} ids. "
            "Return a signal or a Defect for every id."
        )
    for record_id, item in zip(ids, found, strict=True):
        if isinstance(item, Defect) and item.record_id != Defect(record_id, "", "").record_id:
            raise DatasetError(
                f"{_reader(dataset)}: read() returned the defect of {item.record_id!r} in the place of {record_id!r}. "
                "Return results in the order of the ids."
            )
    return found


def _check(record_id: str, item: Signal | Defect, stated: Any, sound: bool) -> Signal | Defect:
    if isinstance(item, Defect):
        return item
    if not isinstance(item, np.ndarray) or isinstance(item, np.ma.MaskedArray) or item.dtype != np.float32:
        kind = f"{item.dtype} {type(item).__name__}" if isinstance(item, np.ndarray) else type(item).__name__
        return Defect(record_id, "dtype", f"read() returned {kind}, expected a float32 array [12, samples] in mV")
    try:
        if not sound:
            check_signal(item)
    except RecordError as error:
        return Defect(record_id, error.reason, error.detail)
    if not pd.isna(stated) and stated != item.shape[1]:
        return Defect(record_id, "length", f"{item.shape[1]} samples, the record table says {stated}")
    return item


def _reader(dataset: Dataset) -> str:
    kind = type(dataset)
    return f"data set {printable(dataset.name)!r}, reader {kind.__module__}:{kind.__qualname__}"
