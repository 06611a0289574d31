"""Contract of data sets: a card of facts, a record table, and a reader of signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import pandas as pd

from ecglens.datasets.card import DatasetCard
from ecglens.datasets.quality import check_signal
from ecglens.errors import RecordError
from ecglens.records import READ_ERROR, Defect, Signal

SIMULATED_MARK = "SIMULATED.json"
"""File that marks a root with simulated records, in every layout."""


@dataclass(frozen=True)
class Index:
    """Record table and defects, before any signal is read."""

    records: pd.DataFrame
    defects: tuple[Defect, ...]


@runtime_checkable
class Dataset(Protocol):
    """A source of records with native files on disk.

    The constructor takes the root and keyword options, and raises `DatasetError` if the root is missing, empty, or
    holds another data set; it must be fast. `index` may take longer. Neither raises for a single bad record, which
    becomes a defect. If a file cannot be read for a reason that may pass (an `OSError` such as a lock, a permission or
    a disk error), the reason of the defect is ``read-error``, and the next run tries again.

    `ecglens.datasets.validate.gate` checks everything that a reader returns before it is used. ``ecglens data check``
    shows the author of a reader what it finds.
    """

    name: str
    card: DatasetCard
    root: Path

    def index(self) -> Index:
        """The record table (`ecglens.records.COLUMNS`) and the records that cannot enter it."""
        ...

    def read(self, ids: Sequence[str]) -> list[Signal | Defect]:
        """Signals in the order of `ids`: float32 ``[12, n]`` in mV, or the defect."""
        ...


def is_simulated(root: Path) -> bool:
    """Whether a root holds simulated records, by its mark."""
    return (root / SIMULATED_MARK).is_file()


class Checked(list[Signal | Defect]):
    """Results whose signals have passed `check_signal` and are not checked again."""


def read_each(ids: Sequence[str], read_one: Callable[[str], Signal]) -> Checked:
    """Read and check records one by one; a `RecordError` becomes a `Defect`.

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
