"""Measurements on one record: rhythm, P wave, QRS, repolarisation, fibrillation, spectrum.

Every function returns its measures by name, a number or one number per lead: always all of them and always finite.
A measure that the record does not allow, such as an interval without beats, is 0.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.signal import periodogram

from ecglens.encoders.baselines.ecg.beats import MedianBeat, find_p_wave, median_beat, remove_beats
from ecglens.encoders.baselines.ecg.qrs import Float, Index, cut_beats, detect_qrs
from ecglens.records import LEADS

Measures = Mapping[str, float | Float]

BANDS = {"power_4_9": (4.0, 9.0), "power_9_20": (9.0, 20.0), "power_20_40": (20.0, 40.0)}
"""Limits in Hz of the spectral measures."""


def measure(signal: Float, fs: float) -> Measures:
    """All measures of this module for one record.

    Parameters
    ----------
    signal
        ``[12, samples]`` in mV, 2 s or longer, free of baseline wander.
    fs
        Sampling rate in Hz, 80 or more.
    """
    peaks = detect_qrs(signal, fs)
    beat = median_beat(signal, peaks, fs)
    return {
        **rhythm(peaks, beat.typical, fs),
        **atrial_wave(signal, peaks, beat),
        **ventricular_waves(beat),
        **fibrillation(signal, peaks, beat),
        **texture(signal, fs),
    }


def rhythm(peaks: Index, typical: NDArray[np.bool_], fs: float) -> Measures:
    """Rate and regularity.

    Parameters
    ----------
    peaks
        Samples of all beats.
    typical
        Whether each beat resembles the median beat. Intervals to and from other beats say little about the
        rhythm: only ``heart_rate``, ``rr_all_cv`` and ``premature_share`` know them, if enough others are left.
    fs
        Sampling rate in Hz.

    Returns
    -------
    measures
        The rate per minute; all else in units of the mean interval, or shares.

    Examples
    --------
    >>> found = rhythm(np.arange(0, 2500, 200), np.ones(13, dtype=bool), fs=250)
    >>> found["heart_rate"], found["rr_cv"]
    (75.0, 0.0)
    """
    intervals = np.diff(peaks) / fs
    relative = intervals / intervals.mean() if len(intervals) else intervals
    plain = typical[1:] & typical[:-1]
    if plain.sum() < 3:
        plain = np.ones(len(intervals), dtype=bool)
    steady = relative[plain]
    jumps = np.abs(np.diff(relative)[plain[1:] & plain[:-1]])
    return {
        "heart_rate": 60 / float(np.median(intervals)) if len(intervals) else 0.0,
        "rr_all_cv": _mean(np.square(relative - 1)) ** 0.5,
        "rr_cv": float(steady.std() / steady.mean()) if len(steady) else 0.0,
        "rr_rmssd": _mean(np.square(jumps)) ** 0.5,
        "rr_jump_share": _mean(jumps > 0.1),
        "rr_median_jump": float(np.median(jumps)) if len(jumps) else 0.0,
        "rr_entropy": sample_entropy(steady),
        "rr_memory": _lag_one_correlation(steady),
        "premature_share": _mean(relative < 0.8),
        "atypical_share": _mean(~typical),
    }


def sample_entropy(x: Float, tolerance: float = 0.1) -> float:
    """Sample entropy for runs of one and two values, with one match added to both counts so that few values suffice.

    Parameters
    ----------
    x
        ``[n]``.
    tolerance
        Largest difference that counts as a match.

    References
    ----------
    Lake and Moorman, Am J Physiol Heart Circ Physiol 300:H319 (2011), on its use for atrial fibrillation.

    Examples
    --------
    >>> sample_entropy(np.ones(10))
    0.0
    """
    close = np.abs(x[:, None] - x) <= tolerance
    first, second = np.triu_indices(max(len(x) - 1, 0), k=1)
    one = close[first, second]
    two = one & close[first + 1, second + 1]
    return float(np.log((one.sum() + 1) / (two.sum() + 1)))


def atrial_wave(signal: Float, peaks: Index, beat: MedianBeat) -> Measures:
    """The P wave and how far it is from the QRS, in seconds and mV.

    ``p_coherence`` is the share of the power before the QRS that repeats from beat to beat: near 1 for a conducted
    P wave, near 1 / beats in fibrillation.
    """
    wave = find_p_wave(beat)
    before_qrs = cut_beats(signal, peaks[beat.typical], beat.centre, 0)[:, :, beat.p_window]
    before_qrs = before_qrs - before_qrs.mean(axis=2, keepdims=True)
    power = _mean(np.square(before_qrs))
    return {
        "p_prominence": wave.prominence,
        "p_coherence": _mean(np.square(np.median(before_qrs, axis=0))) / power if power > 0 else 0.0,
        "pr_interval": (beat.onset - wave.onset) / beat.fs,
        "p_peak_to_qrs": (beat.onset - wave.peak) / beat.fs,
        "p_amplitude": beat.waves[:, wave.peak] if wave.prominence > 0 else np.zeros(len(signal)),
    }


def ventricular_waves(beat: MedianBeat) -> Measures:
    """QRS, ST and T on the median beat: durations in seconds, amplitudes in mV, areas in mV s.

    ``qrs_initial`` and ``qrs_terminal`` are means over the first and last 40 ms, where Q waves and bundle branch
    blocks show; ``st_level`` that from 40 to 80 ms after the QRS; ``t_peak_interval`` counts from the QRS onset and is
    corrected for the rate as Bazett's QT.
    """
    fs, onset, offset = beat.fs, beat.onset, beat.offset
    width = round(0.04 * fs)
    qrs, t = beat.waves[:, onset : offset + 1], beat.waves[:, beat.t_window]
    area = qrs.sum(axis=1) / fs
    axis = area[[LEADS.index("I"), LEADS.index("aVF")]]
    cosine, sine = axis / np.linalg.norm(axis) if axis.any() else (0.0, 0.0)
    t_peak = beat.t_window.start + int(np.square(t).sum(axis=0).argmax())
    return {
        "qrs_duration": (offset - onset) / fs,
        "axis_cos": float(cosine),
        "axis_sin": float(sine),
        "t_peak_interval": (t_peak - onset) / fs / beat.cycle**0.5 if t.any() else 0.0,
        "r_amplitude": qrs.max(axis=1),
        "s_amplitude": qrs.min(axis=1),
        "qrs_area": area,
        "qrs_initial": beat.waves[:, onset : onset + width].mean(axis=1),
        "qrs_terminal": beat.waves[:, offset - width + 1 : offset + 1].mean(axis=1),
        "st_level": beat.waves[:, offset + width : offset + 2 * width + 1].mean(axis=1),
        "t_amplitude": np.take_along_axis(t, np.abs(t).argmax(axis=1)[:, None], axis=1)[:, 0],
    }


def fibrillation(signal: Float, peaks: Index, beat: MedianBeat) -> Measures:
    """Activity of 4 to 9 Hz that is left between the QRS complexes once the median beat is taken out.

    Amplitude in mV (root mean square) and share of the power from 1 to 20 Hz, in II and V1, which show fibrillatory
    waves best.
    """
    leads = ("II", "V1")
    rest = remove_beats(signal, peaks, beat)[[LEADS.index(lead) for lead in leads]]
    qrs = np.arange(-round(0.08 * beat.fs), round(0.1 * beat.fs))
    rest[:, np.clip(peaks[:, None] + qrs, 0, rest.shape[1] - 1)] = 0
    wave, everything = _band_powers(rest, beat.fs, ((4.0, 9.0), (1.0, 20.0)))
    share = _ratio(wave, everything)
    amplitudes = {f"f_amplitude_{lead}": float(power) ** 0.5 for lead, power in zip(leads, wave, strict=True)}
    return amplitudes | {f"f_share_{lead}": float(part) for lead, part in zip(leads, share, strict=True)}


def texture(signal: Float, fs: float) -> Measures:
    """Measures that need no beats: the spread in mV (5th to 95th percentile), and the bands' share of the amplitude."""
    *bands, everything = _band_powers(signal, fs, (*BANDS.values(), (0.5, 40.0)))
    shares = {name: np.sqrt(_ratio(power, everything)) for name, power in zip(BANDS, bands, strict=True)}
    low, high = np.percentile(signal, [5, 95], axis=1)
    return shares | {"spread": high - low}


def _band_powers(signal: Float, fs: float, bands: tuple[tuple[float, float], ...]) -> list[Float]:
    """Mean square of each lead within each band, ``[leads]``."""
    frequency, power = periodogram(signal, fs, window="hann", scaling="density")
    return [
        power[:, (frequency >= low) & (frequency <= high)].sum(axis=1) * (frequency[1] - frequency[0])
        for low, high in bands
    ]


def _ratio(part: Float, whole: Float) -> Float:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _mean(x: NDArray[np.generic]) -> float:
    return float(x.mean()) if x.size else 0.0


def _lag_one_correlation(x: Float) -> float:
    centred = x - _mean(x)
    power = float(np.square(centred).sum())
    # Equal intervals differ by rounding alone, and rounding has a correlation too.
    return float((centred[1:] * centred[:-1]).sum()) / power if power > 1e-9 else 0.0
