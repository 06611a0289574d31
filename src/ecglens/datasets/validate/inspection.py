"""Inspection of a data set: usable records, left-out records with reasons, and summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecglens.datasets.base import Dataset, Index, is_simulated
from ecglens.datasets.validate.gate import checked_index, checked_read, refuse_failed_reader
from ecglens.records import Defect, signal_digest
from ecglens.tasks import TASKS, get_task, labels


@dataclass(frozen=True)
class Inspection:
    """Content of a data set.

    Parameters
    ----------
    records
        Record table of the usable records, ``n_samples`` as read, and ``signal_digest``: 16 hexadecimal characters
        that two records share only if their signals are identical.
    defects
        The records left out.
    """

    records: pd.DataFrame
    defects: tuple[Defect, ...]


@dataclass(frozen=True)
class Spread:
    """Minimum, median and maximum."""

    minimum: float
    median: float
    maximum: float

    def __str__(self) -> str:
        """``5 / 10 / 10``."""
        return f"{self.minimum:g} / {self.median:g} / {self.maximum:g}"


@dataclass(frozen=True)
class Prevalence:
    """Records by label; `left_out` are neither positive nor negative."""

    positive: int
    negative: int
    left_out: int

    def __str__(self) -> str:
        """``7 positive (18.9 %), 30 negative, 1 left out``."""
        share = self.positive / max(1, self.positive + self.negative)
        return f"{self.positive:,} positive ({share:.1%}), {self.negative:,} negative, {self.left_out:,} left out"


@dataclass(frozen=True)
class Summary:
    """An inspection in numbers.

    Parameters
    ----------
    listed, usable, expected
        Number of listed records, of usable records, and of records in the complete release.
    patients, expected_patients
        Number of patients; without identifiers every record counts as one.
    has_patient_ids, simulated
        Facts from the card and the root.
    prevalence
        Numbers of records by label, for each task.
    fs
        Number of records by sampling rate in Hz.
    seconds, age
        Length in s and age in years; ``None`` if no record has one.
    age_missing
        Records without age.
    sex
        Records by ``F``, ``M`` and ``unknown``.
    defects
        Records left out, by reason.
    """

    listed: int
    usable: int
    expected: int | None
    patients: int
    expected_patients: int | None
    has_patient_ids: bool
    simulated: bool
    prevalence: dict[str, Prevalence]
    fs: dict[str, int]
    seconds: Spread | None
    age: Spread | None
    age_missing: int
    sex: dict[str, int]
    defects: dict[str, int]

    def describe(self) -> dict[str, str | list[str]]:
        """Names and values to print."""
        unit = "" if self.has_patient_ids else " (no identifiers: every record counts as one)"
        return {
            "records": f"{self.usable:,} usable of {self.listed:,} listed{_of(self.expected)}",
            "patients": f"{self.patients:,}{unit}{_of(self.expected_patients)}" if self.usable else "none",
            "simulated": "yes" if self.simulated else "no",
            **{f"task {task}": str(count) for task, count in self.prevalence.items()},
            "sampling rate": [f"{fs} Hz: {n:,}" for fs, n in self.fs.items()] or "no record was read",
            "length (s), min / median / max": str(self.seconds or "no record was read"),
            "age (years), min / median / max": f"{self.age or 'none known'}, {self.age_missing:,} unknown",
            "sex": ", ".join(f"{sex} {n:,}" for sex, n in self.sex.items()),
            "left out": [f"{reason}: {n:,}" for reason, n in self.defects.items()] or "none",
        }


def inspect_records(
    dataset: Dataset, *, batch: int = 256, on_progress: Callable[[int, int], None] | None = None
) -> Inspection:
    """Read every indexed record once, with one batch of signals in memory.

    Parameters
    ----------
    dataset
        Data set to read.
    batch
        Records read at a time.
    on_progress
        Called after each batch with the number of records read and their total.

    Returns
    -------
    inspection
        Usable records and defects. A record with the signal of an earlier one is left out as ``duplicate-signal``.
    """
    index = checked_index(dataset)
    ids = index.records.index.tolist()
    n_samples: dict[str, int] = {}
    digests: dict[str, str] = {}
    defects = list(index.defects)
    for start in range(0, len(ids), batch):
        chunk = index.records.iloc[start : start + batch]
        for record_id, signal in zip(ids[start : start + batch], checked_read(dataset, chunk), strict=True):
            if isinstance(signal, Defect):
                defects.append(signal)
                continue
            n_samples[record_id] = signal.shape[1]
            digests[record_id] = signal_digest(signal)
        if on_progress:
            on_progress(start + len(chunk), len(ids))
    refuse_failed_reader(dataset, len(ids), defects)
    read = index.records.loc[list(digests)].assign(
        n_samples=pd.array(list(n_samples.values()), dtype="Int64"),
        signal_digest=pd.array(list(digests.values()), dtype="string"),
    )
    first = {digest: record_id for record_id, digest in reversed(digests.items())}
    repeated = {record_id: first[digest] for record_id, digest in digests.items() if first[digest] != record_id}
    defects += [
        Defect(record_id, "duplicate-signal", f"the signal is identical to that of {earlier}")
        for record_id, earlier in repeated.items()
    ]
    return Inspection(read.drop(list(repeated)), tuple(defects))


def try_records(dataset: Dataset, index: Index, n: int = 8) -> str:
    """Read a few records, spread over the data set; returns a sentence on usable and left-out records."""
    listed = len(index.records) + len(index.defects)
    rows = np.linspace(0, len(index.records) - 1, min(n, len(index.records)), dtype=int)
    found = checked_read(dataset, index.records.iloc[rows]) if len(rows) else []
    defects = [*(each for each in found if isinstance(each, Defect)), *index.defects]
    example = f"; such as {defects[0].record_id}: {defects[0].reason}: {defects[0].detail}" if defects else ""
    usable = sum(not isinstance(each, Defect) for each in found)
    left_out = f"{len(index.defects):,} of {listed:,} left out by the table"
    return f"{usable} of {len(found)} tried can be used; {left_out}{example}"


def summarise(inspection: Inspection, dataset: Dataset) -> Summary:
    """Count what an inspection of a data set found."""
    records, card = inspection.records, dataset.card
    reasons = pd.Series([defect.reason for defect in inspection.defects], dtype="string")
    return Summary(
        listed=len(records) + len(inspection.defects),
        usable=len(records),
        expected=card.expected_records,
        patients=records["patient_id"].nunique(),
        expected_patients=card.expected_patients,
        has_patient_ids=card.has_patient_ids,
        simulated=is_simulated(dataset.root),
        prevalence=prevalence(records["codes"], card.vocabulary),
        fs=_counts(records["fs"].map("{:g}".format)),
        seconds=_spread(records["n_samples"] / records["fs"]),
        age=_spread(records["age"]),
        age_missing=int(records["age"].isna().sum()),
        sex={"F": 0, "M": 0, **_counts(records["sex"].fillna("unknown"))},
        defects=_counts(reasons),
    )


def prevalence(codes: pd.Series[Any], vocabulary: str) -> dict[str, Prevalence]:
    found = {}
    for task in map(get_task, TASKS.names()):
        if vocabulary in task.positive:
            label = labels(task, codes, vocabulary)
            found[task.name] = Prevalence(
                *(int(n) for n in ((label == 1).sum(), (label == 0).sum(), label.isna().sum()))
            )
    return found


def _counts(values: pd.Series[Any]) -> dict[str, int]:
    return {str(value): int(n) for value, n in values.value_counts().items()}


def _spread(values: pd.Series[Any]) -> Spread | None:
    known = values.dropna()
    return Spread(float(known.min()), float(known.median()), float(known.max())) if len(known) else None


def _of(expected: int | None) -> str:
    return f"; the complete release has {expected:,}" if expected is not None else ""
