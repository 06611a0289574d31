"""Preparing and embedding one chunk of records: the code that embeddings depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.encoders.base import Batch, Encoder, checked_tokens, pool
from ecglens.errors import RecipeError
from ecglens.records import Defect, Signal


@dataclass(frozen=True)
class Chunk:
    """A prepared chunk: ids, batches with the rows they consist of, and reasons of the other rows.

    `defects` are facts about the records; `unread` rows may be embedded another time.
    """

    ids: Sequence[str]
    batches: Sequence[tuple[list[int], Batch]]
    defects: dict[int, Defect]
    unread: dict[int, Defect]


def make_batches(
    ids: Sequence[str], signals: Mapping[int, Signal], records: pd.DataFrame, encoder: Encoder
) -> tuple[list[tuple[list[int], Batch]], dict[int, Defect]]:
    """Apply the recipe to signals by row: batches with the rows they consist of, and defects of the other rows."""
    batches, defects = [], dict[int, Defect]()
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
    return batches, defects


def _refuse_none(_signals: NDArray[np.float32], _fs: float) -> Mapping[int, str]:
    return {}


def _batch(x: NDArray[np.float32], fs: float, records: pd.DataFrame, encoder: Encoder) -> Batch:
    prepared, fs_in = encoder.recipe.apply(x, fs)
    return Batch(prepared, fs_in, records.loc[records.index.repeat(len(prepared) // len(x))])


def embed_chunk(
    chunk: Chunk, encoder: Encoder, poolings: Sequence[str]
) -> dict[str, tuple[NDArray[np.float32], dict[int, Defect]]]:
    """Embeddings ``[n, dim]`` and reasons of missing rows, by pooling."""
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
    """Rows that can share a batch: equal sampling rate and length, in order of first appearance."""
    groups: dict[tuple[float, int], list[int]] = {}
    for row, signal in signals.items():
        groups.setdefault((float(fs.iloc[row]), signal.shape[1]), []).append(row)
    return [(rows, rate) for (rate, _), rows in groups.items()]
