"""Zero-phase filters, equal to SciPy's on every lead. Frequencies in Hz, durations in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy import signal

from ecglens.errors import RecipeError
from ecglens.signals.checks import check_below_nyquist, check_choice, check_parameter, check_positive
from ecglens.signals.recipe import Array

Kind = Literal["bandpass", "highpass", "lowpass"]
Form = Literal["sos", "ba"]


@dataclass(frozen=True)
class Butterworth:
    """Butterworth filter, run forwards and backwards.

    Parameters
    ----------
    kind
        ``"bandpass"``, ``"highpass"`` or ``"lowpass"``.
    cutoff
        Cut-off in Hz; the lower and the upper one for a band-pass.
    order
        Order of the design; a band-pass has twice as many poles, and running it both ways squares its gain.
    form
        ``"sos"``: second-order sections. ``"ba"``: the transfer function, less accurate at low cut-offs, for encoders
        that were trained with it.

    Examples
    --------
    >>> t = np.arange(5000) / 500
    >>> x = np.sin(2 * np.pi * 10 * t) + np.sin(2 * np.pi * 100 * t)
    >>> y, fs = Butterworth("lowpass", 40)(x[None, None], fs=500)
    >>> bool(np.abs(y[0, 0] - np.sin(2 * np.pi * 10 * t))[500:-500].max() < 0.01)
    True
    """

    kind: Kind
    cutoff: float | tuple[float, float]
    order: int = 4
    form: Form = "sos"

    def __post_init__(self) -> None:
        check_choice(self, "kind", get_args(Kind))
        check_choice(self, "form", get_args(Form))
        n_edges = 2 if self.kind == "bandpass" else 1
        edges = np.atleast_1d(self.cutoff)
        ascending = edges.size == n_edges and bool((np.diff(edges, prepend=0) > 0).all())
        check_parameter(self, ascending, f"a {self.kind} takes {n_edges} positive ascending cut-off(s) in Hz")
        check_parameter(self, self.order >= 1 and self.order % 1 == 0, "order has to be a positive whole number")

    def __call__(self, x: Array, fs: float) -> tuple[Array, float]:
        """Filter every lead; raises `RecipeError` if `fs` is too low or the signals are too short."""
        check_below_nyquist(self, np.max(self.cutoff), fs)
        design = signal.butter(int(self.order), self.cutoff, self.kind, fs=fs, output=self.form)
        return _zero_phase(self, self.form, design, x, fs)


@dataclass(frozen=True)
class Notch:
    """Second-order notch against mains hum, run forwards and backwards.

    Parameters
    ----------
    frequency
        Frequency to remove, in Hz.
    q
        Quality factor: `frequency` over the width of the notch at -3 dB.

    Examples
    --------
    >>> hum = np.sin(2 * np.pi * 50 * np.arange(5000) / 500)[None, None]
    >>> y, fs = Notch(50)(hum, fs=500)
    >>> bool(np.abs(y[..., 1000:-1000]).max() < 0.01)
    True
    """

    frequency: float
    q: float = 30

    def __post_init__(self) -> None:
        check_positive(self, "frequency", "q")

    def __call__(self, x: Array, fs: float) -> tuple[Array, float]:
        """Filter every lead; raises `RecipeError` if `fs` is too low or the signals are too short."""
        check_below_nyquist(self, self.frequency, fs)
        return _zero_phase(self, "ba", signal.iirnotch(self.frequency, self.q, fs=fs), x, fs)


@dataclass(frozen=True)
class FIRBandpass:
    """Band-pass of finite impulse response (Hamming window), run forwards and backwards.

    Parameters
    ----------
    low, high
        Cut-offs in Hz.
    seconds
        Length of the impulse response, rounded down to samples; an even number is increased by one.

    Notes
    -----
    HuBERT-ECG was trained with 0.05 to 47 Hz over 0.3 s. Such a short response cannot resolve 0.05 Hz: it passes 96 %
    of a constant, and baseline wander as well.

    Examples
    --------
    >>> y, fs = FIRBandpass(0.05, 47)(np.ones((1, 12, 5000)), fs=500)
    >>> y.mean().round(2)
    np.float64(0.96)
    """

    low: float
    high: float
    seconds: float = 0.3

    def __post_init__(self) -> None:
        check_parameter(self, 0 < self.low < self.high, "low and high have to be positive and ascending, in Hz")
        check_positive(self, "seconds")

    def __call__(self, x: Array, fs: float) -> tuple[Array, float]:
        """Filter every lead; raises `RecipeError` if `fs` is too low or the signals are too short."""
        check_below_nyquist(self, self.high, fs)
        taps = signal.firwin(_odd(self.seconds * fs), [self.low, self.high], pass_zero=False, fs=fs)
        edge, length = 3 * len(taps), x.shape[-1]
        if length <= edge:
            raise _too_short(self, length, fs, f"the filter takes more than {edge}")
        # `scipy.signal.filtfilt` as one product of spectra: its padding is longer than the filter reaches, so how
        # it starts the two runs does not show in what it keeps.
        reach = len(taps) - 1
        padded = np.pad(x, [(0, 0), (0, 0), (reach, reach)], mode="reflect", reflect_type="odd")
        both_ways = np.convolve(taps, taps[::-1])
        y: Array = signal.fftconvolve(padded, both_ways[None, None], mode="valid", axes=-1)
        return y.astype(x.dtype, copy=False), fs


@dataclass(frozen=True)
class MedianBaseline:
    """Subtract the running median, with zeros beyond both ends as in `scipy.signal.medfilt`.

    Parameters
    ----------
    seconds
        Length of the window, rounded down to samples; an even number is increased by one: 201 for 0.4 s at 500 Hz.

    Examples
    --------
    >>> y, fs = MedianBaseline(0.4)(np.full((1, 12, 5000), 0.7), fs=500)
    >>> float(np.abs(y).max())
    0.0
    """

    seconds: float = 0.4

    def __post_init__(self) -> None:
        check_positive(self, "seconds")

    def __call__(self, x: Array, fs: float) -> tuple[Array, float]:
        """Filter every lead; raises `RecipeError` if the window is longer than the signals."""
        window = _odd(self.seconds * fs)
        length = x.shape[-1]
        if window > length:
            raise _too_short(self, length, fs, f"the window takes {window}")
        from ecglens.signals.fast.median import running_median  # brings a compiler along

        return x - running_median(x, window), fs


def _zero_phase(step: object, form: Form, design: Any, x: Array, fs: float) -> tuple[Array, float]:
    from ecglens.signals.fast.zero_phase import filtfilt, sosfiltfilt  # brings a compiler along

    try:
        y = sosfiltfilt(design, x) if form == "sos" else filtfilt(design[0], design[1], x)
    except ValueError as error:
        raise _too_short(step, x.shape[-1], fs, str(error)) from error
    return y.astype(x.dtype, copy=False), fs


def _too_short(step: object, length: int, fs: float, reason: str) -> RecipeError:
    return RecipeError(
        f"{step}: {length} samples at {fs:g} Hz ({length / fs:.3g} s) are too few: {reason}. Leave out shorter records."
    )


def _odd(length: float) -> int:
    return int(length) | 1
