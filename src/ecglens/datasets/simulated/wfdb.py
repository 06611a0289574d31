"""Writers of single WFDB records: a header beside format 16 or a MATLAB v4 file."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecglens.records import LEADS

Steps = NDArray[np.int16]


def write_dat(stem: Path, signal: Steps, fs: float, gain: float) -> None:
    """Write ``stem.dat`` and its header as in PTB-XL: lead names in capitals, unsigned checksums.

    Parameters
    ----------
    stem
        Path of the record without a suffix; its folder is made.
    signal
        int16 ``[12, samples]`` in the lead order of `ecglens.records.LEADS`.
    fs
        Sampling rate in Hz.
    gain
        Steps per mV.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> stem = Path(mkdtemp(), "00001_lr")
    >>> write_dat(stem, np.arange(24, dtype=np.int16).reshape(12, 2), fs=100, gain=1000)
    >>> print(stem.with_suffix(".hea").read_text().splitlines()[:2])
    ['00001_lr 12 100 2', '00001_lr.dat 16 1000.0(0)/mV 16 0 0 1 0 I']
    """
    names = [lead.upper() for lead in LEADS]
    _write_header(stem, ".dat", signal, fs, f"16 {gain:.1f}(0)/mV", names, _checksums(signal).view(np.uint16))
    stem.with_suffix(".dat").write_bytes(_interleaved(signal))


def write_mat(stem: Path, signal: Steps, fs: float, form: str, comments: Sequence[str]) -> None:
    """Write ``stem.mat`` and its header as in the PhysioNet challenges.

    Parameters
    ----------
    stem, signal, fs
        As for `write_dat`.
    form
        Format and gain as the header spells them, such as ``"16+24 1000/mV"``.
    comments
        Lines below the signals, each with its ``#``.
    """
    _write_header(stem, ".mat", signal, fs, form, LEADS, _checksums(signal), comments)
    # MATLAB v4: type 30 (little-endian int16 matrix), rows, columns, real, length of the name with its zero byte.
    head = struct.pack("<5i4s", 30, *signal.shape, 0, 4, b"val\0")
    stem.with_suffix(".mat").write_bytes(head + _interleaved(signal))


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """Write a text file with one item a line, whatever the platform's line ending."""
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def _write_header(
    stem: Path,
    suffix: str,
    signal: Steps,
    fs: float,
    form: str,
    names: Sequence[str],
    checksums: NDArray[np.integer],
    comments: Sequence[str] = (),
) -> None:
    stem.parent.mkdir(parents=True, exist_ok=True)
    signals = [
        f"{stem.name}{suffix} {form} 16 0 {first} {checksum} 0 {name}"
        for first, checksum, name in zip(signal[:, 0], checksums, names, strict=True)
    ]
    write_lines(stem.with_suffix(".hea"), [f"{stem.name} 12 {fs:g} {signal.shape[1]}", *signals, *comments])


def _checksums(signal: Steps) -> Steps:
    """The sum of the samples of each lead, modulo 2 to the 16th."""
    checksums: Steps = signal.sum(axis=1, dtype=np.int16)
    return checksums


def _interleaved(signal: Steps) -> bytes:
    return signal.T.astype("<i2").tobytes()
