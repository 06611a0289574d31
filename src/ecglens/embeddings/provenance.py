"""What an embedding depends on: by it embeddings are kept and found."""

from __future__ import annotations

import hashlib
import inspect
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from ecglens._version import __version__
from ecglens.datasets.base import Dataset
from ecglens.encoders.base import Encoder
from ecglens.errors import EncoderError

PACKAGE = Path(__file__).parents[1]
INSTALLED = tuple(Path(sysconfig.get_paths()[kind]) for kind in ("stdlib", "purelib", "platlib"))


def provenance(
    dataset: Dataset, records: pd.DataFrame, encoder: Encoder, pooling: str, options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """All an embedding depends on, as plain data; raises `EncoderError` where the encoder's code is not in a file."""
    return {
        "ecglens": __version__,
        "dataset": {"name": dataset.name, "version": dataset.card.version, "records": fingerprint(records)},
        "encoder": {
            "name": encoder.card.name,
            "dim": encoder.card.dim,
            "class": f"{type(encoder).__module__}:{type(encoder).__qualname__}",
            "code": code_digest(type(encoder)),
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


def code_digest(kind: type, parts: Sequence[str] = ("encoders", "signals")) -> str:
    """Digest of parts of this package and of the files of a class: edited code makes new results.

    Classes it inherits from count where they lie outside the standard library and installed packages; what its files
    import does not.
    """
    own = _source(kind)
    if own is None:
        raise EncoderError(f"{kind.__qualname__}: its code lies in no file. Define the class in a module.")
    inherited = [path for path in map(_source, kind.__mro__[1:]) if path is not None and _is_users(path)]
    ours = [path for part in parts for path in sorted((PACKAGE / part).rglob("*.py"))]
    digest = hashlib.sha256()
    for path in [own, *inherited, *ours]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def file_digest(module: ModuleType) -> str:
    """Digest of a module's file; raises `EncoderError` where it has none."""
    if not module.__file__:
        raise EncoderError(f"{module.__name__}: its code lies in no file.")
    return hashlib.sha256(Path(module.__file__).read_bytes()).hexdigest()[:16]


def _file_digests(options: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of every option that is a file: other weights under the same name make other embeddings."""
    files = {name: Path(value) for name, value in options.items() if isinstance(value, str | Path)}
    digests = {}
    for name, path in files.items():
        if path.is_file():
            with path.open("rb") as file:
                digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def _is_users(path: Path) -> bool:
    return not any(path.is_relative_to(root) for root in (PACKAGE, *INSTALLED))


def _source(part: type) -> Path | None:
    try:
        found = inspect.getsourcefile(part)
    except (TypeError, OSError):
        return None  # built in, or typed into a console
    return Path(found) if found else None
