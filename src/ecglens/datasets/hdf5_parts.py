"""One part of CODE-15%: an HDF5 file with ``exam_id`` ``[n]`` and ``tracings`` ``[n, samples, 12]``.

An HDF5 file can refer to other files (external links, external storage, virtual data sets) and claim sizes that it does
not have. Therefore place, type and size are checked before anything is read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from ecglens.datasets.files import file_size, read_failure

MOST_EXAMS = 2_000_000
"""Largest number of exams of one part; the complete release has 345,779 in 18 parts."""

MOST_BYTES = 100_000_000
"""Largest size of an exam, or of a compressed chunk: 500 times the published size."""

_FAILURES = (OSError, RuntimeError, LookupError, TypeError, ValueError, ArithmeticError, MemoryError)
"""Errors that h5py raises for damaged files."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn errors of h5py into a `RecordError`: ``missing-file``, ``unreadable`` or ``read-error``."""
    try:
        yield
    except _FAILURES as error:
        raise read_failure(path, error) from error


def open_part(path: Path) -> h5py.File:
    """Open a part; inside of `reading`."""
    file_size(path)
    return h5py.File(path)


def exam_ids(path: Path) -> list[str | None]:
    """The ids of a part's exams, row by row; ``None`` if a row holds no whole number.

    Raises
    ------
    RecordError
        ``missing-file``, ``unreadable`` or ``read-error``.
    """
    with reading(path), open_part(path) as file:
        data = _member(file, "exam_id", 1)
        if len(data) > MOST_EXAMS:
            raise ValueError(f"exam_id has {len(data):,} rows, at most {MOST_EXAMS:,} are read")
        found = data[:]
    if found.dtype.kind in "iu":
        return [str(number) for number in found.tolist()]
    return [str(int(number)) if number.is_integer() and abs(number) < 2**53 else None for number in found.tolist()]


def tracings(file: h5py.File) -> h5py.Dataset:
    """The signals of an open part ``[n, samples, 12]``, unread; inside of `reading`."""
    data = _member(file, "tracings", 3)
    if math.prod(data.shape[1:]) * data.dtype.itemsize > MOST_BYTES:
        raise ValueError(f"one exam of shape {data.shape[1:]} is larger than {MOST_BYTES:,} bytes")
    return data


def _member(file: h5py.File, name: str, n_axes: int) -> h5py.Dataset:
    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"{name} is missing, or a link")
    data = file[name]
    if not isinstance(data, h5py.Dataset) or data.ndim != n_axes or data.dtype.kind not in "iuf":
        raise ValueError(f"{name} is no array of numbers with {n_axes} axes")
    if data.external or data.is_virtual:
        raise ValueError(f"{name} lies in another file")
    if data.chunks and math.prod(data.chunks) * data.dtype.itemsize > MOST_BYTES:
        raise ValueError(f"{name} is compressed in pieces of more than {MOST_BYTES:,} bytes")
    return data
