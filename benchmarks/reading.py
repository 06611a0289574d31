"""Records read per second: ecglens beside wfdb (.dat, .mat) and beside plain h5py (CODE-15%).

Run as ``python benchmarks/reading.py``. Records are made of noise in a temporary folder and read from the page cache.
"""

from __future__ import annotations

import csv
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import wfdb

from ecglens.datasets.code15 import Code15
from ecglens.datasets.georgia import Georgia
from ecglens.datasets.quality import check_signal
from ecglens.datasets.wfdb import read_header, read_signal
from ecglens.records import LEADS

N, FS, SAMPLES, ROUNDS = 200, 500, 5000, 3
FLAGS = ("1dAVb", "RBBB", "LBBB", "SB", "ST", "AF")


def write_wfdb(folder: Path) -> list[Path]:
    """N records as .dat, N as .mat with the same samples; returns their headers."""
    rng = np.random.default_rng(0)
    for number in range(N):
        steps = rng.normal(0, 300, (SAMPLES, 12)).astype("<i2")
        name = f"E{number:05d}"
        wfdb.wrsamp(
            name, FS, ["mV"] * 12, list(LEADS), d_signal=steps.astype(int), fmt=["16"] * 12,
            adc_gain=[1000.0] * 12, baseline=[0] * 12, comments=["Dx: 426783006"], write_dir=str(folder / "dat"),
        )  # fmt: skip
        header = (folder / "dat" / f"{name}.hea").read_text().replace(".dat 16 ", ".mat 16+24 ")
        (folder / "mat" / f"{name}.hea").write_text(header)
        matrix = struct.pack("<5i4s", 30, 12, SAMPLES, 0, 4, b"val\0") + steps.tobytes()
        (folder / "mat" / f"{name}.mat").write_bytes(matrix)
    return sorted(folder.glob("*/E*.hea"))


def write_code15(folder: Path) -> None:
    """N exams of noise in one part."""
    rng = np.random.default_rng(0)
    with h5py.File(folder / "exams_part0.hdf5", "w") as file:
        file["exam_id"] = np.arange(N)
        file["tracings"] = rng.normal(0, 1, (N, 4096, 12)).astype(np.float32)
    with (folder / "exams.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["exam_id", "age", "is_male", *FLAGS, "patient_id", "trace_file"])
        writer.writerows([i, 50, True, *[False] * 6, i, "exams_part0.hdf5"] for i in range(N))


def rate(read_all: Callable[[], object]) -> float:
    """Records per second, the best of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        read_all()
        times.append(time.perf_counter() - start)
    return N / min(times)


def row(what: str, ours: float, theirs: float, baseline: str) -> None:
    print(f"{what:<34} {ours:>8.0f} /s   {baseline:<21} {theirs:>8.0f} /s   ratio {ours / theirs:>5.1f}")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in ("dat", "mat", "code15"):
            (folder / kind).mkdir()
        headers = write_wfdb(folder)
        write_code15(folder / "code15")
        for kind in ("dat", "mat"):
            paths = [path for path in headers if path.parent.name == kind]
            theirs = rate(lambda paths=paths: [wfdb.rdrecord(str(p.with_suffix("")), return_res=32) for p in paths])
            ours = rate(lambda paths=paths: [read_signal(read_header(p)) for p in paths])
            row(f"WFDB .{kind}", ours, theirs, "wfdb.rdrecord")
            georgia = Georgia(folder / kind)
            ids = [path.stem for path in paths]
            row(f"WFDB .{kind}, checked signals", rate(lambda d=georgia, i=ids: d.read(i)), theirs, "wfdb.rdrecord")

        def plain() -> None:
            with h5py.File(folder / "code15" / "exams_part0.hdf5") as file:
                for i in range(N):
                    check_signal(np.ascontiguousarray(file["tracings"][i].T / 2))

        theirs = rate(plain)
        for trim in (True, False):
            code15 = Code15(folder / "code15", trim=trim)
            ids = code15.index().records.index.tolist()
            ours = rate(lambda d=code15, i=ids: d.read(i))
            row(f"CODE-15, checked, trim={trim}", ours, theirs, "h5py and check_signal")


if __name__ == "__main__":
    main()
