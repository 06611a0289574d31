"""Made records in the native files, written without the package."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

NAMES = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def write_record(
    folder: Path,
    name: str,
    *,
    seed: int = 0,
    kind: str = "mat",
    n: int = 600,
    fs: int = 500,
    leads: tuple[str, ...] = NAMES,
    comments: tuple[str, ...] = ("Age: 60", "Sex: Male", "Dx: 426783006"),
    steps: np.ndarray | None = None,
) -> Path:
    """One record of noise with 1,000 steps per mV; returns its header."""
    if steps is None:
        steps = np.random.default_rng(seed).normal(0, 300, (n, len(leads))).astype("<i2")
    folder.mkdir(parents=True, exist_ok=True)
    n, width = steps.shape
    matrix = np.array([30, width, n, 0, 4], dtype="<i4").tobytes() + b"val\0"
    (folder / f"{name}.{kind}").write_bytes((matrix if kind == "mat" else b"") + steps.astype("<i2").tobytes())
    lines = [f"{name} {width} {fs} {n}"]
    for column, lead in zip(steps.T, leads, strict=True):
        checksum = int(np.int64(column.sum())) % 65536
        form = "16+24" if kind == "mat" else "16"
        lines.append(f"{name}.{kind} {form} 1000/mV 16 0 {column[0]} {checksum} 0 {lead}")
    lines += [f"#{comment}" for comment in comments]
    header = folder / f"{name}.hea"
    header.write_text("\n".join(lines) + "\n")
    return header


@pytest.fixture(name="write_record")
def fixture_write_record() -> Callable[..., Path]:
    return write_record


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], Path]]:
    """Installs one module with an entry point ``ecglens.data_set``; it is forgotten after the test."""
    site = tmp_path / "site"

    def installed(code: str, entry_point: str) -> Path:
        metadata = site / "outside-1.0.dist-info"
        metadata.mkdir(parents=True)
        (site / "outside.py").write_text(code)
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[ecglens.data_set]\n{entry_point}\n")
        monkeypatch.syspath_prepend(str(site))
        importlib.invalidate_caches()
        return site

    yield installed
    sys.modules.pop("outside", None)
