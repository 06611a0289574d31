"""Rows of a store: states, checksums, and the file of the reasons for excluded rows."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecglens.files import ensure, writing
from ecglens.records import Defect

MISSING, DONE, LEFT_OUT = 0, 1, 2
"""States of a row."""


@dataclass(frozen=True)
class RowChecksums:
    """Checksums (uint64) of a row's store, record, state, and values or reason.

    Parameters
    ----------
    store
        Name of the store, the digest of its provenance.
    """

    store: str

    def of_embeddings(self, ids: Iterable[str], matrix: NDArray[np.float32]) -> NDArray[np.uint64]:
        """Checksums of embeddings ``[n, dim]``."""
        return self._of(DONE, ids, (row.tobytes() for row in matrix))

    def of_reasons(self, ids: Iterable[str], lines: Iterable[bytes]) -> NDArray[np.uint64]:
        """Checksums of excluded records and their reasons."""
        return self._of(LEFT_OUT, ids, lines)

    def left_out(
        self,
        ids: NDArray[np.str_],
        states: NDArray[np.uint8],
        checksums: NDArray[np.uint64],
        lines: Mapping[int, bytes],
    ) -> list[int]:
        """Excluded rows whose reason is stored and undamaged."""
        rows = [row for row in np.flatnonzero(states == LEFT_OUT).tolist() if row in lines]
        sound = self.of_reasons(ids[rows], (lines[row] for row in rows)) == checksums[rows]
        return [row for row, same in zip(rows, sound, strict=True) if same]

    def _of(self, state: int, ids: Iterable[str], contents: Iterable[bytes]) -> NDArray[np.uint64]:
        start = hashlib.blake2b(self.store.encode(), digest_size=8)
        found = bytearray()
        for record_id, content in zip(ids, contents, strict=True):
            row = start.copy()
            row.update(f"{record_id}\0{state}\0".encode(errors="surrogatepass"))
            row.update(content)
            found += row.digest()
        return np.frombuffer(found, dtype=np.uint64)


@dataclass(frozen=True)
class Reasons:
    """The file of the reasons for excluded rows: one line of JSON per row, appended as the work proceeds.

    Parameters
    ----------
    path
        Path of the file.
    """

    path: Path

    def read(self) -> dict[int, bytes]:
        """Lines by row, the last one if there are several; truncated or damaged lines are ignored."""
        found = {}
        for line in self.path.read_bytes().splitlines(keepends=True) if self.path.is_file() else ():
            try:
                found[int(json.loads(line)["row"])] = line
            except (ValueError, TypeError, LookupError, RecursionError):
                continue
        return found

    def keep(self, lines: Iterable[bytes]) -> None:
        """Reduce the file to some of its lines."""
        content = b"".join(lines)
        if content or self.path.exists():
            ensure(self.path, content)

    def add(self, lines: Iterable[bytes]) -> None:
        """Append lines; they are on disk when this returns."""
        content = b"".join(lines)
        if content:
            with writing(self.path), self.path.open("ab") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())


def to_line(row: int, defect: Defect) -> bytes:
    """The line with the reason for an excluded row."""
    return json.dumps({"row": row, **asdict(defect)}).encode() + b"\n"


def to_defect(line: bytes) -> Defect:
    """The defect in a line."""
    facts = json.loads(line)
    return Defect(facts["record_id"], facts["reason"], facts["detail"])
