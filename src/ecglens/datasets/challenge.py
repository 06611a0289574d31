"""Base class of Georgia and CHN: folders of records in the format of the PhysioNet/CinC Challenge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from ecglens.datasets.base import Index, read_each
from ecglens.datasets.card import DatasetCard
from ecglens.datasets.fields import ages, sexes
from ecglens.datasets.files import excerpt, find, is_folder
from ecglens.datasets.roots import check_root
from ecglens.datasets.snomed import snomed_codes
from ecglens.datasets.wfdb import Header, read_header, read_signal
from ecglens.errors import RecordError, printable
from ecglens.records import READ_ERROR, Defect, Signal, record_table

_SUFFIXES = (".hea", ".mat", ".dat")
_ABOVE_89 = 300.0
"""PhysioNet's value for all ages above 89."""


@dataclass
class ChallengeDataset:
    """Records with age, sex and SNOMED CT codes in the comments of their headers.

    Parameters
    ----------
    root
        Folder with the publisher's files.
    name
        Name of this copy in a study.
    """

    root: Path
    name: str
    card: DatasetCard = field(init=False, repr=False)

    folders: ClassVar[tuple[str, ...]]
    """Folders with records below the root; all that exist are read, or the root itself if none does."""
    ids: ClassVar[str]
    """Pattern of the record ids."""

    def __post_init__(self) -> None:
        """Refuse a root that is missing, empty, or holds another data set."""
        check_root(self.root, self.card)

    def index(self) -> Index:
        """Read every header."""
        files, hiding = self._found
        rows: list[dict[str, Any]] = []
        defects = [*hiding]
        for path in self._headers:
            try:
                rows.append(self._row(path))
            except RecordError as error:
                defects.append(Defect(path.stem, error.reason, error.detail))
        described = {path.with_suffix("") for path in self._headers}
        defects += [
            Defect(path.stem, "missing-file", f"{path}: has no header {path.stem}.hea")
            for path in files
            if path.with_suffix("") not in described
        ]
        told = pd.DataFrame(rows, columns=["age", "sex"])
        known = zip(rows, ages(told["age"], above_89=_ABOVE_89), sexes(told["sex"]), strict=True)
        return Index(record_table(row | {"age": age, "sex": sex} for row, age, sex in known), tuple(defects))

    def read(self, ids: Sequence[str]) -> list[Signal | Defect]:
        """Signals or defects, in the order of `ids`."""
        return read_each(ids, self._read_one)

    @cached_property
    def _found(self) -> tuple[list[Path], list[Defect]]:
        """Headers and signal files that are not hidden, and defects of folders that may hide some."""
        folders = [self.root / folder for folder in self.folders if is_folder(self.root / folder)]
        return find(folders or [self.root], _SUFFIXES)

    @cached_property
    def _headers(self) -> list[Path]:
        return sorted(path for path in self._found[0] if path.suffix.lower() == ".hea")

    @cached_property
    def _header_of(self) -> dict[str, Path]:
        """Header by record id; of several, the nearest to the root, because copies lie deeper."""
        nearest_last = sorted(self._headers, key=lambda path: (len(path.parts), path), reverse=True)
        return {path.stem: path for path in nearest_last}

    def _row(self, path: Path) -> dict[str, Any]:
        first = self._header_of[path.stem]
        if path != first:
            raise RecordError("duplicate-id", f"{path}: the id is already taken by {first}")
        if not fnmatch(path.stem, self.ids):
            raise RecordError("header", f"{path}: {self.card.title} has records named {self.ids}")
        header = read_header(path)
        try:
            codes = snomed_codes(_comment(header, "dx"))
        except ValueError as error:
            found = excerpt(path, str(error))
            raise RecordError("unlabelled", f"{path}: the comment Dx holds {found}, no SNOMED CT code") from error
        if not codes:
            raise RecordError("unlabelled", f"{path}: no code in the comment Dx")
        return {
            "record_id": path.stem,
            "age": _comment(header, "age"),
            "sex": _comment(header, "sex"),
            "fs": header.fs,
            "n_samples": header.n_samples,
            "codes": codes,
            "path": printable(path.relative_to(self.root).with_suffix("").as_posix(), 1000),
            "site": self.site_of(path.relative_to(self.root)),
        }

    @staticmethod
    def site_of(path: Path) -> str:  # noqa: ARG004 - one site, unless a reader knows more
        """The part of the data set that a record belongs to, by its path below the root; empty if there is only one."""
        return ""

    def _read_one(self, record_id: str) -> Signal:
        path = self._header_of.get(record_id)
        if path is None:
            reason = READ_ERROR if any(defect.passing for defect in self._found[1]) else "missing-file"
            raise RecordError(reason, f"{self.root}: no {record_id}.hea")
        return read_signal(read_header(path))


def _comment(header: Header, key: str) -> str:
    return ", ".join(value for name, value in header.comments.items() if name.lower() == key)
