"""Reader -> recipe -> encoder -> store, chunk by chunk, resumable."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens._version import __version__
from ecglens.datasets.base import Dataset
from ecglens.embeddings.store import Embeddings, EmbeddingStore, load_embeddings
from ecglens.encoders.base import Batch, Encoder, checked_tokens, pool
from ecglens.errors import RecipeError
from ecglens.records import Defect, Signal

CHUNK = 256
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
    """Embed records, or find them already embedded.

    Parameters
    ----------
    dataset
        Where the signals are read from.
    records
        Rows of its record table; a column ``signal_digest`` ties the result to the content of the files.
    encoder
        The frozen model.
    store
        Folder that holds all stores of embeddings.
    pooling
        How tokens become one vector; windows of a record are averaged after it.
    options
        What the encoder was made with, for the provenance.
    chunk
        Records that are read, embedded and stored together.
    on_progress
        Called with (records finished, records in all) after every chunk.

    Returns
    -------
    Embeddings
        One row per record that could be embedded, the others with their reasons.
    """
    ids = [str(record) for record in records.index]
    target = EmbeddingStore(store, provenance(dataset, records, encoder, pooling, options), ids, encoder.card.dim)
    missing = target.missing
    for start in range(0, len(ids), chunk):
        rows = np.arange(start, min(start + chunk, len(ids)))
        if missing[rows].any():
            matrix, defects = _embed(dataset, records.iloc[rows], encoder, pooling)
            target.write(rows, matrix, {start + row: defect for row, defect in defects.items()})
        if on_progress:
            on_progress(start + len(rows), len(ids))
    return load_embeddings(target.folder)


def provenance(
    dataset: Dataset, records: pd.DataFrame, encoder: Encoder, pooling: str, options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Everything an embedding depends on, as plain data."""
    return {
        "ecglens": __version__,
        "dataset": {"name": dataset.name, "version": dataset.card.version, "records": fingerprint(records)},
        "encoder": {"name": encoder.card.name, "dim": encoder.card.dim, "code": _code_digest(encoder)},
        "weights": getattr(encoder, "weights_sha256", None),
        "options": dict(options or {}),
        "recipe": {"digest": encoder.recipe.digest, "steps": encoder.recipe.describe()},
        "pooling": pooling,
    }


def fingerprint(records: pd.DataFrame) -> str:
    """Digest of the ids, ages, sexes and signal digests of a record table."""
    columns = [column for column in ("age", "sex", "fs", "signal_digest") if column in records]
    hashes = pd.util.hash_pandas_object(records[columns].astype("string"), index=True)
    return hashlib.sha256(hashes.to_numpy().tobytes()).hexdigest()[:16]


def _code_digest(encoder: Encoder) -> str:
    """Digest of the module that defines the encoder: edited code makes new embeddings."""
    path = inspect.getsourcefile(type(encoder))
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16] if path else "unknown"


def _embed(
    dataset: Dataset, records: pd.DataFrame, encoder: Encoder, pooling: str
) -> tuple[NDArray[np.float32], Mapping[int, Defect]]:
    """One chunk: embeddings ``[n, dim]`` and, by row, why a record has none."""
    ids = [str(record) for record in records.index]
    matrix = np.zeros((len(ids), encoder.card.dim), dtype=np.float32)
    defects: dict[int, Defect] = {}
    signals: dict[int, Signal] = {}
    for row, signal in enumerate(dataset.read(ids)):
        if isinstance(signal, Defect):
            defects[row] = signal
        else:
            signals[row] = signal
    for rows, fs in _same_shape(signals, records["fs"]):
        try:
            matrix[rows] = _embed_batch(
                np.stack([signals[row] for row in rows]), fs, records.iloc[rows], encoder, pooling
            )
        except RecipeError as error:
            defects |= {row: Defect(ids[row], "recipe", f"encoder {encoder.card.name!r}: {error}") for row in rows}
            continue
        for row in rows:
            if not np.isfinite(matrix[row]).all():
                defects[row] = Defect(ids[row], "embedding", f"encoder {encoder.card.name!r}: values are not finite")
    return matrix, defects


def _embed_batch(
    x: NDArray[np.float32], fs: float, records: pd.DataFrame, encoder: Encoder, pooling: str
) -> NDArray[np.float32]:
    prepared, fs_in = encoder.recipe.apply(x, fs)
    windows = len(prepared) // len(x)
    batch = Batch(prepared, fs_in, records.loc[records.index.repeat(windows)])
    pooled = getattr(encoder, "pool", pool)(checked_tokens(encoder, batch), pooling)
    averaged: NDArray[np.float32] = pooled.reshape(len(x), windows, -1).mean(axis=1)
    return averaged


def _same_shape(signals: Mapping[int, Signal], fs: pd.Series[float]) -> list[tuple[list[int], float]]:
    """Rows that can share a batch: equal sampling rate and length, in the order of the first of each kind."""
    groups: dict[tuple[float, int], list[int]] = {}
    for row, signal in signals.items():
        groups.setdefault((float(fs.iloc[row]), signal.shape[1]), []).append(row)
    return [(rows, rate) for (rate, _), rows in groups.items()]
