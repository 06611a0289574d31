"""Reader -> recipe -> encoder -> store, chunk by chunk, resumable."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.datasets.base import Dataset
from ecglens.datasets.validate.gate import checked_read
from ecglens.embeddings.provenance import provenance
from ecglens.embeddings.read import Embeddings
from ecglens.embeddings.store import EmbeddingStore
from ecglens.encoders.base import Batch, Encoder, check_pooling, checked_tokens, pool
from ecglens.errors import RecipeError
from ecglens.records import Defect, Signal, signal_digest

CHUNK = 32
"""Records per chunk. Chunks lie on a fixed grid, so a run that goes on repeats the very same batches."""

CHANGED = "changed"
"""Reason of a record whose signal is no longer the one that was indexed; index the data set again."""

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
    """Embed records, or find them already embedded.

    Parameters
    ----------
    pooling
        How tokens become one vector; windows of a record are averaged after it.
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
    on_progress: Progress | None = None,
) -> dict[str, Embeddings]:
    """Embed records with several poolings in one pass: tokens are computed once, and only where one is missing.

    The next chunk is read and prepared in a thread of its own while the encoder works on one.

    Parameters
    ----------
    dataset
        Where the signals are read from.
    records
        Rows of its record table. A column ``signal_digest`` ties the result to the content of the files: a record whose
        signal is another now is not embedded.
    encoder
        The frozen model. Its method ``refuse(signals, fs)``, where it has one, sees float32 ``[n, 12, samples]`` as
        read, in mV, and returns a sentence for each row that its authors left out.
    store
        Folder that holds all stores of embeddings.
    poolings
        How tokens become one vector, each kept in a store of its own; windows of a record are averaged after it.
    options
        What the encoder was made with, for the provenance.
    chunk
        Records that are read, embedded and stored together; two chunks are in memory at a time.
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
        The encoder does not return what its card promises, or its source code cannot be found.

    See Also
    --------
    extract : with one pooling.
    """
    for pooling in poolings:
        check_pooling(encoder.card, pooling)
    ids = [str(record) for record in records.index]
    targets = {
        pooling: EmbeddingStore(store, provenance(dataset, records, encoder, pooling, options), ids, encoder.card.dim)
        for pooling in poolings
    }
    missing = {pooling: target.missing for pooling, target in targets.items()}
    grid = [np.arange(start, min(start + chunk, len(ids))) for start in range(0, len(ids), chunk)]
    lacking = [[pooling for pooling in targets if missing[pooling][rows].any()] for rows in grid]
    todo = (records.iloc[rows] for rows, names in zip(grid, lacking, strict=True) if names)
    unread: dict[int, Defect] = {}
    with closing(_one_ahead(lambda part: _prepare(dataset, part, encoder), todo)) as prepared:
        for rows, names in zip(grid, lacking, strict=True):
            if names:
                part = next(prepared)
                read = [row for row in range(len(rows)) if row not in part.unread]
                unread |= {int(rows[row]): defect for row, defect in part.unread.items()}
                for pooling, (matrix, defects) in _embed(part, encoder, names).items():
                    reasons = {int(rows[row]): defects[row] for row in defects}
                    targets[pooling].write(rows[read], matrix[read], reasons)
            if on_progress:
                on_progress(int(rows[-1]) + 1, len(ids))
    return {pooling: target.embeddings(unread) for pooling, target in targets.items()}


@dataclass(frozen=True)
class _Chunk:
    """What the encoder needs: ids, the batches with the rows they are made of and, by row, why one is in none.

    `defects` are facts about the records; rows that are `unread` may be embedded another time.
    """

    ids: Sequence[str]
    batches: Sequence[tuple[list[int], Batch]]
    defects: dict[int, Defect]
    unread: dict[int, Defect]


def _one_ahead(
    prepare: Callable[[pd.DataFrame], _Chunk], parts: Iterable[pd.DataFrame]
) -> Generator[_Chunk, None, None]:
    """Prepare parts in order, the next in a thread while the caller works on one; closing ends the thread."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        ahead: Future[_Chunk] | None = None
        for part in parts:
            current, ahead = ahead, thread.submit(prepare, part)
            if current:
                yield current.result()
        if ahead:
            yield ahead.result()


def _prepare(dataset: Dataset, records: pd.DataFrame, encoder: Encoder) -> _Chunk:
    """Read a chunk and run the recipe."""
    ids = [str(record) for record in records.index]
    signals, defects, unread = _read(dataset, records)
    batches = []
    for rows, fs in _same_shape(signals, records["fs"]):
        x = np.stack([signals[row] for row in rows])
        refused = getattr(encoder, "refuse", _refuse_none)(x, fs)
        defects |= {rows[i]: _defect(ids[rows[i]], "encoder-rule", encoder, why) for i, why in refused.items()}
        kept = [i for i in range(len(rows)) if i not in refused]
        if not kept:
            continue
        rows = [rows[i] for i in kept]
        try:
            batches.append((rows, _batch(x[kept], fs, records.iloc[rows], encoder)))
        except RecipeError as error:
            defects |= {row: _defect(ids[row], "recipe", encoder, error) for row in rows}
    return _Chunk(ids, batches, defects, unread)


def _read(dataset: Dataset, records: pd.DataFrame) -> tuple[dict[int, Signal], dict[int, Defect], dict[int, Defect]]:
    """Signals, defects, and records that could not be read as they were indexed, by row."""
    signals: dict[int, Signal] = {}
    defects: dict[int, Defect] = {}
    unread: dict[int, Defect] = {}
    digests = records.get("signal_digest", [None] * len(records))
    for row, (found, indexed) in enumerate(zip(checked_read(dataset, records), digests, strict=True)):
        if isinstance(found, Defect):
            kind = defects if pd.isna(indexed) and not found.passing else unread
            kind[row] = found
        elif pd.isna(indexed) or signal_digest(found) == indexed:
            signals[row] = found
        else:
            detail = f"the signal is not the one that {dataset.name} held when it was indexed. Index it again."
            unread[row] = Defect(str(records.index[row]), CHANGED, detail)
    return signals, defects, unread


def _refuse_none(_signals: NDArray[np.float32], _fs: float) -> Mapping[int, str]:
    return {}


def _batch(x: NDArray[np.float32], fs: float, records: pd.DataFrame, encoder: Encoder) -> Batch:
    prepared, fs_in = encoder.recipe.apply(x, fs)
    return Batch(prepared, fs_in, records.loc[records.index.repeat(len(prepared) // len(x))])


def _embed(
    chunk: _Chunk, encoder: Encoder, poolings: Sequence[str]
) -> dict[str, tuple[NDArray[np.float32], dict[int, Defect]]]:
    """By pooling: embeddings ``[n, dim]`` and, by row, why a record has none."""
    matrices = {pooling: np.zeros((len(chunk.ids), encoder.card.dim), dtype=np.float32) for pooling in poolings}
    for rows, batch in chunk.batches:
        tokens = checked_tokens(encoder, batch)
        for pooling, matrix in matrices.items():
            pooled = getattr(encoder, "pool", pool)(tokens, pooling)
            matrix[rows] = pooled.reshape(len(rows), -1, encoder.card.dim).mean(axis=1)
    return {
        pooling: (matrix, chunk.defects | _not_finite(matrix, chunk.ids, encoder))
        for pooling, matrix in matrices.items()
    }


def _not_finite(matrix: NDArray[np.float32], ids: Sequence[str], encoder: Encoder) -> dict[int, Defect]:
    rows = np.flatnonzero(~np.isfinite(matrix).all(axis=1)).tolist()
    return {row: _defect(ids[row], "embedding", encoder, "values are not finite") for row in rows}


def _defect(record_id: str, reason: str, encoder: Encoder, why: object) -> Defect:
    return Defect(record_id, reason, f"encoder {encoder.card.name!r}: {why}")


def _same_shape(signals: Mapping[int, Signal], fs: pd.Series[float]) -> list[tuple[list[int], float]]:
    """Rows that can share a batch: equal sampling rate and length, in the order of the first of each kind."""
    groups: dict[tuple[float, int], list[int]] = {}
    for row, signal in signals.items():
        groups.setdefault((float(fs.iloc[row]), signal.shape[1]), []).append(row)
    return [(rows, rate) for (rate, _), rows in groups.items()]
