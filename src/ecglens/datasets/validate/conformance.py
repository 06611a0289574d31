"""Tests whether a reader keeps the contract, on the user's records."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ecglens.checks import Check, raised
from ecglens.datasets.base import Dataset
from ecglens.datasets.validate.gate import READER_FAILED, checked_index
from ecglens.datasets.validate.inspection import Inspection, inspect_records, prevalence
from ecglens.datasets.validate.rules import check_index
from ecglens.errors import EcgLensError
from ecglens.records import Defect
from ecglens.tasks import TASKS

SLOW = 5.0
"""Longest duration of a constructor in seconds, because every worker opens the data set."""

N_TRIED = 8
"""Records that are read several times."""

Open = Callable[..., Dataset]

_REMEDIES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "ids": (("unreadable", "duplicate-id"), "Every record needs an id of its own and a patient_id."),
    "codes of a record": (("unlabelled",), "One text a code, in the card's vocabulary; [] if none was found."),
    "sampling rate": (("fs",), "Give the rate at which the signal is stored, in Hz."),
    "reader's code": ((READER_FAILED,), "Catch what a single record may raise, and return a Defect."),
    "array": (("dtype", "missing-lead"), "Return float32 [12, samples]: signal.astype(np.float32), one lead a row."),
    "length": (("length", "empty"), "Correct n_samples in the table, or leave it missing."),
    "finite": (("nan",), "Fill the gaps, cut them off, or return a Defect."),
    "no flat lead": (("flat-lead",), "Is a lead missing in the source? Return a Defect for such a record."),
    "millivolts": (("amplitude",), "Convert to mV: divide microvolts by 1000, raw steps by the gain."),
    "lead order": (("lead-order",), "Sort the rows as ecglens.records.LEADS: I II III aVR aVL aVF V1 to V6."),
}
"""Reasons of the records that fail each check, and the remedy if most of them do."""


@dataclass(frozen=True)
class Report:
    """Result of a contract test, and the content of the data set if its records could be read."""

    dataset: Dataset
    checks: tuple[Check, ...]
    inspection: Inspection | None

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return not any(check.passed is False for check in self.checks)


def check_reader(open_at: Open, root: Path, on_progress: Callable[[int, int], None] | None = None) -> Report:
    """Test a reader: open, index, read every record once and some of them several times.

    Parameters
    ----------
    open_at
        Function that opens a root, called once with ``name=``; its exceptions for `root` are not caught.
    root
        Folder with the user's records.
    on_progress
        As for `inspect_records`.

    Returns
    -------
    report
        One entry per check. If the index breaks the contract, signals are not tested.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from ecglens.datasets.georgia import Georgia
    >>> from ecglens.datasets.simulated import simulate
    >>> root = Path(mkdtemp())
    >>> simulate(root, "georgia", n_records=4, seed=0)
    >>> check_reader(lambda root, name="georgia": Georgia(root, name), root).passed
    True
    """
    dataset = open_at(root)
    checks = [_run("constructor", _constructor, open_at, root), _run("empty folder", _empty_folder, open_at)]
    try:
        checks += check_index(dataset.index())
    except Exception as error:  # noqa: BLE001 - somebody else's code may raise anything
        checks.append(raised("index", error))
    if any(check.passed is False for check in checks[2:]):
        return Report(dataset, tuple(checks), None)
    try:
        inspection = inspect_records(dataset, on_progress=on_progress)
    except EcgLensError as error:
        return Report(dataset, (*checks, Check("read", False, str(error))), None)
    checks += _judge_records(inspection)
    checks.append(_run("index repeats", _index_repeats, open_at, root, dataset))
    ids = inspection.records.index[:N_TRIED].tolist()
    checks += [_run(name, check, dataset, ids) for name, check in _CONDUCT.items() if ids]
    return Report(dataset, (*checks, *_tasks(inspection, dataset)), inspection)


def _run(name: str, check: Callable[..., tuple[bool, str, str]], *arguments: Any) -> Check:
    try:
        return Check(name, *check(*arguments))
    except Exception as error:  # noqa: BLE001 - as above
        return raised(name, error)


def _constructor(open_at: Open, root: Path) -> tuple[bool, str, str]:
    start = time.perf_counter()
    dataset = open_at(root, name="another-name")
    seconds = time.perf_counter() - start
    if dataset.name != "another-name":
        return False, f"called with name='another-name', its name is {dataset.name!r}", "Keep the name in self.name."
    kept: Any = dataset.root
    if not isinstance(kept, Path):
        return False, f"root is a {type(kept).__name__}", "Keep the pathlib.Path that it is called with."
    return seconds <= SLOW, f"{seconds:.2g} s", "Leave the work to index(): every worker opens the data set."


def _empty_folder(open_at: Open) -> tuple[bool, str, str]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            open_at(Path(folder))
        except EcgLensError as error:
            return True, f"refused: {error}".replace(folder, "FOLDER"), ""
    return False, "opened without a word", "Raise ecglens.errors.DatasetError where the files are not there."


def _index_repeats(open_at: Open, root: Path, dataset: Dataset) -> tuple[bool, str, str]:
    same = checked_index(dataset).records.equals(checked_index(open_at(root)).records)
    return same, "the same table twice" if same else "another table the second time", "Sort files, and draw nothing."


def _judge_records(inspection: Inspection) -> list[Check]:
    """A check fails if most of the remaining records fail it, because then the reader is at fault and not the data."""
    left = len(inspection.records) + len(inspection.defects)
    checks = []
    for name, (reasons, remedy) in _REMEDIES.items():
        hits = [defect for defect in inspection.defects if defect.reason in reasons]
        if left:
            example = f", such as {hits[0].record_id}: {hits[0].detail}" if hits else ""
            detail = f"{len(hits):,} of {left:,} fail{example}" if hits else f"{left:,} of {left:,}"
            checks.append(Check(name, 2 * len(hits) <= left, detail, remedy))
        left -= len(hits)
    n, patients = len(inspection.records), inspection.records["patient_id"].nunique()
    checks.append(Check("usable records", n > 0, f"{n:,}", "See the reasons above and below."))
    if n > 1:
        remedy = "Folds keep patients apart: give every patient an id, or repeat the record id."
        checks.append(Check("patients", patients > 1, f"{n:,} records of {patients:,} patients", remedy))
    return checks


def _order(dataset: Dataset, ids: list[str]) -> tuple[bool, str, str]:
    same = _same(dataset.read(ids), dataset.read(ids[::-1])[::-1])
    return same, f"{len(ids)} records forwards and backwards", "Return results in the order of the ids."


def _alone(dataset: Dataset, ids: list[str]) -> tuple[bool, str, str]:
    same = _same(dataset.read(ids), [dataset.read([record_id])[0] for record_id in ids])
    return same, f"{len(ids)} records together and one by one", "A signal may not depend on the other ids."


def _repeats(dataset: Dataset, ids: list[str]) -> tuple[bool, str, str]:
    return _same(dataset.read(ids), dataset.read(ids)), "read twice", "The same id has to give the same signal."


def _memory(dataset: Dataset, ids: list[str]) -> tuple[bool, str, str]:
    found = dataset.read(ids)
    before = [np.array(signal) for signal in found]
    dataset.read(ids[::-1])
    return _same(before, found), "signals stay as they are while others are read", "Return a new array each time."


def _unknown_id(dataset: Dataset, _: list[str]) -> tuple[bool, str, str]:
    (found,) = dataset.read(["no-such-record"])
    is_defect = isinstance(found, Defect)
    return is_defect, found.reason if isinstance(found, Defect) else "a signal", "Return a Defect, do not raise."


def _no_ids(dataset: Dataset, _: list[str]) -> tuple[bool, str, str]:
    return len(dataset.read([])) == 0, "nothing for nothing", "Return an empty list."


_CONDUCT = {
    "memory": _memory,
    "repeats": _repeats,
    "order": _order,
    "alone": _alone,
    "unknown id": _unknown_id,
    "no ids": _no_ids,
}


def _tasks(inspection: Inspection, dataset: Dataset) -> list[Check]:
    vocabulary = dataset.card.vocabulary
    known = prevalence(inspection.records["codes"], vocabulary)
    without = [name for name in TASKS.names() if name not in known]
    counts = [f"{name} {count.positive:,} and {count.negative:,}" for name, count in known.items()]
    told = f"positive and negative: {', '.join(counts)}" if counts else ""
    missing = f"no codes for vocabulary {vocabulary!r}: {', '.join(without)}" if without else ""
    return [Check("tasks", None, "; ".join(filter(None, [told, missing])))]


def _same(one: list[Any], other: list[Any]) -> bool:
    pairs = list(zip(one, other, strict=True))
    return all(np.array_equal(a, b) for a, b in pairs if not isinstance(a, Defect) and not isinstance(b, Defect))
