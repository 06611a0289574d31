"""QRS detection on all leads together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d, maximum_filter1d
from scipy.signal import butter, find_peaks, sosfiltfilt

Float = NDArray[np.float64]
Index = NDArray[np.intp]

QRS_BAND = (8.0, 20.0)
"""Hz. Most of the energy of narrow and wide QRS complexes, little of P, T and baseline wander."""

REFRACTORY = 0.24
"""Shortest interval of two beats in seconds: 250 beats per minute."""


def detect_qrs(signal: NDArray[np.floating], fs: float) -> Index:
    """Find the QRS complexes of one record.

    The 8-20 Hz signal of each lead is rectified, smoothed and divided by its own typical beat; the median over leads,
    which up to five noisy leads do not move, is the envelope. Its peaks count as beats above 35 % of the local beat
    height; where a gap is too long for the rhythm, above half of that. The beats are then aligned with their common
    template.

    Parameters
    ----------
    signal
        ``[leads, samples]``, in any unit, without NaN.
    fs
        Sampling rate in Hz, 80 or more.

    Returns
    -------
    peaks
        Sample indices in ascending order, at the largest deflection of the template; empty if there is no beat.

    Examples
    --------
    >>> trace = np.zeros((12, 1000))
    >>> trace[:, 100::200] = 1.0
    >>> detect_qrs(trace, fs=250)
    array([100, 300, 500, 700, 900])
    """
    signal = np.asarray(signal, dtype=np.float64)
    band = sosfiltfilt(butter(2, QRS_BAND, "bandpass", fs=fs, output="sos"), signal)
    envelope = _envelope(band, fs)
    return align_beats(band, _beats(envelope, fs), fs)


def align_beats(signal: Float, peaks: Index, fs: float, half_width: float = 0.1, max_lag: float = 0.05) -> Index:
    """Shift each beat by up to `max_lag` seconds so that it fits the median of all beats best.

    Rhythm statistics of a few milliseconds need a fiducial point that noise and a changing R/S ratio do not move.

    Parameters
    ----------
    signal
        ``[leads, samples]``.
    peaks
        First guess, sample indices.
    fs
        Sampling rate in Hz.
    half_width
        Half the template's length in seconds.
    max_lag
        Largest shift in seconds.

    Returns
    -------
    peaks
        In ascending order, with the template's largest deflection at the index.
    """
    if len(peaks) == 0:
        return peaks
    half, lag = round(half_width * fs), round(max_lag * fs)
    for _ in range(2):
        wide = cut_beats(signal, peaks, half + lag, half + lag)
        template = np.median(wide[:, :, lag : lag + 2 * half + 1], axis=0)
        shifted = np.lib.stride_tricks.sliding_window_view(wide, 2 * half + 1, axis=2)
        peaks = peaks + np.einsum("blsw,lw->bs", shifted, template).argmax(axis=1) - lag
    template = np.median(cut_beats(signal, peaks, half, half), axis=0)
    centre = np.square(template[:, half - lag : half + lag + 1]).sum(axis=0).argmax() - lag
    return np.unique(np.clip(peaks + centre, 0, signal.shape[1] - 1))


def cut_beats(signal: Float, peaks: Index, before: int, after: int) -> Float:
    """Windows around the peaks, ``[beats, leads, before + 1 + after]``; beyond the record its end values repeat."""
    samples = np.clip(peaks[:, None] + np.arange(-before, after + 1), 0, signal.shape[1] - 1)
    return signal[:, samples].swapaxes(0, 1)


def _envelope(band: Float, fs: float) -> Float:
    """How much QRS there is at each sample; a typical beat reaches about 1."""
    window = np.hanning(2 * round(0.06 * fs) + 1)
    smooth = convolve1d(np.abs(band), window / window.sum(), axis=1)
    typical = _typical(_local_height(smooth, fs))
    scaled = np.divide(smooth, typical, out=np.zeros_like(smooth), where=typical > 1e-9)
    envelope: Float = np.median(scaled, axis=0)
    return envelope


def _local_height(envelope: Float, fs: float) -> Float:
    """Largest value within 1 s to either side: the height of the beats there, for 30 beats per minute and more."""
    height: Float = maximum_filter1d(envelope, 2 * round(fs) + 1, axis=-1, mode="nearest")
    return height


def _typical(height: Float) -> Float:
    """The upper quartile over time ``[..., 1]``: up to three quarters of a record may be padding."""
    return np.percentile(height, 75, axis=-1, keepdims=True)


def _beats(envelope: Float, fs: float) -> Index:
    height = _local_height(envelope, fs)
    typical = _typical(height)
    if typical == 0:
        return np.zeros(0, dtype=np.intp)
    # An artefact must not hide its neighbours, nor a pause turn noise into beats.
    height = np.clip(height, 0.5 * typical, 1.5 * typical)
    candidates, _ = find_peaks(envelope, height=1e-9, distance=max(1, round(REFRACTORY * fs)))
    strength = envelope[candidates] / height[candidates]
    beats: Index = candidates[strength > 0.35]
    if len(beats) < 3:
        return beats
    place = np.searchsorted(beats, candidates)
    gap = beats[np.minimum(place, len(beats) - 1)] - beats[np.maximum(place - 1, 0)]
    missed = (strength > 0.18) & (gap > 1.7 * np.median(np.diff(beats)))
    return np.unique(np.concatenate([beats, candidates[missed]]))
