"""Fast reader of 12-lead WFDB records: a header beside one signal file in format 16, plain or as a MATLAB v4 matrix.

Formats: `header(5) and signal(5) <https://wfdb.io/spec/>`_ of the WFDB specification.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecglens.datasets.files import excerpt, opened
from ecglens.datasets.quality import PLAUSIBLE_HZ
from ecglens.errors import RecordError
from ecglens.records import LEADS, READ_ERROR, Signal

_RECORD = re.compile(
    r"(?P<name>[-\w]+)\s+(?P<channels>\d{1,4})\s+(?P<fs>\d+(?:\.\d*)?)(?:/\S+)?\s+(?P<samples>\d{1,18})"
    r"(?:\s+\d+:[\d:.]+(?:\s+\d+/\d+/\d+)?)?",
    re.ASCII,
)
_CHANNEL = re.compile(
    r"(?P<file>[-\w]+\.(?:dat|mat))\s+16(?:x1)?(?:\+(?P<offset>\d{1,18}))?"
    r"\s+(?P<gain>-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?:\((?P<baseline>-?\d{1,10})\))?(?:/(?P<unit>\S+))?"
    r"\s+\d+\s+(?P<zero>-?\d{1,10})\s+-?\d+\s+(?P<checksum>-?\d{1,10})\s+\d+\s+(?P<lead>\S.*)",
    re.ASCII,
)
_ONLY_CODES = re.compile(r"[0-9][0-9,;|.\s]*", re.ASCII)
_LEAD_NAMES = {lead.upper(): lead for lead in LEADS}
_PER_MV = {"mv": 1.0, "uv": 1000.0, "v": 0.001}
_GAINS = (1.0, 1e7)
"""Steps per mV: below, a step is coarser than 1 mV; above, 16 bits span less than 0.01 mV. Writers that spread a lead
over all 16 bits come to 200,000; a wrong unit shows in the amplitude."""
_MOST_SAMPLES = 5_000_000
"""Of one channel: 83 minutes at 1,000 Hz."""
_MOST_HEADER_BYTES = 1_000_000
_EXACT = 2**23
"""Whole numbers that differ by less than this and a 16-bit step do so exactly in float32."""
_INVALID = -32768
_MATRIX_HEADER = struct.Struct("<5i")
_INT16_MATRIX = 30


@dataclass(frozen=True)
class Channel:
    """One signal of a header: lead, gain in steps per mV (NaN for other than the 12 leads), zero, and checksum."""

    lead: str
    gain: float
    baseline: int
    checksum: int


@dataclass(frozen=True)
class Header:
    """Content of a header file.

    Parameters
    ----------
    signal_file
        File with all channels, beside the header.
    byte_offset
        Position of the first sample in bytes.
    fs
        Sampling rate in Hz.
    n_samples
        Samples per channel.
    channels
        In the order of the signal file; all of `ecglens.records.LEADS` are among them.
    comments
        The ``# key: value`` lines, such as Age, Sex and Dx; values of a repeated key are joined by commas.
    """

    signal_file: Path
    byte_offset: int
    fs: float
    n_samples: int
    channels: tuple[Channel, ...]
    comments: Mapping[str, str]


def read_header(path: Path) -> Header:
    """Read a ``.hea`` file of a 12-lead record.

    Raises
    ------
    RecordError
        ``missing-file``, ``unreadable``, ``read-error``, ``header``, ``fs``, ``gain`` or ``missing-lead``.
    """
    with opened(path) as (file, size):
        if size > _MOST_HEADER_BYTES:
            raise RecordError("header", f"{path}: {size:,} bytes, a header has at most {_MOST_HEADER_BYTES:,}")
        content = file.read(_MOST_HEADER_BYTES)
    lines = [line.strip() for line in content.decode("utf-8", errors="replace").splitlines()]
    specification = [line for line in lines if line and not line.startswith("#")]
    record = _RECORD.fullmatch(specification[0]) if specification else None
    if record is None:
        found = excerpt(path, specification[0]) if specification else "nothing"
        raise RecordError("header", f"{path}: expected '{path.stem} 12 <fs> <samples> [time [date]]', found {found}")
    if record["name"] != path.stem:
        raise RecordError("header", f"{path}: expected the name {path.stem!r}, found {excerpt(path, record['name'])}")
    if int(record["channels"]) != len(specification) - 1:
        raise RecordError("header", f"{path}: announces {record['channels']} signals, has {len(specification) - 1}")
    if int(record["samples"]) <= 0:
        raise RecordError("header", f"{path}: no samples")
    if not PLAUSIBLE_HZ[0] <= float(record["fs"]) <= PLAUSIBLE_HZ[1]:
        raise RecordError("fs", f"{path}: {float(record['fs']):g} Hz, a 12-lead ECG is sampled at {PLAUSIBLE_HZ} Hz")
    matches = [_match_channel(path, line) for line in specification[1:]]
    sources = {(match["file"], int(match["offset"] or 0)) for match in matches}
    if len(sources) != 1 or Path(matches[0]["file"]).stem != path.stem:
        named = excerpt(path, ", ".join(sorted({match["file"] for match in matches}))) if matches else "no file"
        raise RecordError("header", f"{path}: expected all signals in one {path.stem}.dat or .mat, found {named}")
    name, offset = sources.pop()
    channels = tuple(_channel(path, match) for match in matches)
    leads = [channel.lead for channel in channels]
    missing = [lead for lead in LEADS if lead not in leads]
    if missing:
        found = excerpt(path, ", ".join(leads))
        raise RecordError("missing-lead", f"{path}: no {', '.join(missing)}; has {found}")
    repeated = [lead for lead in LEADS if leads.count(lead) > 1]
    if repeated:
        raise RecordError("header", f"{path}: more than one signal is called {', '.join(repeated)}")
    n_samples = int(record["samples"])
    return Header(path.with_name(name), offset, float(record["fs"]), n_samples, channels, _comments(lines))


def read_signal(header: Header) -> Signal:
    """Read the samples of a header's record, float32 ``[12, n_samples]`` in mV; invalid samples (-32768) are NaN.

    Raises
    ------
    RecordError
        ``missing-file``, ``unreadable``, ``read-error``, ``truncated``, ``length`` or ``checksum``.
    """
    leads = [channel.lead for channel in header.channels]
    rows = [leads.index(lead) for lead in LEADS]
    channels = [header.channels[row] for row in rows]
    steps = _steps(header)[rows]
    sums = steps.sum(axis=1, dtype=np.uint16)
    wrong = [channel.lead for channel, found in zip(channels, sums, strict=True) if channel.checksum % 65536 != found]
    if wrong:
        raise RecordError("checksum", f"{header.signal_file}: samples do not match the header in {', '.join(wrong)}")
    gain = np.array([[channel.gain] for channel in channels])
    baseline = np.array([[float(channel.baseline)] for channel in channels])
    # What float32 holds exactly gives the same quotients as float64 would, several times faster.
    exact = (gain.astype(np.float32) == gain).all() and np.abs(baseline).max() <= _EXACT
    kind = np.float32 if exact else np.float64
    signal: Signal = ((steps.astype(kind) - baseline.astype(kind)) / gain.astype(kind)).astype(np.float32, copy=False)
    if steps.min() == _INVALID:
        signal[steps == _INVALID] = np.nan
    return signal


def _steps(header: Header) -> NDArray[np.int16]:
    path, n_channels = header.signal_file, len(header.channels)
    expected = header.byte_offset + 2 * n_channels * header.n_samples
    with opened(path) as (file, size):
        if path.suffix == ".mat":
            _check_matrix(header, file.read(_MATRIX_HEADER.size))
        if size != expected:
            reason = "truncated" if size < expected else "length"
            raise RecordError(reason, f"{path}: {size} bytes, the header asks for {expected}")
        if header.n_samples > _MOST_SAMPLES:
            raise RecordError("length", f"{path}: {header.n_samples:,} samples, at most {_MOST_SAMPLES:,} are read")
        file.seek(header.byte_offset)
        content = file.read(expected - header.byte_offset)
    if len(content) != expected - header.byte_offset:
        raise RecordError(READ_ERROR, f"{path}: changes while it is read")
    samples = np.frombuffer(content, dtype="<i2")
    return np.ascontiguousarray(samples.reshape(header.n_samples, n_channels).T)


def _check_matrix(header: Header, start: bytes) -> None:
    if len(start) < _MATRIX_HEADER.size:
        raise RecordError("truncated", f"{header.signal_file}: ends before its first sample")
    kind, rows, columns, _, name_length = _MATRIX_HEADER.unpack(start)
    if kind != _INT16_MATRIX or header.byte_offset != _MATRIX_HEADER.size + name_length:
        where = f"at byte {header.byte_offset}"
        raise RecordError("unreadable", f"{header.signal_file}: no 16-bit MATLAB v4 matrix {where}")
    said = (len(header.channels), header.n_samples)
    if (rows, columns) != said:
        raise RecordError("length", f"{header.signal_file}: {(rows, columns)}, the header says {said}")


def _comments(lines: Iterable[str]) -> dict[str, str]:
    """Values by key; those of a repeated key, and lines with only codes, are joined by commas."""
    found: dict[str, list[str]] = {}
    key = ""
    for line in (line.lstrip("# \t") for line in lines if line.startswith("#")):
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip()
            found.setdefault(key, []).append(value.strip())
        elif key and _ONLY_CODES.fullmatch(line):
            found[key].append(line)
    return {key: ", ".join(dict.fromkeys(values)) for key, values in found.items()}


def _match_channel(path: Path, line: str) -> re.Match[str]:
    match = _CHANNEL.fullmatch(line)
    if match is None:
        raise RecordError("header", f"{path}: expected a signal line of format 16, found {excerpt(path, line)}")
    return match


def _channel(path: Path, match: re.Match[str]) -> Channel:
    lead = _LEAD_NAMES.get(match["lead"].upper(), match["lead"])
    baseline, checksum = int(match["baseline"] or match["zero"]), int(match["checksum"])
    if lead not in LEADS:
        return Channel(lead, math.nan, baseline, checksum)
    unit = match["unit"] or "mV"
    scale = _PER_MV.get(unit.lower())
    if scale is None:
        raise RecordError("gain", f"{path}: the unit of lead {lead} is {excerpt(path, unit)}, expected mV, uV or V")
    gain = float(match["gain"]) * scale
    if not _GAINS[0] <= gain <= _GAINS[1]:
        raise RecordError("gain", f"{path}: {gain:g} steps per mV in lead {lead}, expected {_GAINS}")
    return Channel(lead, gain, baseline, checksum)
