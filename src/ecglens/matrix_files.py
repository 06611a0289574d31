"""Read matrices of embeddings and columns of labels from user files, without executing anything in them."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import ConfigError, printable

NPY, ZIP = b"\x93NUMPY", b"PK\x03\x04"
"""First bytes of files written by `numpy.save` and `numpy.savez`."""

MISSING = frozenset({"", "nan", "na", "n/a", "none", "null", "<na>", "nat"})
"""Texts, in lower case, that mean a missing value."""

EXACT = 2**53
"""Whole numbers beyond it are not told apart as 64-bit floats."""


@dataclass(frozen=True)
class Labelled:
    """Embeddings of one data set with their labels.

    Parameters
    ----------
    X
        ``[n, d]``.
    y
        Labels 0 or 1, ``[n]``.
    patients
        Patient of each record, ``[n]``; folds and halves share none.
    """

    X: NDArray[Any]
    y: NDArray[Any]
    patients: NDArray[Any]


def read_matrix(path: Path) -> NDArray[Any]:
    """Read embeddings ``[n, d]`` from a ``.npy`` file, which stays on disk.

    Raises
    ------
    ConfigError
        Not such a file, not a matrix of real numbers, no record, no feature, or values that are not finite.
    """
    x = _load(path)
    if x.ndim != 2 or x.dtype.kind not in "iuf":
        kind = " complex numbers" if x.dtype.kind == "c" else ""
        raise ConfigError(f"{path}: holds{kind} {x.dtype} {x.shape}, embeddings are real numbers [n, d]")
    if not x.size:
        raise ConfigError(f"{path}: has {x.shape[0]} rows and {x.shape[1]} features. Embeddings need both.")
    bad = np.flatnonzero(~np.isfinite(x).all(axis=1))
    if len(bad):
        raise ConfigError(f"{path}: {len(bad)} rows hold values that are not finite, the first is row {bad[0]}")
    return x


def read_column(path: Path, n: int) -> NDArray[Any]:
    """Read one value per record from a ``.npy`` file or a text file with a line each.

    Text is UTF-8, or UTF-16 with a byte order mark; blanks around a value do not count.

    Raises
    ------
    ConfigError
        Not such a file, not `n` values, a missing value, or whole numbers that a float has rounded.
    """
    values = _column_of_array(path) if path.suffix == ".npy" else _lines(path)
    if len(values) != n:
        raise ConfigError(f"{path}: holds {len(values)} values, the matrix has {n} rows. Give one value per row.")
    missing = [row for row, value in enumerate(values) if _is_missing(value)]
    if missing:
        raise ConfigError(
            f"{path}: {len(missing)} of {n} values are missing, the first in row {missing[0]}. Leave those records out "
            "of all files, or give them values."
        )
    return values


def read_labels(path: Path, n: int) -> NDArray[np.int64]:
    """Read labels 0 and 1 as `read_column` does; anything else raises `ConfigError`."""
    found = np.empty(n, dtype=np.int64)
    for row, value in enumerate(read_column(path, n)):
        label = _label(str(value))
        if label is None:
            raise ConfigError(f"{path}: row {row} holds {printable(value, 40)!r}, labels are 0 or 1")
        found[row] = label
    return found


def read_labelled(
    matrices: Sequence[Path], labels: Sequence[Path], patients: Sequence[Path] | None
) -> dict[str, Labelled]:
    """Read data sets, each named by its matrix's file.

    Raises
    ------
    ConfigError
        Fewer than two matrices, or not as many files of labels or patients as matrices, or two files of one name.
    """
    names = [path.stem for path in matrices]
    counts = {"labels": len(labels), "patients": len(matrices) if patients is None else len(patients)}
    wrong = [f"{count} file(s) of {what}" for what, count in counts.items() if count != len(names)]
    if wrong or len(matrices) < 2:
        raise ConfigError(
            f"{len(matrices)} matrices ({', '.join(map(str, matrices))}) and {', '.join(wrong) or 'their labels'}: "
            "give two or more matrices, and write --labels (and --patients) before each file of theirs"
        )
    if len(set(names)) < len(names):
        raise ConfigError(f"the matrices are called {', '.join(names)}: give each file its own name")
    found = {}
    for number, (name, path) in enumerate(zip(names, matrices, strict=True)):
        x = read_matrix(path)
        who = read_column(patients[number], len(x)) if patients else np.arange(len(x))
        found[name] = Labelled(x, read_labels(labels[number], len(x)), who)
    return found


def _load(path: Path) -> NDArray[Any]:
    """An array that stays on disk."""
    try:
        with path.open("rb") as file:
            start = file.read(len(NPY))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if start.startswith(ZIP):
        raise ConfigError(f"{path}: holds several arrays (.npz). Save the one you mean with numpy.save.")
    if start != NPY:
        raise ConfigError(f"{path}: is not a .npy file. Write it with numpy.save.")
    try:
        found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # NumPy parses the header as Python: what is wrong in it raises almost anything
        raise ConfigError(f"{path}: cannot be read as a .npy file of numbers: {printable(error, 200)}") from error
    return found


def _column_of_array(path: Path) -> NDArray[Any]:
    values = _load(path)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or values.dtype.kind not in "biufUS":
        raise ConfigError(f"{path}: holds {values.dtype} {values.shape}, a column is [n] numbers or text")
    if values.dtype.kind == "f" and (np.abs(values[np.isfinite(values)]) > EXACT).any():
        raise ConfigError(
            f"{path}: holds floats beyond 2**53, which have lost digits: different ids may have become one. Save them "
            "as integers or text."
        )
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "backslashreplace")
    return np.char.strip(values) if values.dtype.kind == "U" else np.array(values)


def _lines(path: Path) -> NDArray[Any]:
    try:
        content = path.read_bytes()
        wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read as text (UTF-8): {printable(error, 200)}") from error
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    return np.array([line.strip() for line in lines])


def _is_missing(value: Any) -> bool:
    return value.strip().lower() in MISSING if isinstance(value, str) else bool(pd.isna(value))


def _label(text: str) -> int | None:
    words = {"false": 0, "true": 1}
    try:
        number = words.get(text.lower(), float(text) if text.lower() not in words else 0)
    except ValueError:
        return None
    return int(number) if number in (0, 1) else None
