"""Reading of one folder of embeddings; rows are verified when they are taken."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.embeddings.arrays import StoredArray
from ecglens.embeddings.rows import DONE, Reasons, RowChecksums, to_defect
from ecglens.errors import StoreError
from ecglens.files import plain
from ecglens.records import Defect

REASONS = "defects.jsonl"


def digest(facts: Mapping[str, Any], length: int = 16) -> str:
    """Digest of plain data: the first characters of the SHA-256 of its canonical JSON."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=plain).encode()).hexdigest()[:length]


@dataclass(frozen=True)
class Shard:
    """The finished rows of one folder. The matrix stays on disk; rows are read and verified when they are taken.

    Parameters
    ----------
    folder
        Folder of the shard.
    record_ids
        Records with an embedding, ``[n]``.
    defects
        Records without an embedding, with reasons.
    provenance
        Provenance of the rows.
    stored
        float32 memory map ``[n_stored, dim]``.
    row
        Row of each record in `stored`, ``[n]``.
    checksums
        Checksum of each record, uint64 ``[n]``.
    unread
        Reasons of records that could not be read this time, by record id; the next extraction tries again.
    """

    folder: Path
    record_ids: NDArray[np.str_]
    defects: tuple[Defect, ...]
    provenance: Mapping[str, Any]
    stored: NDArray[np.float32]
    row: NDArray[np.intp]
    checksums: NDArray[np.uint64]
    unread: Mapping[str, Defect] = field(default_factory=dict)

    def take(self, place: NDArray[np.intp]) -> NDArray[np.float32]:
        """Embeddings float32 ``[n, dim]`` of the records at some places; raises `StoreError` if one is damaged."""
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


def read_shard(folder: Path, *, unread: Collection[str] = ()) -> Shard:
    """Open a finished shard; parameters and errors as for `ecglens.embeddings.load_embeddings`."""
    try:
        provenance = json.loads((folder / "provenance.json").read_bytes())
        content = (folder / "record_ids.npy").read_bytes()
        if hashlib.sha256(content).hexdigest() != provenance["layout"]["record_ids"]:
            raise StoreError(f"{folder / 'record_ids.npy'}: damaged. Run again: it is written again.")
        ids = np.load(io.BytesIO(content))
        matrix, states, checksums = (array.map() for array in arrays_of(folder, provenance))
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise StoreError(f"{folder}: not a store of embeddings, or damaged: {error}. Run again.") from error
    rows, lines = np.flatnonzero(states == DONE), Reasons(folder / REASONS).read()
    left_out = RowChecksums(digest(provenance)).left_out(ids, states, checksums, lines)
    lacking = np.ones(len(ids), dtype=bool)
    lacking[rows] = lacking[left_out] = False
    if not set(ids[lacking].tolist()) <= set(unread):
        raise StoreError(f"{folder}: {lacking.sum()} of {len(ids)} rows are missing or damaged. Run again.")
    defects = tuple(to_defect(lines[row]) for row in left_out)
    return Shard(folder, ids[rows], defects, provenance, matrix, rows, checksums[rows])


def arrays_of(folder: Path, provenance: Mapping[str, Any]) -> tuple[StoredArray, StoredArray, StoredArray]:
    """Matrix, states and checksums of a folder."""
    n, dim = provenance["layout"]["shape"]
    return (
        StoredArray(folder / "matrix.npy", np.float32, (n, dim)),
        StoredArray(folder / "state.npy", np.uint8, (n,)),
        StoredArray(folder / "checksum.npy", np.uint64, (n,)),
    )
