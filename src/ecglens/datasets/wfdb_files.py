"""Fast reader of 12-lead WFDB records: a header beside one signal file in format 16, plain or as a MATLAB v4 matrix.

Formats: `header(5) and signal(5) <https://wfdb.io/spec/>`_ of the WFDB specification.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import RecordError
from ecglens.records import LEADS, Signal

_RECORD = re.compile(
    r"(?P<name>[-\w]+)\s+(?P<channels>\d+)\s+(?P<fs>\d+(?:\.\d*)?)(?:/\S+)?\s+(?P<samples>\d+)"
    r"(?:\s+\d+:[\d:.]+(?:\s+\d+/\d+/\d+)?)?\s*"
)
_CHANNEL = re.compile(
    r"(?P<file>[-\w]+\.(?:dat|mat))\s+16(?:x1)?(?:\+(?P<offset>\d+))?"
    r"\s+(?P<gain>-?[\d.]+(?:[eE][-+]?\d+)?)(?:\((?P<baseline>-?\d+)\))?(?:/(?P<unit>\S+))?"
    r"\s+\d+\s+(?P<zero>-?\d+)\s+-?\d+\s+(?P<checksum>-?\d+)\s+\d+\s+(?P<lead>\S.*?)\s*"
)
_LEAD_NAMES = {lead.upper(): lead for lead in LEADS}
_PER_MV = {"mv": 1.0, "uv": 1000.0, "v": 0.001}
_GAINS = (1.0, 32768.0)
"""Steps per mV: below, a step is coarser than 1 mV; above, 16 bits do not span 1 mV."""
_RATES = (50.0, 5000.0)
_INVALID = -32768
_MATRIX_HEADER = struct.Struct("<5i")
_INT16_MATRIX = 30


@dataclass(frozen=True)
class Channel:
    """One signal of a header: its lead, gain in steps per mV, the step that means 0 mV, and its checksum."""

    lead: str
    gain: float
    baseline: int
    checksum: int


@dataclass(frozen=True)
class Header:
    """What a header file says.

    Parameters
    ----------
    signal_file
        The file beside the header that holds all channels.
    byte_offset
        Where its samples start.
    fs
        Sampling rate in Hz.
    n_samples
        Samples per channel.
    channels
        In the order of the signal file; all of `ecglens.records.LEADS` are among them.
    comments
        The ``# key: value`` lines, such as Age, Sex and Dx.
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
        ``missing-file``, ``unreadable``, ``header``, ``fs``, ``gain`` or ``missing-lead``.
    """
    lines = _content(path).decode("utf-8", errors="replace").splitlines()
    comments = dict(_comment(line) for line in lines if line.startswith("#") and ":" in line)
    specification = [line for line in lines if line.strip() and not line.startswith("#")]
    record = _RECORD.fullmatch(specification[0]) if specification else None
    if record is None:
        found = repr(specification[0]) if specification else "nothing"
        raise RecordError("header", f"{path}: expected '{path.stem} 12 <fs> <samples> [time [date]]', found {found}")
    if record["name"] != path.stem:
        raise RecordError("header", f"{path}: calls itself {record['name']!r}, expected {path.stem!r}")
    if int(record["channels"]) != len(specification) - 1:
        raise RecordError("header", f"{path}: announces {record['channels']} signals, has {len(specification) - 1}")
    if int(record["samples"]) <= 0:
        raise RecordError("header", f"{path}: {record['samples']} samples")
    if not _RATES[0] <= float(record["fs"]) <= _RATES[1]:
        raise RecordError("fs", f"{path}: {record['fs']} Hz, a 12-lead ECG is sampled at {_RATES} Hz")
    matches = [_match_channel(path, line) for line in specification[1:]]
    sources = {(match["file"], int(match["offset"] or 0)) for match in matches}
    if len(sources) != 1 or Path(matches[0]["file"]).stem != path.stem:
        named = ", ".join(sorted({match["file"] for match in matches})) or "no file"
        raise RecordError("header", f"{path}: expected all signals in one {path.stem}.dat or .mat, found {named}")
    file, offset = sources.pop()
    channels = tuple(_channel(path, match) for match in matches)
    leads = [channel.lead for channel in channels]
    missing = [lead for lead in LEADS if lead not in leads]
    if missing:
        raise RecordError("missing-lead", f"{path}: no {', '.join(missing)}; has {', '.join(leads)}")
    return Header(path.with_name(file), offset, float(record["fs"]), int(record["samples"]), channels, comments)


def read_signal(header: Header) -> Signal:
    """Read the samples of a header's record, float32 ``[12, n_samples]`` in mV; invalid samples (-32768) are NaN.

    Raises
    ------
    RecordError
        ``missing-file``, ``unreadable``, ``truncated``, ``length`` or ``checksum``.
    """
    channels = header.channels
    steps = _steps(header)
    sums = steps.sum(axis=1, dtype=np.uint16)
    wrong = [channel.lead for channel, found in zip(channels, sums, strict=True) if channel.checksum % 65536 != found]
    if wrong:
        raise RecordError("checksum", f"{header.signal_file}: samples do not match the header in {', '.join(wrong)}")
    gain = np.array([[channel.gain] for channel in channels])
    single = gain.astype(np.float32)
    signal: Signal = steps.astype(np.float32)
    signal -= np.array([[channel.baseline] for channel in channels], dtype=np.float32)
    # A gain that float32 holds exactly gives the same quotients as float64 would, several times faster.
    signal /= single if (single == gain).all() else gain
    if steps.min() == _INVALID:
        signal[steps == _INVALID] = np.nan
    leads = [channel.lead for channel in channels]
    return signal[[leads.index(lead) for lead in LEADS]]


def _steps(header: Header) -> NDArray[np.int16]:
    path, n_channels = header.signal_file, len(header.channels)
    expected = header.byte_offset + 2 * n_channels * header.n_samples
    content = _content(path, expected)
    size = path.stat().st_size
    if path.suffix == ".mat":
        _check_matrix(header, content[: header.byte_offset])
    if size != expected:
        reason = "truncated" if size < expected else "length"
        raise RecordError(reason, f"{path}: {size} bytes, the header asks for {expected}")
    samples = np.frombuffer(content, dtype="<i2", offset=header.byte_offset)
    return np.ascontiguousarray(samples.reshape(header.n_samples, n_channels).T)


def _check_matrix(header: Header, start: bytes) -> None:
    if len(start) < _MATRIX_HEADER.size:
        raise RecordError("truncated", f"{header.signal_file}: ends before its first sample")
    kind, rows, columns, _, name_length = _MATRIX_HEADER.unpack_from(start)
    if kind != _INT16_MATRIX or len(start) != _MATRIX_HEADER.size + name_length:
        raise RecordError("unreadable", f"{header.signal_file}: not a 16-bit MATLAB v4 matrix at byte {len(start)}")
    if (rows, columns) != (len(header.channels), header.n_samples):
        raise RecordError(
            "length",
            f"{header.signal_file}: {rows} x {columns}, header says {len(header.channels)} x {header.n_samples}",
        )


def _content(path: Path, limit: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except FileNotFoundError as error:
        raise RecordError("missing-file", f"{path}: does not exist") from error
    except OSError as error:
        raise RecordError("unreadable", f"{path}: {error.strerror}") from error


def _comment(line: str) -> tuple[str, str]:
    key, _, value = line.lstrip("# \t").partition(":")
    return key.strip(), value.strip()


def _match_channel(path: Path, line: str) -> re.Match[str]:
    match = _CHANNEL.fullmatch(line)
    if match is None:
        raise RecordError("header", f"{path}: not a signal line of format 16: {line!r}")
    return match


def _channel(path: Path, match: re.Match[str]) -> Channel:
    unit = match["unit"] or "mV"
    scale = _PER_MV.get(unit.lower())
    if scale is None:
        raise RecordError("gain", f"{path}: unit {unit!r} of lead {match['lead']} is not mV, uV or V")
    gain = float(match["gain"]) * scale
    if not _GAINS[0] <= gain <= _GAINS[1]:
        raise RecordError("gain", f"{path}: {gain:g} steps per mV in lead {match['lead']}, expected {_GAINS}")
    lead = _LEAD_NAMES.get(match["lead"].upper(), match["lead"])
    return Channel(lead, gain, int(match["baseline"] or match["zero"]), int(match["checksum"]))
