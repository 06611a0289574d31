"""Median beat of a record, with onset and end of its waves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import find_peaks, peak_prominences

from ecglens.encoders.baselines.ecg.qrs import Float, Index, cut_beats

BEFORE, AFTER = 0.5, 0.6
"""Seconds of the median beat before and after the QRS."""

QRS_EDGE = 0.08
"""Share of the peak of the spatial velocity at which the QRS ends."""


@dataclass(frozen=True)
class MedianBeat:
    """Median beat of a record, with fiducial points over all leads.

    Parameters
    ----------
    waves
        ``[leads, samples]`` from `BEFORE` to `AFTER` the QRS, the level just before the QRS at 0; zeros where the
        record has no beat.
    fs
        Sampling rate in Hz.
    centre, onset, offset
        Samples of the fiducial point, and of the first and last of the QRS over all leads; equal without a beat.
    cycle
        Median RR interval in seconds, 0.8 if there are fewer than two beats.
    typical
        Whether each beat resembles the median beat; False for most ventricular ectopics and artefacts.
    """

    waves: Float
    fs: float
    centre: int
    onset: int
    offset: int
    cycle: float
    typical: NDArray[np.bool_]

    @property
    def p_window(self) -> slice:
        """Samples that may hold a P wave: after the T wave of the beat before (Bazett, QT of 0.4 s), before the QRS."""
        room = np.clip(self.cycle - 0.4 * np.sqrt(self.cycle), 0.16, 0.44)
        return slice(self.centre - round(room * self.fs), max(self.onset - round(0.01 * self.fs), 1))

    @property
    def t_window(self) -> slice:
        """Samples that may hold a T wave."""
        room = np.clip(0.5 * np.sqrt(self.cycle), 0.25, AFTER)
        start = self.offset + round(0.06 * self.fs)
        return slice(start, max(self.centre + round(room * self.fs), start + 2))


def median_beat(signal: Float, peaks: Index, fs: float) -> MedianBeat:
    """Compute the median of the beats that resemble each other.

    Parameters
    ----------
    signal
        ``[leads, samples]``.
    peaks
        Fiducial points as `ecglens.encoders.baselines.ecg.qrs.detect_qrs` gives them.
    fs
        Sampling rate in Hz.

    Examples
    --------
    >>> trace = np.zeros((12, 1000))
    >>> trace[:, 100::200] = 1.0
    >>> beat = median_beat(trace, np.arange(100, 1000, 200), fs=250)
    >>> float(beat.waves.max()), beat.cycle, beat.typical.tolist()
    (1.0, 0.8, [True, True, True, True, True])
    """
    before, after = round(BEFORE * fs), round(AFTER * fs)
    cycle = float(np.median(np.diff(peaks))) / fs if len(peaks) > 1 else 0.8
    if len(peaks) == 0:
        flat = np.zeros((len(signal), before + 1 + after))
        return MedianBeat(flat, fs, before, before, before, cycle, np.zeros(0, dtype=bool))
    beats = cut_beats(signal, peaks, before, after)
    around = slice(before - round(0.1 * fs), before + round(0.1 * fs) + 1)
    typical = _similarity(beats[:, :, around]) > 0.8
    waves = np.median(beats[typical] if typical.any() else beats, axis=0)
    onset, offset = _qrs_edges(waves, before, fs)
    level = waves[:, max(onset - round(0.02 * fs), 0) : onset].mean(axis=1, keepdims=True)
    return MedianBeat(waves - level, fs, before, onset, offset, cycle, typical)


@dataclass(frozen=True)
class PWave:
    """The most prominent wave before the QRS.

    Parameters
    ----------
    peak, onset
        Samples of the median beat.
    prominence
        Its height over its surroundings as a share of the QRS, root sum of squares over leads; 0 without a P wave.
    """

    peak: int
    onset: int
    prominence: float


def find_p_wave(beat: MedianBeat) -> PWave:
    """Look for the P wave in the median beat's `p_window`; without one, onset and peak lie at the QRS onset."""
    window = beat.p_window
    size = uniform_filter1d(np.sqrt(np.square(beat.waves).sum(axis=0)), max(1, round(0.02 * beat.fs)))
    before_qrs = size[window]
    peaks, _ = find_peaks(before_qrs)
    if len(peaks) == 0:
        return PWave(beat.onset, beat.onset, 0.0)
    prominences = peak_prominences(before_qrs, peaks)[0]
    best = int(prominences.argmax())
    peak, height = int(peaks[best]), float(prominences[best])
    below = np.flatnonzero(before_qrs[:peak] < before_qrs[peak] - 0.8 * height)
    onset = int(below[-1]) + 1 if len(below) else 0
    return PWave(window.start + peak, window.start + onset, height / size[beat.onset : beat.offset + 1].max())


def remove_beats(signal: Float, peaks: Index, beat: MedianBeat) -> Float:
    """The record without its beats: atrial waves, ectopics and noise remain.

    The median beat is subtracted from the beginning of its P window on, up to the next beat's; its last value is held
    where the cycle is longer than the template.
    """
    if len(peaks) == 0:
        return signal
    first = beat.p_window.start
    starts = peaks - (beat.centre - first)
    sample = np.arange(signal.shape[1])
    latest = np.searchsorted(starts, sample, side="right") - 1
    into_beat = first + sample - starts[np.maximum(latest, 0)]
    rest: Float = signal - beat.waves[:, np.clip(into_beat, 0, beat.waves.shape[1] - 1)]
    return rest


def _similarity(beats: Float) -> Float:
    """Correlation of every beat with the median beat, over leads and samples."""
    centred = beats - beats.mean(axis=2, keepdims=True)
    template = np.median(centred, axis=0)
    norms = np.linalg.norm(centred, axis=(1, 2)) * np.linalg.norm(template)
    products = (centred * template).sum(axis=(1, 2))
    similarity: Float = np.divide(products, norms, out=np.zeros_like(products), where=norms > 0)
    return similarity


def _qrs_edges(waves: Float, centre: int, fs: float) -> tuple[int, int]:
    """First and last sample within 120 ms of the centre at which the leads together still move fast."""
    velocity = np.sqrt(np.square(np.gradient(waves, axis=1)).sum(axis=0))
    velocity = uniform_filter1d(velocity, max(1, round(0.012 * fs)))
    reach = round(0.12 * fs)
    near = velocity[centre - reach : centre + reach + 1]
    if near.max() == 0:
        return centre, centre
    fast = np.flatnonzero(near > QRS_EDGE * near.max())
    runs = np.split(fast, np.flatnonzero(np.diff(fast) > round(0.02 * fs)) + 1)
    qrs = next(run for run in runs if run[0] <= near.argmax() <= run[-1])
    return centre - reach + int(qrs[0]), centre - reach + int(qrs[-1])
