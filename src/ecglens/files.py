"""Files of a run folder: written atomically, sealed with a digest, and verified on reading."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecglens.errors import StoreError, WriteError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SEAL = b"ecglens-sha256:"
"""Precedes the SHA-256 of a file, computed with 64 zeros in its own place. The last one in a file counts."""
BLANK = b"0" * 64

PART = "." + "[0-9a-f]" * 16 + ".part"
STRAYS = (*(place + PART for place in ("", "embeddings/", "records/", "samples/", "results/*/")), "embeddings/.*.done")
"""Patterns of what a killed process can leave in a run folder."""

REMEDIES = {
    errno.ENOSPC: "Free some space and run again; finished results are kept.",
    errno.EDQUOT: "Free some space and run again; finished results are kept.",
    errno.ENAMETOOLONG: "Use shorter names of encoders, data sets, tasks and probes.",
}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Convert an `OSError` to a `WriteError` that names the file and the remedy."""
    try:
        yield
    except OSError as error:
        remedy = REMEDIES.get(error.errno or 0, "Use a folder that can be written to, or repair this one.")
        raise WriteError(f"{path}: cannot be written: {error.strerror or error}. {remedy}") from error


def unfinished_name(path: Path) -> Path:
    """A new hidden file name in the same folder, to be renamed to the path when complete."""
    return path.with_name(f".{secrets.token_hex(8)}.part")


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file atomically: after a kill, the old or the new file is there, never a part.

    Raises
    ------
    WriteError
        The disk is full, or the file cannot be written.
    """
    part = unfinished_name(path)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if path.is_dir() and not path.is_symlink():
                path.rmdir()  # refused unless empty
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def remove(path: Path) -> None:
    """Remove a file, if it is there."""
    with writing(path):
        path.unlink(missing_ok=True)


def ensure(path: Path, content: bytes) -> None:
    """Write a file atomically unless it holds the content already."""
    try:
        same = path.read_bytes() == content
    except OSError:
        same = False
    if not same:
        write_atomically(path, content)


def read_sealed(path: Path) -> bytes:
    """Content of a sealed file.

    Raises
    ------
    StoreError
        The file cannot be read, or its content has changed.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror or error}. Run the study again.") from error
    start = content.rfind(SEAL) + len(SEAL)
    if start < len(SEAL) or content[start : start + len(BLANK)] != _digest(content, start):
        raise StoreError(
            f"{path}: the file is damaged, or was written by another version of ecglens. Run the study again: it is "
            "computed again."
        )
    return content


def is_whole(path: Path) -> bool:
    """Whether a sealed file exists and is unchanged."""
    try:
        read_sealed(path)
    except StoreError:
        return False
    return True


def write_json(path: Path, facts: Mapping[str, Any]) -> None:
    """Write plain data as sealed JSON, atomically; the seal is the key ``seal``."""
    sealed = {**facts, "seal": (SEAL + BLANK).decode()}
    write_atomically(path, _seal(json.dumps(sealed, indent=1, default=plain).encode()))


def read_json(path: Path) -> dict[str, Any]:
    """Read a file of `write_json`; raises `StoreError` if it is missing or damaged."""
    facts: dict[str, Any] = json.loads(read_sealed(path))
    del facts["seal"]
    return facts


def write_table(
    path: Path, frame: pd.DataFrame, provenance: Mapping[str, Any] | None = None, text: frozenset[str] = frozenset()
) -> None:
    """Write a table as sealed Parquet, atomically.

    Parameters
    ----------
    path, frame
        The file and its rows; a named index is kept.
    provenance
        Plain data, kept in the file's metadata under ``ecglens``. The seal is under ``ecglens.seal``.
    text
        Columns that are stored as text, even if all values are missing.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=frame.index.name is not None)
    fields = [field.with_type(pa.string()) if field.name in text else field for field in table.schema]
    facts = json.dumps(provenance or {}, default=plain).encode()
    metadata = {**(table.schema.metadata or {}), b"ecglens": facts, b"ecglens.seal": SEAL + BLANK}
    sink = io.BytesIO()
    pq.write_table(table.cast(pa.schema(fields, metadata)), sink)
    write_atomically(path, _seal(sink.getvalue()))


def read_table(path: Path) -> pd.DataFrame:
    """Read a file of `write_table`; raises `StoreError` if it is missing or damaged."""
    import pandas as pd

    return pd.read_parquet(io.BytesIO(read_sealed(path)))


def read_schema(path: Path) -> tuple[pa.Schema, dict[str, Any]]:
    """Columns and provenance of a table; raises `StoreError` if the file is missing or damaged."""
    import pyarrow.parquet as pq

    schema = pq.read_schema(io.BytesIO(read_sealed(path)))
    return schema, json.loads((schema.metadata or {}).get(b"ecglens", b"{}"))


def plain(value: Any) -> Any:
    """Convert a value that JSON does not support: sets to sorted lists, all others to text."""
    return sorted(value) if isinstance(value, set | frozenset) else str(value)


def sweep(run: Path) -> None:
    """Remove unfinished files of killed processes from a run folder, whose lock the caller holds."""
    for path in (path for pattern in STRAYS for path in run.glob(pattern)):
        with writing(path):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _seal(content: bytes) -> bytes:
    start = content.rfind(SEAL) + len(SEAL)
    return content[:start] + _digest(content, start) + content[start + len(BLANK) :]


def _digest(content: bytes, start: int) -> bytes:
    """SHA-256 in hexadecimal of a content whose 64 bytes from `start` count as zeros."""
    view = memoryview(content)
    digest = hashlib.sha256(view[:start])
    digest.update(BLANK)
    digest.update(view[start + len(BLANK) :])
    return digest.hexdigest().encode()
