"""Storage of a shard of embeddings: one folder per provenance, safe against kills, verified on reading."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.embeddings.read import REASONS, Shard, arrays_of, digest, read_shard
from ecglens.embeddings.rows import DONE, LEFT_OUT, MISSING, Reasons, RowChecksums, to_line
from ecglens.files import ensure, plain, unfinished_name, writing
from ecglens.records import Defect

PARTIAL = "partial-"
"""Prefix of the folder of an incomplete store."""
BLOCK = 4096
"""Number of rows that are verified at a time."""


class EmbeddingStore:
    """A matrix on disk with a state and a checksum per row.

    The folder's name is the digest of the provenance, so no stale embedding is ever found; it begins with ``partial-``
    as long as a row is missing. A row counts as finished only if its checksum is that of the store, its record, its
    state, and its values or the reason why it has none. So a row that a kill or a damaged disk leaves behind is either
    right or computed again.

    Parameters
    ----------
    root
        Folder of the stores.
    provenance
        Everything that the values depend on, as plain data.
    record_ids
        Records in the order of the rows.
    dim
        Width of an embedding.

    Raises
    ------
    WriteError
        The folder cannot be written.
    """

    def __init__(self, root: Path, provenance: Mapping[str, Any], record_ids: Sequence[str], dim: int) -> None:
        self._ids = np.asarray(record_ids, dtype=np.str_)
        self.provenance, content = _lay_down(provenance, self._ids, dim)
        self._facts = {"provenance.json": json.dumps(self.provenance, indent=1).encode(), "record_ids.npy": content}
        name = digest(self.provenance)
        self._finished, self.folder, self._checksums = root / name, root / f"{PARTIAL}{name}", RowChecksums(name)
        if self._finished.is_dir():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = self._finished
        elif not self.folder.is_dir():
            self._create()
        self._lay_out(self.folder)
        self._open()
        self._states = self._sound_states()
        if self.folder == self._finished and self.missing.any():
            self._move(root / f"{PARTIAL}{name}")

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Whether each row is missing, ``[n]``."""
        return np.asarray(self._states == MISSING)

    def write(self, rows: NDArray[np.intp], matrix: NDArray[np.float32], defects: Mapping[int, Defect]) -> None:
        """Store finished rows and the reasons of excluded rows."""
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

    def shard(self, unread: Mapping[int, Defect]) -> Shard:
        """The finished rows; `unread` gives the reasons of missing rows."""
        if not self.missing.any() and self.folder != self._finished:
            self._move(self._finished)
        reasons = {str(self._ids[row]): unread[row] for row in np.flatnonzero(self.missing).tolist()}
        return replace(read_shard(self.folder, unread=reasons), unread=reasons)

    def _open(self) -> None:
        self._matrix, self._state, self._checksum = arrays_of(self.folder, self.provenance)
        self._reasons = Reasons(self.folder / REASONS)

    def _move(self, folder: Path) -> None:
        with writing(folder):
            if folder.is_file():
                folder.unlink()
            self.folder = self.folder.rename(folder)
        self._open()

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
        """Create or repair all files of the folder, except for the rows."""
        for name, content in self._facts.items():
            ensure(folder / name, content)
        for array in arrays_of(folder, self.provenance):
            array.lay_out()

    def _sound_states(self) -> NDArray[np.uint8]:
        """States of the rows, with damaged ones reset to `MISSING` in the files."""
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


def store_name(provenance: Mapping[str, Any], record_ids: Sequence[str], dim: int) -> str:
    """Name of the folder of a complete `EmbeddingStore` with the same parameters."""
    return digest(_lay_down(provenance, np.asarray(record_ids, dtype=np.str_), dim)[0])


def _lay_down(provenance: Mapping[str, Any], ids: NDArray[np.str_], dim: int) -> tuple[dict[str, Any], bytes]:
    """The provenance with the layout of the folder, as plain data, and the content of the file of ids."""
    content = io.BytesIO()
    np.save(content, ids)
    layout = {"shape": [len(ids), dim], "record_ids": hashlib.sha256(content.getvalue()).hexdigest()}
    return json.loads(json.dumps({**provenance, "layout": layout}, default=plain)), content.getvalue()
