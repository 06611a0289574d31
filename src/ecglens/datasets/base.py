"""What a data set is: a card of facts, a record table, and a reader of signals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import pandas as pd

from ecglens.datasets.card import DatasetCard
from ecglens.datasets.files import is_folder
from ecglens.datasets.quality import check_signal
from ecglens.errors import DatasetError, RecordError
from ecglens.records import READ_ERROR, Defect, Signal

SIMULATED_MARK = "SIMULATED.json"
"""A root that holds this file holds simulated records, whatever layout they are in."""

MARKS: Mapping[str, tuple[str, ...]] = {
    "ptb-xl": ("ptbxl_database.csv",),
    "code-15": ("exams.csv",),
    "georgia": ("training/georgia", "georgia", "E*.hea", "g*/E*.hea"),
    "chn": (
        "WFDBRecords",
        "training/chapman_shaoxing",
        "training/ningbo",
        "chapman_shaoxing",
        "ningbo",
        "JS*.hea",
        "g*/JS*.hea",
        "[0-9]*/[0-9]*/JS*.hea",
    ),
}
"""By what a root is recognised: a data set lies where one of its patterns matches."""


@dataclass(frozen=True)
class Index:
    """What a look through a data set's files gives, before any signal is read."""

    records: pd.DataFrame
    defects: tuple[Defect, ...]


@runtime_checkable
class Dataset(Protocol):
    """A source of records with native files on disk.

    The constructor takes the root and keyword options, and raises `DatasetError` where the root is missing, empty, or
    holds another data set; it must be cheap. `index` may take a while. Neither ever raises for a single bad record:
    it becomes a defect. Where the file could not be read for a reason that may pass (an `OSError` such as a lock, a
    permission or a fault of the disk), the defect's reason is ``read-error``, and nothing of it is remembered.

    `ecglens.datasets.validate.gate` checks everything that a reader returns before it is used. ``ecglens data check``
    shows the author of a reader what it finds.
    """

    name: str
    card: DatasetCard
    root: Path

    def index(self) -> Index:
        """The record table (`ecglens.records.COLUMNS`) and the records that could not enter it."""
        ...

    def read(self, ids: Sequence[str]) -> list[Signal | Defect]:
        """Signals in the order of `ids`: float32 ``[12, n]`` in mV, or the reason why there is none."""
        ...


def is_simulated(root: Path) -> bool:
    """Whether the records under a root say of themselves that they are simulated."""
    return (root / SIMULATED_MARK).is_file()


def check_root(root: Path, card: DatasetCard) -> None:
    """Raise `DatasetError` unless a root holds the data set of the card."""
    if not is_folder(root):
        raise DatasetError(f"{card.title}: there is no folder {root}. Expected: {card.layout}")
    try:
        empty = not any(root.iterdir())
    except OSError as error:
        raise DatasetError(f"{card.title}: {root} cannot be listed ({error.strerror}). Is it yours to read?") from error
    if empty:
        raise DatasetError(f"{card.title}: {root} is empty. Expected: {card.layout}; download it from {card.url}")
    found = [name for name, marks in MARKS.items() if any(next(root.glob(mark), None) for mark in marks)]
    if card.name not in found:
        hint = f" It looks like {' and '.join(found)}." if found else ""
        raise DatasetError(f"{card.title}: {root} does not hold it.{hint} Expected: {card.layout}")


class Checked(list[Signal | Defect]):
    """Results whose signals have passed `check_signal`: they are not checked a second time."""


def read_each(ids: Sequence[str], read_one: Callable[[str], Signal]) -> Checked:
    """Read and check one record after another; what a `RecordError` says becomes a `Defect`.

    Examples
    --------
    >>> import numpy as np
    >>> read_each(["a"], lambda record_id: np.zeros((12, 5000), dtype=np.float32))[0].reason
    'flat-lead'
    """
    return Checked(_signal_or_defect(record_id, read_one) for record_id in ids)


def _signal_or_defect(record_id: str, read_one: Callable[[str], Signal]) -> Signal | Defect:
    try:
        signal = read_one(record_id)
        check_signal(signal)
    except RecordError as error:
        return Defect(record_id, error.reason, error.detail)
    except OSError as error:
        return Defect(record_id, READ_ERROR, str(error))
    return signal
