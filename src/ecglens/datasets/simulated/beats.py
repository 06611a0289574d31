"""The simulated heart: Gaussian loops of a cardiac dipole, seen by eight independent leads.

The dipole has Frank's axes: x to the left, y to the feet, z to the back. Its projection on the leads is the transform
of Dower, Machado and Osborne, Clin Cardiol 1980;3:87-95; the waves are Gaussian as in the model of McSharry et al.,
IEEE Trans Biomed Eng 2003;50:289-294, with a vector in place of their scalar amplitude.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Array = NDArray[np.floating[Any]]

DOWER = np.array(
    [
        [0.632, -0.235, 0.059],  # I
        [0.235, 1.066, -0.132],  # II
        [-0.515, 0.157, -0.917],  # V1
        [0.044, 0.164, -1.387],
        [0.882, 0.098, -1.277],
        [1.213, 0.127, -0.601],
        [1.125, 0.127, -0.086],
        [0.831, 0.076, 0.230],  # V6
    ]
)
"""Lead field ``[8, 3]``: I, II, V1 to V6 from the dipole."""

P, QRS, T = slice(0, 2), slice(2, 6), slice(6, 8)

_NORMAL = np.array(
    [  # centre (s after QRS onset), standard deviation (s), x, y, z (mV)
        [-0.122, 0.017, 0.05, 0.10, -0.06],  # right atrium
        [-0.092, 0.017, 0.07, 0.06, 0.05],  # left atrium
        [0.016, 0.007, -0.13, -0.05, -0.25],  # septum
        [0.042, 0.011, 1.20, 0.85, 0.35],  # free walls
        [0.061, 0.010, -0.15, -0.10, 0.65],  # base
        [0.078, 0.006, -0.05, -0.05, 0.08],
        [0.265, 0.050, 0.15, 0.11, -0.07],
        [0.318, 0.033, 0.22, 0.16, -0.12],
    ]
)
_FIRST_DEGREE = _NORMAL + np.array([[-0.090, 0, 0, 0, 0]] * 2 + [[0.0] * 5] * 6)
_RIGHT_BUNDLE = np.array(
    [
        *_NORMAL[P],
        [0.016, 0.007, -0.13, -0.05, -0.25],
        [0.042, 0.010, 1.10, 0.80, 0.35],
        [0.064, 0.009, -0.10, -0.10, 0.45],
        [0.108, 0.020, -0.48, -0.04, -0.62],  # the right ventricle, late and slow: R' in V1, S in I and V6
        [0.295, 0.052, 0.15, 0.09, 0.06],
        [0.348, 0.034, 0.21, 0.12, 0.12],
    ]
)
_LEFT_BUNDLE = np.array(
    [
        *_NORMAL[P],
        [0.026, 0.012, 0.25, 0.10, 0.15],  # the septum from right to left: no q in I and V6
        [0.056, 0.016, 0.95, 0.40, 0.75],
        [0.082, 0.016, 0.40, 0.20, 0.70],
        [0.110, 0.016, 0.95, 0.30, 0.60],  # the left free wall, late: the notch
        [0.300, 0.052, -0.12, 0.02, -0.22],
        [0.355, 0.034, -0.18, 0.02, -0.32],
    ]
)

CONDUCTION: Mapping[str, Array] = {"1AVB": _FIRST_DEGREE, "RBBB": _RIGHT_BUNDLE, "LBBB": _LEFT_BUNDLE}
"""The waves of a beat for each conduction disturbance, ``[8, 5]`` like those of the normal heart, at RR = 1 s."""


@dataclass(frozen=True)
class Heart:
    """Constants of a patient.

    Parameters
    ----------
    waves
        ``[8, 5]``: centre and standard deviation in s at RR = 1 s, vector in mV.
    rate
        Mean heart rate in beats per minute.
    fibrillation
        0 is sinus rhythm, 1 is atrial fibrillation.
    lead_field
        ``[8, 3]``: I, II, V1 to V6 from the dipole.
    """

    waves: Array
    rate: float
    fibrillation: float
    lead_field: Array


def draw_heart(rng: Generator, conduction: str | None = None, block: float = 1.0, fibrillation: float = 0.0) -> Heart:
    """Draw a patient's heart.

    Parameters
    ----------
    rng
        Random generator.
    conduction
        A key of `CONDUCTION`; ``None`` is normal.
    block, fibrillation
        Size of the disturbance of waves and rhythm, from 0 (normal) to 1.

    Examples
    --------
    >>> heart = draw_heart(np.random.default_rng(0))
    >>> heart.waves.shape, heart.lead_field.shape
    ((8, 5), (8, 3))
    """
    disturbed = _NORMAL if conduction is None else CONDUCTION[conduction]
    waves = _NORMAL + block * (disturbed - _NORMAL)
    for part, spread in ((P, 0.07), (QRS, 0.05), (T, 0.04)):
        waves[part, :2] *= np.clip(rng.normal(1, spread), 0.88, 1.15)
    waves[:, 2:] *= np.exp(rng.normal(0, 0.15, (8, 1)) + rng.normal(0, 0.15))
    waves[P, 2:] *= 1 - fibrillation
    waves[:, 2:] = Rotation.from_rotvec(rng.normal(0, 0.2, 3)).apply(waves[:, 2:])
    rate = np.clip(rng.normal(71, 11), 46, 108) + 18 * fibrillation
    return Heart(waves, float(rate), fibrillation, DOWER * rng.normal(1, 0.08, DOWER.shape))


def draw_leads(heart: Heart, fs: float, seconds: float, rng: Generator) -> tuple[Array, float]:
    """Simulate one noiseless record of a heart.

    Parameters
    ----------
    heart
        The patient's heart.
    fs
        Sampling rate in Hz.
    seconds
        Length of the record.
    rng
        Random generator of this record.

    Returns
    -------
    leads
        float32 ``[8, samples]`` in mV: I, II, V1 to V6.
    rate
        Mean heart rate of the record in beats per minute.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> leads, rate = draw_leads(draw_heart(rng), fs=500, seconds=10, rng=rng)
    >>> leads.shape, bool(40 < rate < 120)
    ((8, 5000), True)
    """
    time = (np.arange(round(fs * seconds)) / fs).astype(np.float32)
    breath, phase = rng.uniform(0.2, 0.33), rng.uniform(0, 2 * np.pi)
    rr = _intervals(heart, seconds, breath, phase, rng)
    onsets = np.cumsum(rr) - rr[0] * (2 + rng.random())
    dipole = _beats(heart, time, onsets, rr, breath, phase, rng)
    electrodes = heart.lead_field * rng.normal(1, 0.03, heart.lead_field.shape)
    if heart.fibrillation:
        dipole = dipole + heart.fibrillation * _fibrillatory_waves(time, rng)
    return (electrodes @ dipole.T).astype(np.float32), float(60 / rr.mean())


def _intervals(heart: Heart, seconds: float, breath: float, phase: float, rng: Generator) -> Array:
    """RR intervals in s, the one before each beat, from before the record to after its end."""
    mean = 60 / np.clip(heart.rate + rng.normal(0, 4), 44, 130)
    beats = np.arange(int(seconds / mean * 2) + 4)
    breathing = np.sin(2 * np.pi * breath * beats * mean + phase)
    sinus = 1 + rng.uniform(0.01, 0.05) * breathing + rng.normal(0, 0.008, beats.size)
    shape = rng.uniform(16, 36)  # of the gamma distribution: a coefficient of variation of 0.17 to 0.25
    irregular = np.maximum(rng.gamma(shape, 1 / shape, beats.size), 0.36 / mean)
    rr: Array = mean * ((1 - heart.fibrillation) * sinus + heart.fibrillation * irregular)
    return rr


def _beats(heart: Heart, time: Array, onsets: Array, rr: Array, breath: float, phase: float, rng: Generator) -> Array:
    """The dipole ``[samples, 3]`` of all P, QRS and T loops."""
    inside = (onsets > -1) & (onsets < time[-1] + 1)
    onsets, rr = onsets[inside, None], rr[inside, None]
    stretch = np.ones((len(onsets), 8))
    # Fridericia's cube root; repolarisation follows the rate with a lag, so half of it goes with the mean interval.
    stretch[:, T] = np.cbrt((rr + rr.mean()) / 2)
    centres = (onsets + stretch * heart.waves[:, 0]).astype(np.float32).reshape(-1, 1)
    widths = (stretch * heart.waves[:, 1]).astype(np.float32).reshape(-1, 1)
    amplitude = 1 + 0.04 * np.sin(2 * np.pi * breath * onsets + phase) + rng.normal(0, 0.02, stretch.shape)
    vectors = (amplitude[..., None] * heart.waves[:, 2:]).astype(np.float32).reshape(-1, 3)
    dipole: Array = np.exp(-0.5 * ((time - centres) / widths) ** 2).T @ vectors
    return dipole


def _fibrillatory_waves(time: Array, rng: Generator) -> Array:
    """The dipole ``[samples, 3]`` of f-waves: 4.5 to 8.5 Hz, wandering in rate and size, largest in V1."""
    wander = 2 * np.pi * rng.uniform(0.1, 0.4, 2)[:, None] * time + rng.uniform(0, 2 * np.pi, (2, 1))
    angle = 2 * np.pi * rng.uniform(5, 8) * time + 1.2 * np.sin(wander[0]) + rng.uniform(0, 2 * np.pi, (3, 1))
    loops = np.array([[0.02], [0.045], [0.055]]) * (np.sin(angle) + 0.3 * np.sin(2 * angle + 0.7))
    dipole: Array = (rng.uniform(0.6, 1.3) * (1 + 0.3 * np.sin(wander[1])) * loops).T
    return dipole
