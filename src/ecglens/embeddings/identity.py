"""Identity of embeddings: everything that their values depend on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from ecglens._version import __version__
from ecglens.closure import code_digest
from ecglens.datasets.base import Dataset
from ecglens.embeddings.chunks import embed_chunk
from ecglens.encoders.base import Encoder


def identity(
    dataset: Dataset, records: pd.DataFrame, encoder: Encoder, pooling: str, options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Everything that an embedding depends on, as plain data; `EncoderError` if the encoder's code is in no file."""
    return {
        "ecglens": __version__,
        "dataset": {"name": dataset.name, "version": dataset.card.version, "records": fingerprint(records)},
        "encoder": {
            "name": encoder.card.name,
            "dim": encoder.card.dim,
            "class": f"{type(encoder).__module__}:{type(encoder).__qualname__}",
            "code": code_digest(type(encoder), embed_chunk, *map(type, encoder.recipe.steps)),
        },
        "weights": getattr(encoder, "weights_sha256", None),
        "precision": getattr(encoder, "precision", None),
        "options": dict(options or {}),
        "files": _file_digests(options or {}),
        "recipe": {"digest": encoder.recipe.digest, "steps": encoder.recipe.describe()},
        "pooling": pooling,
    }


def fingerprint(records: pd.DataFrame) -> str:
    """Digest of the ids, ages, sexes and signal digests of a record table."""
    columns = [column for column in ("age", "sex", "fs", "signal_digest") if column in records]
    hashes = pd.util.hash_pandas_object(records[columns].astype("string"), index=True)
    return hashlib.sha256(hashes.to_numpy().tobytes()).hexdigest()[:16]


def _file_digests(options: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of every option that is a file, because weights can change under the same name."""
    files = {name: Path(value) for name, value in options.items() if isinstance(value, str | Path)}
    facts = {name: (path, path.stat()) for name, path in files.items() if path.is_file()}
    return {name: _sha256(path, stat.st_mtime_ns, stat.st_size) for name, (path, stat) in facts.items()}


@lru_cache(maxsize=64)
def _sha256(path: Path, _mtime: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
