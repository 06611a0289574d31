"""What Georgia and CHN share: folders of records in the PhysioNet/CinC Challenge format, described by their headers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from ecglens.datasets.base import DatasetCard, Index, check_root, read_each
from ecglens.datasets.wfdb_files import read_header, read_signal
from ecglens.errors import RecordError
from ecglens.records import Defect, Signal, record_table

_SEXES = {"male": "M", "m": "M", "female": "F", "f": "F"}


@dataclass
class ChallengeDataset:
    """Records whose age, sex and SNOMED CT codes stand in the comments of their headers.

    Parameters
    ----------
    root
        Folder with the publisher's files.
    name
        What this copy is called in a study.
    """

    root: Path
    name: str
    card: DatasetCard = field(init=False, repr=False)

    folders: ClassVar[tuple[str, ...]]
    """Where the records lie under the root; all that exist are read, and the root itself where none does."""
    ids: ClassVar[str]
    """Pattern of the record ids."""

    def __post_init__(self) -> None:
        """Refuse a root that is missing, empty, or another data set's."""
        check_root(self.root, self.card)

    def index(self) -> Index:
        """Read every header."""
        rows: list[dict[str, Any]] = []
        defects: list[Defect] = []
        for path in self._headers:
            try:
                rows.append(self._row(path))
            except RecordError as error:
                defects.append(Defect(path.stem, error.reason, error.detail))
        described = {path.with_suffix("") for path in self._headers}
        defects += [
            Defect(path.stem, "missing-file", f"{path}: has no header {path.stem}.hea")
            for folder in self._folders
            for path in sorted(folder.rglob("*.mat"))
            if path.with_suffix("") not in described
        ]
        return Index(record_table(rows), tuple(defects))

    def read(self, ids: Sequence[str]) -> list[Signal | Defect]:
        """Signals, or the reasons why there are none, in the order of `ids`."""
        return read_each(ids, self._read_one)

    @property
    def _folders(self) -> list[Path]:
        return [self.root / folder for folder in self.folders if (self.root / folder).is_dir()] or [self.root]

    @cached_property
    def _headers(self) -> list[Path]:
        return [path for folder in self._folders for path in sorted(folder.rglob("*.hea"))]

    @cached_property
    def _header_of(self) -> dict[str, Path]:
        return {path.stem: path for path in reversed(self._headers)}

    def _row(self, path: Path) -> dict[str, Any]:
        first = self._header_of[path.stem]
        if path != first:
            raise RecordError("duplicate-id", f"{path}: the id is already taken by {first}")
        if not fnmatch(path.stem, self.ids):
            raise RecordError("header", f"{path}: {self.card.title} has records named {self.ids}")
        header = read_header(path)
        codes = [code for code in map(str.strip, header.comments.get("Dx", "").split(",")) if code]
        if not codes:
            raise RecordError("unlabelled", f"{path}: no code in the comment Dx")
        return {
            "record_id": path.stem,
            "age": _age(header.comments.get("Age", "")),
            "sex": _SEXES.get(header.comments.get("Sex", "").lower()),
            "fs": header.fs,
            "n_samples": header.n_samples,
            "codes": list(dict.fromkeys(codes)),
            "path": path.relative_to(self.root).with_suffix("").as_posix(),
            "site": self.site_of(path.relative_to(self.root)),
        }

    @staticmethod
    def site_of(path: Path) -> str:  # noqa: ARG004 - one site, unless a reader knows more
        """The part of the data set that a record belongs to, by its path under the root; empty if there is one only."""
        return ""

    def _read_one(self, record_id: str) -> Signal:
        path = self._header_of.get(record_id)
        if path is None:
            raise RecordError("missing-file", f"{self.root}: no {record_id}.hea")
        return read_signal(read_header(path))


def _age(text: str) -> float | None:
    try:
        age = float(text)
    except ValueError:
        return None
    return age if math.isfinite(age) and age >= 0 else None
