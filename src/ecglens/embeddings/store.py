"""Where embeddings are kept: one folder per provenance, safe to kill at any moment."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import StoreError
from ecglens.records import Defect

MISSING, DONE, LEFT_OUT = 0, 1, 2


def digest(facts: Mapping[str, Any], length: int = 16) -> str:
    """Name of a set of plain facts: the first characters of the SHA-256 of its canonical JSON."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=plain).encode()).hexdigest()[:length]


def plain(value: Any) -> Any:
    """What JSON has no form for, as something it has: sets as sorted lists, everything else as text."""
    return sorted(value) if isinstance(value, set | frozenset) else str(value)


@dataclass(frozen=True)
class Embeddings:
    """The finished rows of a store. The matrix stays on disk; rows are read when they are taken.

    Parameters
    ----------
    folder
        The store they come from.
    record_ids
        ``[n]``, the records that have an embedding.
    defects
        Records that have none, and why.
    provenance
        What the rows were made from.
    stored
        float32 memory map ``[n_stored, dim]``.
    row
        ``[n]``, the row in `stored` of each record.
    """

    folder: Path
    record_ids: NDArray[np.str_]
    defects: tuple[Defect, ...]
    provenance: Mapping[str, Any]
    stored: NDArray[np.float32]
    row: NDArray[np.intp]

    @property
    def matrix(self) -> NDArray[np.float32]:
        """All embeddings, float32 ``[n, dim]``, in memory."""
        return self.stored[self.row]

    def take(self, ids: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Embeddings of some records.

        Returns
        -------
        matrix
            float32 ``[found, dim]`` in the order of `ids`.
        found
            ``[len(ids)]``, false where a record has no embedding.
        """
        place = pd.Index(self.record_ids).get_indexer(pd.Index(ids))
        return self.stored[self.row[place[place >= 0]]], place >= 0


class EmbeddingStore:
    """A preallocated matrix on disk with the state of each row beside it.

    Rows reach the disk before their state says so; a run killed at any moment leaves rows that are either finished or
    known to be missing. The folder's name is the digest of the provenance, so no stale embedding is ever found.

    Parameters
    ----------
    root
        Folder that holds the stores.
    provenance
        Everything the numbers depend on, as plain data.
    record_ids
        The records, in the order of the rows.
    dim
        Width of an embedding.
    """

    def __init__(self, root: Path, provenance: Mapping[str, Any], record_ids: Sequence[str], dim: int) -> None:
        self.provenance = dict(provenance)
        self.folder = root / digest(self.provenance)
        if not self.folder.is_dir():
            _create(self.folder, self.provenance, record_ids, dim)
        self._matrix = np.load(self.folder / "matrix.npy", mmap_mode="r+")
        self._state = np.load(self.folder / "state.npy", mmap_mode="r+")
        if self._matrix.shape != (len(record_ids), dim) or len(self._state) != len(record_ids):
            raise StoreError(
                f"{self.folder}: holds {self._matrix.shape} and {len(self._state)} states, expected "
                f"({len(record_ids)}, {dim}). Delete the folder and run again."
            )

    @property
    def missing(self) -> NDArray[np.bool_]:
        """``[n]``, true where a row is still to be computed."""
        return np.asarray(self._state == MISSING)

    def write(self, rows: NDArray[np.intp], matrix: NDArray[np.float32], defects: Mapping[int, Defect]) -> None:
        """Store finished rows and the reasons of those that are left out, in that order of safety."""
        self._matrix[rows] = matrix
        self._matrix.flush()
        if defects:
            with (self.folder / "defects.jsonl").open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(defect)) + "\n" for defect in defects.values())
                file.flush()
                os.fsync(file.fileno())
        self._state[rows] = [LEFT_OUT if row in defects else DONE for row in rows]
        self._state.flush()


def load_embeddings(folder: Path) -> Embeddings:
    """Open a finished store; the matrix stays on disk until rows are asked for.

    Raises
    ------
    StoreError
        Not a store, or rows are missing.
    """
    try:
        provenance = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
        state = np.load(folder / "state.npy")
        record_ids = np.load(folder / "record_ids.npy")
        matrix = np.load(folder / "matrix.npy", mmap_mode="r")
    except (OSError, ValueError) as error:
        raise StoreError(f"{folder}: not a store of embeddings: {error}") from error
    if (state == MISSING).any():
        raise StoreError(f"{folder}: {int((state == MISSING).sum())} of {len(state)} rows are missing. Run again.")
    rows = np.flatnonzero(state == DONE)
    return Embeddings(folder, record_ids[rows], _read_defects(folder / "defects.jsonl"), provenance, matrix, rows)


def _create(folder: Path, provenance: Mapping[str, Any], record_ids: Sequence[str], dim: int) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=".building-", dir=folder.parent))
    try:
        (building / "provenance.json").write_text(json.dumps(provenance, indent=1, default=plain), encoding="utf-8")
        np.save(building / "record_ids.npy", np.asarray(record_ids, dtype=np.str_))
        np.save(building / "state.npy", np.zeros(len(record_ids), dtype=np.uint8))
        shape = (len(record_ids), dim)
        np.lib.format.open_memmap(building / "matrix.npy", mode="w+", dtype=np.float32, shape=shape).flush()
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _read_defects(path: Path) -> tuple[Defect, ...]:
    if not path.is_file():
        return ()
    lines = path.read_text(encoding="utf-8").splitlines()
    # A kill between the reason and its state repeats a line, or cuts the last one short: the last whole one counts.
    found = {}
    for line in lines:
        try:
            defect = Defect(**json.loads(line))
        except json.JSONDecodeError:
            continue
        found[defect.record_id] = defect
    return tuple(found.values())
