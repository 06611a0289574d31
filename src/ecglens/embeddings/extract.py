"""Extraction of embeddings (reader, recipe, encoder, store), chunk by chunk and resumable."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecglens.datasets.base import Dataset
from ecglens.embeddings.chunks import Chunk, embed_chunk
from ecglens.embeddings.identity import identity
from ecglens.embeddings.read import Shard, read_shard
from ecglens.embeddings.shards import SHARD, Embeddings, shard_bounds
from ecglens.embeddings.signals import prepare_chunk
from ecglens.embeddings.store import EmbeddingStore, store_name
from ecglens.encoders.base import Encoder, check_pooling
from ecglens.records import Defect

CHUNK = 32
"""Records per chunk. Chunks lie on a fixed grid, so a run that goes on repeats the very same batches."""

Progress = Callable[[int, int], None]


def extract(
    dataset: Dataset,
    records: pd.DataFrame,
    encoder: Encoder,
    store: Path,
    *,
    pooling: str = "mean",
    options: Mapping[str, Any] | None = None,
    chunk: int = CHUNK,
    on_progress: Progress | None = None,
) -> Embeddings:
    """Embed records, and reuse stored embeddings.

    Parameters
    ----------
    pooling
        Pooling of the tokens of a window; windows of a record are averaged afterwards.
    dataset, records, encoder, store, options, chunk, on_progress
        As for `extract_poolings`.

    Returns
    -------
    Embeddings
        One row per record that could be embedded, the others with their reasons.
    """
    found = extract_poolings(
        dataset, records, encoder, store, (pooling,), options=options, chunk=chunk, on_progress=on_progress
    )
    return found[pooling]


def extract_poolings(
    dataset: Dataset,
    records: pd.DataFrame,
    encoder: Encoder,
    store: Path,
    poolings: Sequence[str],
    *,
    options: Mapping[str, Any] | None = None,
    chunk: int = CHUNK,
    shard: int = SHARD,
    on_progress: Progress | None = None,
) -> dict[str, Embeddings]:
    """Embed records with several poolings in one pass: tokens are computed once, and only for missing rows.

    The next chunk is read and prepared in a thread of its own while the encoder works on one. Shards follow one
    another; each may also be embedded by a call of its own, in any process.

    Parameters
    ----------
    dataset
        Data set that reads the signals.
    records
        Rows of its record table. A column ``signal_digest`` ties the result to the content of the files: a record whose
        signal is another now is not embedded.
    encoder
        The frozen model. Its optional method ``refuse(signals, fs)`` gets float32 ``[n, 12, samples]`` as
        read, in mV, and returns a sentence for each row that its authors left out.
    store
        Folder of all embeddings, with one folder per shard.
    poolings
        Poolings of the tokens of a window, each with its own store; windows of a record are averaged afterwards.
    options
        Options of the encoder, for the provenance.
    chunk
        Number of records that are read, embedded and stored together; two chunks are in memory at a time.
    shard
        Number of records per shard.
    on_progress
        Called with (records finished, records in all) after every chunk.

    Returns
    -------
    embeddings
        By pooling: one row per record that could be embedded, the others with their reasons. Records in ``unread``
        raised `OSError`, or have changed: nothing is remembered of them, and the next call tries them again.

    Raises
    ------
    ConfigError
        The encoder does not have a pooling.
    EncoderError
        The output of the encoder does not agree with its card, or its source code cannot be found.

    See Also
    --------
    extract : with one pooling.
    """
    for pooling in poolings:
        check_pooling(encoder.card, pooling)
    parts = []
    for start, stop in shard_bounds(len(records), shard):
        part = records.iloc[start:stop]
        targets = _open_stores(dataset, part, encoder, store, poolings, options)
        report = partial(_report, on_progress, start, len(records))
        parts.append(_extract_shard(dataset, part, encoder, targets, chunk, report))
    return {pooling: Embeddings(tuple(part[pooling] for part in parts)) for pooling in poolings}


def find_poolings(
    dataset: Dataset,
    records: pd.DataFrame,
    encoder: Encoder,
    store: Path,
    poolings: Sequence[str],
    *,
    options: Mapping[str, Any] | None = None,
    shard: int = SHARD,
) -> dict[str, Embeddings]:
    """Find the result of `extract_poolings` in the store, without computing or writing anything.

    Raises
    ------
    StoreError
        Embeddings are missing or damaged.
    """
    parts = [records.iloc[start:stop] for start, stop in shard_bounds(len(records), shard)]

    def folder(part: pd.DataFrame, pooling: str) -> Path:
        facts = identity(dataset, part, encoder, pooling, options)
        return store / store_name(facts, [str(record) for record in part.index], encoder.card.dim)

    return {pooling: Embeddings(tuple(read_shard(folder(part, pooling)) for part in parts)) for pooling in poolings}


def _report(on_progress: Progress | None, before: int, n: int, done: int) -> None:
    if on_progress:
        on_progress(before + done, n)


def _open_stores(
    dataset: Dataset,
    records: pd.DataFrame,
    encoder: Encoder,
    root: Path,
    poolings: Sequence[str],
    options: Mapping[str, Any] | None,
) -> dict[str, EmbeddingStore]:
    ids = [str(record) for record in records.index]
    return {
        pooling: EmbeddingStore(root, identity(dataset, records, encoder, pooling, options), ids, encoder.card.dim)
        for pooling in poolings
    }


def _extract_shard(
    dataset: Dataset,
    records: pd.DataFrame,
    encoder: Encoder,
    targets: Mapping[str, EmbeddingStore],
    chunk: int,
    report: Callable[[int], None],
) -> dict[str, Shard]:
    """Compute the missing rows of the stores of a shard, by pooling."""
    missing = {pooling: target.missing for pooling, target in targets.items()}
    grid = [np.arange(start, min(start + chunk, len(records))) for start in range(0, len(records), chunk)]
    lacking = [[pooling for pooling in targets if missing[pooling][rows].any()] for rows in grid]
    todo = (records.iloc[rows] for rows, names in zip(grid, lacking, strict=True) if names)
    unread: dict[int, Defect] = {}
    with closing(_one_ahead(lambda part: prepare_chunk(dataset, part, encoder), todo)) as prepared:
        for rows, names in zip(grid, lacking, strict=True):
            if names:
                part = next(prepared)
                read = [row for row in range(len(rows)) if row not in part.unread]
                unread |= {int(rows[row]): defect for row, defect in part.unread.items()}
                for pooling, (matrix, defects) in embed_chunk(part, encoder, names).items():
                    reasons = {int(rows[row]): defects[row] for row in defects}
                    targets[pooling].write(rows[read], matrix[read], reasons)
            report(int(rows[-1]) + 1)
    return {pooling: target.shard(unread) for pooling, target in targets.items()}


def _one_ahead(prepare: Callable[[pd.DataFrame], Chunk], parts: Iterable[pd.DataFrame]) -> Generator[Chunk, None, None]:
    """Prepare parts in order, the next in a thread while the caller works on one; closing ends the thread."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        ahead: Future[Chunk] | None = None
        for part in parts:
            current, ahead = ahead, thread.submit(prepare, part)
            if current:
                yield current.result()
        if ahead:
            yield ahead.result()
