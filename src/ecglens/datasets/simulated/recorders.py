"""Simulated recorders: noise, hum, band and resolution of a device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt, sosfilt_zi

from ecglens.datasets.simulated.beats import Array

_LIMB = np.array([[1, 0], [0, 1], [-1, 1], [-0.5, -0.5], [1, -0.5], [-0.5, 1]])
_TWELVE = np.block([[_LIMB, np.zeros((6, 6))], [np.zeros((6, 2)), np.eye(6)]]).astype(np.float32)
"""``[12, 8]``: Einthoven's III and Goldberger's aVR, aVL and aVF from I and II; V1 to V6 as they are."""


@dataclass(frozen=True)
class Recorder:
    """A recording device.

    Parameters
    ----------
    fs
        Sampling rate in Hz.
    gain
        Stored steps per mV.
    high_pass, low_pass
        Ends of the band in Hz (Butterworth, second order at each end).
    noise_mv
        Median over records of the standard deviation of muscle and amplifier noise, in mV.
    mains_hz, mains_mv
        Frequency in Hz and mean amplitude in mV of the mains hum.
    resolution_uv
        Smallest step of the converter in uV.
    seconds
        Length of a record.
    """

    fs: float
    gain: float
    high_pass: float
    low_pass: float
    noise_mv: float
    mains_hz: float
    mains_mv: float
    resolution_uv: float
    seconds: float = 10.0

    def apart(self, difference: float) -> Recorder:
        """A recorder that differs less (below 1) or more (above 1) from the others.

        At 0 all have the same band, noise and resolution, and no hum. Sampling rate, gain and length depend on the
        layout of the files and do not change.

        Examples
        --------
        >>> RECORDERS["georgia"].apart(0).low_pass == RECORDERS["chn"].apart(0).low_pass
        True
        """
        blended = {name: common * (getattr(self, name) / common) ** difference for name, common in _COMMON.items()}
        blended["low_pass"] = min(blended["low_pass"], 0.45 * self.fs)
        return replace(self, mains_mv=difference * self.mains_mv, **blended)


RECORDERS: Mapping[str, Recorder] = {
    "ptb-xl": Recorder(500, 1000, 0.05, 150, 0.010, 50, 0.005, 1.0),
    "code-15": Recorder(400, 1000, 0.15, 90, 0.016, 60, 0.016, 2.5),
    "georgia": Recorder(500, 1000, 0.08, 110, 0.012, 60, 0.008, 4.88),
    "chn": Recorder(500, 1000, 0.40, 130, 0.020, 50, 0.010, 4.88),
}
"""Recorder of each layout; invented, not measured."""

_COMMON = {"high_pass": 0.1, "low_pass": 120.0, "noise_mv": 0.014, "resolution_uv": 3.0}


def digitise(leads: Array, recorder: Recorder, rng: Generator) -> NDArray[np.int16]:
    """Record eight noiseless leads: add noise, hum and baseline wander, filter, derive four leads, round.

    Parameters
    ----------
    leads
        ``[8, samples]`` in mV: I, II, V1 to V6.
    recorder
        The device.
    rng
        Random generator of this record.

    Returns
    -------
    int16 ``[12, samples]``, lead order of `ecglens.records.LEADS`, `Recorder.gain` steps per mV.

    Examples
    --------
    >>> digitise(np.ones((8, 5000)), RECORDERS["georgia"], np.random.default_rng(0)).shape
    (12, 5000)
    """
    time = np.arange(leads.shape[1]) / recorder.fs
    noise = recorder.noise_mv * np.exp(rng.normal(0, 0.3)) * rng.standard_normal(leads.shape, dtype=np.float32)
    analogue = _TWELVE @ _band(leads + noise + _hum_and_wander(time, recorder, rng), recorder)
    steps = np.round(analogue * 1000 / recorder.resolution_uv) * recorder.resolution_uv / 1000 * recorder.gain
    return np.clip(np.round(steps), -32767, 32767).astype(np.int16)  # -32768 means invalid in WFDB


def _hum_and_wander(time: Array, recorder: Recorder, rng: Generator) -> Array:
    """Mains, breathing and two slow drifts ``[8, samples]`` in mV, each sinusoid with its own size in every lead."""
    rates = np.array([recorder.mains_hz, rng.uniform(0.2, 0.33), *rng.uniform(0.02, 0.2, 2)])
    sizes = np.hstack([recorder.mains_mv * rng.uniform(0.5, 1.5, (8, 1)), rng.normal(0, 0.03, (8, 3))])
    turns = np.exp(1j * rng.uniform(0, 2 * np.pi, (8, 4)))
    waves: Array = ((sizes * turns) @ np.exp(2j * np.pi * rates[:, None] * time)).imag
    return waves


def _band(leads: Array, recorder: Recorder) -> Array:
    sos = butter(2, (recorder.high_pass, recorder.low_pass), "bandpass", fs=recorder.fs, output="sos")
    start = sosfilt_zi(sos)[:, None, :] * leads.mean(axis=1, keepdims=True)  # the first sample may lie in a QRS
    filtered: Array = sosfilt(sos, leads, axis=1, zi=start)[0].astype(np.float32)
    return filtered
