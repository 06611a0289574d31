"""Arrays of known shape on disk, written row by row and read by `numpy.load`."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ecglens.errors import StoreError
from ecglens.files import writing


@dataclass(frozen=True)
class StoredArray:
    """An array file of fixed type and shape.

    Rows are written by plain writes, so a full disk raises an error; a memory map would kill the process.

    Parameters
    ----------
    path
        Path of the file.
    dtype, shape
        Type and shape of the array.
    """

    path: Path
    dtype: DTypeLike
    shape: tuple[int, ...]

    @property
    def header(self) -> bytes:
        """Bytes before the values."""
        header = io.BytesIO()
        facts = {"descr": np.dtype(self.dtype).str, "fortran_order": False, "shape": self.shape}
        np.lib.format.write_array_header_1_0(header, facts)
        return header.getvalue()

    @property
    def is_whole(self) -> bool:
        """Whether the file has the header and the size of the array; values are not checked."""
        header = self.header
        try:
            with self.path.open("rb") as file:
                return file.read(len(header)) == header and os.fstat(file.fileno()).st_size == self._size
        except OSError:
            return False

    def lay_out(self) -> None:
        """Extend the file to its full size: existing values are kept, missing values are zero."""
        if not self.is_whole:
            with writing(self.path), self.path.open("r+b" if self.path.exists() else "xb") as file:
                file.write(self.header)
                file.truncate(self._size)

    def write(self, rows: NDArray[np.intp], values: NDArray[Any]) -> None:
        """Replace some rows; they are on disk when this returns."""
        content = np.ascontiguousarray(values, dtype=self.dtype)
        start, width = len(self.header), content[:1].nbytes
        with writing(self.path), self.path.open("r+b") as file:
            for row, value in zip(rows.tolist(), content, strict=True):
                file.seek(start + row * width)
                file.write(value.tobytes())
            file.flush()
            os.fsync(file.fileno())

    def map(self) -> NDArray[Any]:
        """The array as a memory map; raises `StoreError` if the file is incomplete."""
        if not self.is_whole:
            raise StoreError(f"{self.path}: damaged or missing. Run again: what is damaged is computed again.")
        if not self._size - len(self.header):
            return np.zeros(self.shape, dtype=self.dtype)
        return np.memmap(self.path, self.dtype, "r", len(self.header), self.shape)

    @property
    def _size(self) -> int:
        return len(self.header) + int(np.prod(self.shape, dtype=np.int64)) * np.dtype(self.dtype).itemsize
