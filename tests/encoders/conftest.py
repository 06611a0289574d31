"""Records whose beats, intervals and waves are known because they were drawn, and tensors of a small network."""

import importlib
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

GAINS = np.array([0.8, 1.0, 0.4, -0.9, 0.5, 0.7, -0.6, 0.5, 0.9, 1.2, 1.1, 0.8])
"""Of the leads I, II, III, aVR, aVL, aVF, V1 to V6."""


def hump(time: NDArray, start: float, width: float) -> NDArray:
    """One squared half-sine: rises at `start`, ends after `width`, peak 1 in the middle, area width / 2."""
    phase = (time - start) / width
    return np.where((phase >= 0) & (phase <= 1), np.sin(np.pi * phase) ** 2, 0.0)


def draw(
    onsets: NDArray,
    seconds: float = 10.0,
    fs: float = 250.0,
    qrs_width: float = 0.09,
    pr: float | None = 0.16,
    st: float = 0.0,
    t_height: float = 0.3,
    noise: float = 0.0,
    seed: int = 0,
) -> NDArray:
    """``[12, samples]`` in mV with a QRS of 1 mV x gain that begins at each of `onsets` (seconds)."""
    time = np.arange(round(seconds * fs)) / fs
    trace = np.zeros_like(time)
    for onset in onsets:
        end = onset + qrs_width
        trace += hump(time, onset, qrs_width) + t_height * hump(time, end + 0.12, 0.18)
        trace += st * np.clip(np.minimum((time - end) / 0.01, (end + 0.12 - time) / 0.01), 0, 1)
        if pr is not None:
            trace += 0.15 * hump(time, onset - pr, 0.1)
    return GAINS[:, None] * trace + np.random.default_rng(seed).normal(0, noise, (12, len(time)))


@pytest.fixture
def planted() -> Callable[..., NDArray]:
    return draw


@pytest.fixture
def irregular() -> Callable[..., NDArray]:
    """Onsets with RR intervals drawn evenly from a range: ``irregular(low, high, seconds, seed)``."""
    return _irregular


def _irregular(low: float, high: float, seconds: float = 10.0, seed: int = 0) -> NDArray:
    onsets = 0.3 + np.cumsum(np.random.default_rng(seed).uniform(low, high, 200))
    return onsets[onsets < seconds - 0.5]


@pytest.fixture(scope="session")
def wfdb() -> ModuleType:
    """The wfdb package with `wfdb.processing`; importing it warns of a deprecation in pandas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import wfdb
        import wfdb.processing
    return wfdb


@pytest.fixture
def tensors() -> dict[str, torch.Tensor]:
    """Of a linear layer ``first``, 3 to 2, and a batch norm ``norm`` of 2."""
    shapes = {"first.weight": (2, 3), "first.bias": (2,)}
    shapes |= {f"norm.{name}": (2,) for name in ("weight", "bias", "running_mean", "running_var")}
    rng = torch.Generator().manual_seed(1)
    drawn = {name: torch.randn(shape, generator=rng) for name, shape in shapes.items()}
    return drawn | {"norm.num_batches_tracked": torch.tensor(7)}


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], Path]]:
    """Installs one module with an entry point ``ecglens.encoder``; it is forgotten after the test."""
    site = tmp_path / "site"

    def installed(code: str, entry_point: str) -> Path:
        metadata = site / "outside-1.0.dist-info"
        metadata.mkdir(parents=True)
        (site / "outside.py").write_text(code)
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[ecglens.encoder]\n{entry_point}\n")
        monkeypatch.syspath_prepend(str(site))
        importlib.invalidate_caches()
        return site

    yield installed
    sys.modules.pop("outside", None)
