"""Where embeddings are kept: one folder per provenance, safe to kill at any moment, verified when read."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.embeddings.arrays import StoredArray
from ecglens.embeddings.rows import DONE, LEFT_OUT, MISSING, Reasons, RowChecksums, to_defect, to_line
from ecglens.errors import StoreError
from ecglens.files import ensure, plain, unfinished_name, writing
from ecglens.records import Defect

REASONS = "defects.jsonl"
BLOCK = 4096
"""Rows that are verified at a time."""


def digest(facts: Mapping[str, Any], length: int = 16) -> str:
    """Name of a set of plain facts: the first characters of the SHA-256 of its canonical JSON."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=plain).encode()).hexdigest()[:length]


@dataclass(frozen=True)
class Embeddings:
    """The finished rows of a store. The matrix stays on disk; rows are read, and verified, when they are taken.

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
    checksums
        uint64 ``[n]``, one for each record.
    unread
        Record id to why it could not be read this time; the next extraction tries again.
    """

    folder: Path
    record_ids: NDArray[np.str_]
    defects: tuple[Defect, ...]
    provenance: Mapping[str, Any]
    stored: NDArray[np.float32]
    row: NDArray[np.intp]
    checksums: NDArray[np.uint64]
    unread: Mapping[str, Defect] = field(default_factory=dict)

    @property
    def matrix(self) -> NDArray[np.float32]:
        """All embeddings, float32 ``[n, dim]``, in memory; raises `StoreError` if one is damaged."""
        return self._verified(np.arange(len(self.row)))

    def take(self, ids: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Embeddings of some records.

        Returns
        -------
        matrix
            float32 ``[found, dim]`` in the order of `ids`.
        found
            ``[len(ids)]``, false where a record has no embedding.

        Raises
        ------
        StoreError
            One of the embeddings is damaged.
        """
        place = pd.Index(self.record_ids).get_indexer(pd.Index(ids))
        return self._verified(place[place >= 0]), place >= 0

    def _verified(self, place: NDArray[np.intp]) -> NDArray[np.float32]:
        matrix = self.stored[self.row[place]]
        found = RowChecksums(digest(self.provenance)).of_embeddings(self.record_ids[place], matrix)
        damaged = np.flatnonzero(found != self.checksums[place])
        if len(damaged):
            first = self.record_ids[place[damaged[0]]]
            raise StoreError(
                f"{self.folder}: {len(damaged)} of {len(place)} embeddings are damaged, the first of record {first}. "
                "Run again: they are embedded again."
            )
        return matrix


class EmbeddingStore:
    """A matrix on disk with the state and a checksum of each row beside it.

    The folder's name is the digest of the provenance, so no stale embedding is ever found. A row counts as finished
    only if its checksum is that of the store, its record, its state, and its values or the reason why it has none. So
    a row that a kill or a damaged disk leaves behind is either right or computed again.

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

    Raises
    ------
    WriteError
        The folder cannot be written.
    """

    def __init__(self, root: Path, provenance: Mapping[str, Any], record_ids: Sequence[str], dim: int) -> None:
        self._ids = np.asarray(record_ids, dtype=np.str_)
        content = io.BytesIO()
        np.save(content, self._ids)
        layout = {"shape": [len(record_ids), dim], "record_ids": hashlib.sha256(content.getvalue()).hexdigest()}
        self.provenance = json.loads(json.dumps({**provenance, "layout": layout}, default=plain))
        self._facts = {
            "provenance.json": json.dumps(self.provenance, indent=1).encode(),
            "record_ids.npy": content.getvalue(),
        }
        name = digest(self.provenance)
        self.folder, self._checksums = root / name, RowChecksums(name)
        if not self.folder.is_dir():
            self._create()
        self._lay_out(self.folder)
        self._matrix, self._state, self._checksum = _arrays(self.folder, self.provenance)
        self._reasons = Reasons(self.folder / REASONS)
        self._states = self._sound_states()

    @property
    def missing(self) -> NDArray[np.bool_]:
        """``[n]``, true where a row is still to be computed."""
        return np.asarray(self._states == MISSING)

    def write(self, rows: NDArray[np.intp], matrix: NDArray[np.float32], defects: Mapping[int, Defect]) -> None:
        """Store finished rows and the reasons of those that are left out, in that order of safety."""
        states = np.array([LEFT_OUT if row in defects else DONE for row in rows.tolist()], dtype=np.uint8)
        left_out = rows[states == LEFT_OUT]
        lines = [to_line(row, defects[row]) for row in left_out.tolist()]
        checksums = self._checksums.of_embeddings(self._ids[rows], matrix)
        checksums[states == LEFT_OUT] = self._checksums.of_reasons(self._ids[left_out], lines)
        self._matrix.write(rows, matrix)
        self._reasons.add(lines)
        self._checksum.write(rows, checksums)
        self._state.write(rows, states)
        self._states[rows] = states

    def embeddings(self, unread: Mapping[int, Defect]) -> Embeddings:
        """The finished rows; `unread` tells why the other rows are still missing."""
        reasons = {str(self._ids[row]): unread[row] for row in np.flatnonzero(self.missing).tolist()}
        return replace(load_embeddings(self.folder, unread=reasons), unread=reasons)

    def _create(self) -> None:
        building = unfinished_name(self.folder)
        with writing(self.folder):
            building.mkdir(parents=True)
            try:
                self._lay_out(building)
                self.folder.unlink(missing_ok=True)  # a file that has its name
                building.rename(self.folder)
            finally:
                shutil.rmtree(building, ignore_errors=True)

    def _lay_out(self, folder: Path) -> None:
        """Make every file of a folder what it has to be, but for the rows."""
        for name, content in self._facts.items():
            ensure(folder / name, content)
        for array in _arrays(folder, self.provenance):
            array.lay_out()

    def _sound_states(self) -> NDArray[np.uint8]:
        """States of the rows, of damaged ones `MISSING`; the files are made to agree."""
        states, checksums, matrix = np.array(self._state.map()), self._checksum.map(), self._matrix.map()
        lines = self._reasons.read()
        sound = states == MISSING
        sound[self._checksums.left_out(self._ids, states, checksums, lines)] = True
        done = np.flatnonzero(states == DONE)
        for rows in np.split(done, range(BLOCK, len(done), BLOCK)):
            sound[rows] = self._checksums.of_embeddings(self._ids[rows], matrix[rows]) == checksums[rows]
        damaged = np.flatnonzero(~sound)
        if len(damaged):
            states[damaged] = MISSING
            self._state.write(damaged, states[damaged])
        self._reasons.keep(lines[row] for row in np.flatnonzero(states == LEFT_OUT).tolist())
        return states


def load_embeddings(folder: Path, *, unread: Collection[str] = ()) -> Embeddings:
    """Open a finished store; the matrix stays on disk until rows are asked for.

    Parameters
    ----------
    folder
        The store.
    unread
        Records whose rows may be missing.

    Raises
    ------
    StoreError
        Not a store, damaged, or other rows are missing.
    """
    try:
        provenance = json.loads((folder / "provenance.json").read_bytes())
        content = (folder / "record_ids.npy").read_bytes()
        if hashlib.sha256(content).hexdigest() != provenance["layout"]["record_ids"]:
            raise StoreError(f"{folder / 'record_ids.npy'}: damaged. Run again: it is written again.")
        ids = np.load(io.BytesIO(content))
        matrix, states, checksums = (array.map() for array in _arrays(folder, provenance))
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise StoreError(f"{folder}: not a store of embeddings, or damaged: {error}. Run again.") from error
    rows, lines = np.flatnonzero(states == DONE), Reasons(folder / REASONS).read()
    left_out = RowChecksums(digest(provenance)).left_out(ids, states, checksums, lines)
    lacking = np.ones(len(ids), dtype=bool)
    lacking[rows] = lacking[left_out] = False
    if not set(ids[lacking].tolist()) <= set(unread):
        raise StoreError(f"{folder}: {lacking.sum()} of {len(ids)} rows are missing or damaged. Run again.")
    defects = tuple(to_defect(lines[row]) for row in left_out)
    return Embeddings(folder, ids[rows], defects, provenance, matrix, rows, checksums[rows])


def _arrays(folder: Path, provenance: Mapping[str, Any]) -> tuple[StoredArray, StoredArray, StoredArray]:
    """Matrix, states and checksums of a store."""
    n, dim = provenance["layout"]["shape"]
    return (
        StoredArray(folder / "matrix.npy", np.float32, (n, dim)),
        StoredArray(folder / "state.npy", np.uint8, (n,)),
        StoredArray(folder / "checksum.npy", np.uint64, (n,)),
    )
