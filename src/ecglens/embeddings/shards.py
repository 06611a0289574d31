"""Embeddings of one data set as an ordered set of shards, one folder each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.embeddings.read import Shard, digest, read_shard
from ecglens.errors import StoreError
from ecglens.files import is_whole, read_json, write_json
from ecglens.records import Defect

SHARD = 512
"""Records per shard, a multiple of the chunk: batches are the same as without shards, and for any number of workers."""


def shard_bounds(n: int, size: int = SHARD) -> list[tuple[int, int]]:
    """First record and end of each shard of `n` records; no records are one empty shard.

    Examples
    --------
    >>> shard_bounds(1200)
    [(0, 512), (512, 1024), (1024, 1200)]
    """
    return list(pairwise([*range(0, max(n, 1), size), n]))


@dataclass(frozen=True)
class Embeddings:
    """Embeddings of records. The matrix stays on disk; rows are read and verified when they are taken.

    Parameters
    ----------
    shards
        Shards in the order of the records.
    """

    shards: tuple[Shard, ...]

    @property
    def folders(self) -> tuple[Path, ...]:
        """Folders of the shards."""
        return tuple(shard.folder for shard in self.shards)

    @cached_property
    def record_ids(self) -> NDArray[np.str_]:
        """Records with an embedding, ``[n]``."""
        return np.concatenate([shard.record_ids for shard in self.shards])

    @property
    def defects(self) -> tuple[Defect, ...]:
        """Records without an embedding, with reasons."""
        return tuple(defect for shard in self.shards for defect in shard.defects)

    @property
    def unread(self) -> dict[str, Defect]:
        """Reasons of records that could not be read this time, by record id; the next extraction tries again."""
        return {record: defect for shard in self.shards for record, defect in shard.unread.items()}

    @property
    def provenance(self) -> dict[str, Any]:
        """Provenance of the embeddings: the facts that all shards share."""
        return shared_facts([shard.provenance for shard in self.shards])

    @property
    def matrix(self) -> NDArray[np.float32]:
        """All embeddings, float32 ``[n, dim]``, in memory; raises `StoreError` if one is damaged."""
        return self._rows(np.arange(len(self.record_ids)))

    def take(self, ids: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Embeddings of some records.

        Returns
        -------
        matrix
            float32 ``[found, dim]`` in the order of `ids`.
        found
            Whether each record has an embedding, ``[len(ids)]``.

        Raises
        ------
        StoreError
            One of the embeddings is damaged.
        """
        place = pd.Index(self.record_ids).get_indexer(pd.Index(ids))
        return self._rows(place[place >= 0]), place >= 0

    def _rows(self, place: NDArray[np.intp]) -> NDArray[np.float32]:
        matrix = np.empty((len(place), self.shards[0].stored.shape[1]), dtype=np.float32)
        ends = np.cumsum([len(shard.record_ids) for shard in self.shards])
        owner = np.searchsorted(ends, place, side="right")
        for number in np.unique(owner).tolist():
            mine = np.flatnonzero(owner == number)
            shard = self.shards[number]
            matrix[mine] = shard.take(place[mine] - (ends[number] - len(shard.record_ids)))
        return matrix


def shared_facts(facts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The keys, at any depth, under which all mappings hold the same.

    Examples
    --------
    >>> shared_facts([{"a": 1, "b": {"c": 2, "d": 3}}, {"a": 1, "b": {"c": 2, "d": 4}}])
    {'a': 1, 'b': {'c': 2}}
    """
    first, others = facts[0], facts[1:]
    found = {}
    for key, value in first.items():
        if all(other.get(key) == value for other in others):
            found[key] = value
        elif all(isinstance(each.get(key), Mapping) for each in facts):
            found[key] = shared_facts([each[key] for each in facts])
    return found


def load_embeddings(store: Path | str | Sequence[Path], *, unread: Collection[str] = ()) -> Embeddings:
    """Open finished embeddings; the matrix stays on disk until rows are asked for.

    Parameters
    ----------
    store
        The folder of a shard, the folders of several, or the list that `list_shards` wrote.
    unread
        Records whose rows may be missing.

    Raises
    ------
    StoreError
        Not a store, damaged, or other rows are missing.
    """
    folders = _listed(Path(store)) if isinstance(store, Path | str) else list(store)
    if not folders:
        raise StoreError("no folder of embeddings is given. Give at least one.")
    return Embeddings(tuple(read_shard(folder, unread=unread) for folder in folders))


def list_shards(folders: Sequence[Path]) -> Path:
    """One path for all shards of a data set: the folder of a single shard, or a file that lists several.

    The name of the file is the digest of the list.
    """
    if len(folders) == 1:
        return folders[0]
    facts = {"shards": [folder.name for folder in folders]}
    path = folders[0].parent / f"{digest(facts)}.json"
    if not is_whole(path):
        write_json(path, facts)
    return path


def _listed(store: Path) -> list[Path]:
    if not store.is_file():
        return [store]
    return [store.parent / name for name in read_json(store)["shards"]]
