"""Steps that change the sampling rate, the leads, the length or the amplitude of ``[n, leads, samples]``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from scipy import signal

from ecglens.errors import RecipeError
from ecglens.records import LEADS
from ecglens.signals.checks import check_choice, check_parameter, check_positive, n_samples
from ecglens.signals.recipe import Array


def _fourier(x: Array, fs: float, target: float) -> Array:
    y: Array = signal.resample(x, round(x.shape[-1] * target / fs), axis=-1)
    return y


def _polyphase(x: Array, fs: float, target: float) -> Array:
    ratio = Fraction(target / fs).limit_denominator(1000)
    if not math.isclose(ratio, target / fs, rel_tol=1e-9):
        raise RecipeError(
            f"polyphase resampling needs a ratio of whole numbers up to 1,000, {fs:g} to {target:g} Hz has none. "
            "Use method='fft' or 'linear'."
        )
    y: Array = signal.resample_poly(x, ratio.numerator, ratio.denominator, axis=-1)
    return y


def _linear(x: Array, fs: float, target: float) -> Array:
    length = x.shape[-1]
    position = np.linspace(0, length - 1, round(length * target / fs))
    left = np.minimum(position.astype(np.intp), length - 2)
    weight = position - left
    y: Array = np.take(x, left, axis=-1) * (1 - weight) + np.take(x, left + 1, axis=-1) * weight
    return y


Method = Literal["fft", "polyphase", "linear"]
_RESAMPLERS: Mapping[Method, Callable[[Array, float, float], Array]] = {
    "fft": _fourier,
    "polyphase": _polyphase,
    "linear": _linear,
}


@dataclass(frozen=True)
class Resample:
    """Change the sampling rate; nothing happens where it is right already.

    Parameters
    ----------
    fs
        Sampling rate to reach, in Hz.
    method
        ``"fft"``: `scipy.signal.resample`. ``"polyphase"``: `scipy.signal.resample_poly`, ratio in lowest terms.
        ``"linear"``: straight lines between samples, the first and the last sample kept in place, as ECG-FM has it.

    Examples
    --------
    >>> y, fs = Resample(250)(np.zeros((2, 12, 5000)), fs=500)
    >>> y.shape, fs
    ((2, 12, 2500), 250)
    """

    fs: float
    method: Method = "fft"

    def __post_init__(self) -> None:
        check_positive(self, "fs")
        check_choice(self, "method", _RESAMPLERS)

    def __call__(self, x: Array, fs: float) -> tuple[Array, float]:
        """Resample every lead; polyphase raises `RecipeError` where the ratio is not one of small whole numbers."""
        if fs == self.fs:
            return x, self.fs
        return _RESAMPLERS[self.method](x, fs, self.fs).astype(x.dtype, copy=False), self.fs


@dataclass(frozen=True)
class SelectLeads:
    """Keep some of the 12 standard leads, in the order given.

    Parameters
    ----------
    leads
        Names out of `ecglens.records.LEADS`.

    Examples
    --------
    >>> y, fs = SelectLeads(("II", "V1"))(np.zeros((4, 12, 5000)), fs=500)
    >>> y.shape
    (4, 2, 5000)
    """

    leads: tuple[str, ...]

    def __post_init__(self) -> None:
        legal = isinstance(self.leads, tuple) and len(self.leads) > 0 and set(self.leads) <= set(LEADS)
        check_parameter(self, legal, f"leads have to be a tuple of some of {', '.join(LEADS)}")

    def __call__(self, x: Array, fs: float) -> tuple[Array, float]:
        """Select leads; raises `RecipeError` where the signals do not have all 12."""
        if x.shape[1] != len(LEADS):
            raise RecipeError(f"{self}: needs all 12 leads, found {x.shape[1]}. Select leads once in a recipe.")
        return np.take(x, [LEADS.index(lead) for lead in self.leads], axis=1), fs


_CUT_BEFORE = {"first": 0, "centre": 0.5}
_FILLED_BEFORE = {"end": 0, "both": 0.5}
"""Shares of the samples to cut or to fill that lie before the record."""


@dataclass(frozen=True)
class Crop:
    """Cut records down to a length; shorter ones stay as they are.

    Parameters
    ----------
    seconds
        Longest duration to keep.
    start
        ``"first"`` keeps the beginning, ``"centre"`` the middle.

    See Also
    --------
    Windows : refuses or pads records that are too short.

    Examples
    --------
    >>> Crop(0.03, start="centre")(np.arange(5.0)[None, None], fs=100)
    (array([[[1., 2., 3.]]]), 100)
    """

    seconds: float
    start: Literal["first", "centre"] = "first"

    def __post_init__(self) -> None:
        check_positive(self, "seconds")
        check_choice(self, "start", _CUT_BEFORE)

    def __call__(self, x: Array, fs: float) -> tuple[Array, float]:
        """Cut every record."""
        length = n_samples(self, self.seconds, fs)
        first = int(_CUT_BEFORE[self.start] * max(x.shape[-1] - length, 0))
        return x[..., first : first + length], fs


@dataclass(frozen=True)
class Pad:
    """Fill records up to a length; longer ones stay as they are.

    Parameters
    ----------
    seconds
        Shortest duration.
    value
        What to fill with.
    side
        ``"end"`` fills after the record, ``"both"`` around it, an odd sample at the end.

    Examples
    --------
    >>> Pad(0.05, side="both")(np.ones((1, 1, 2)), fs=100)
    (array([[[0., 1., 1., 0., 0.]]]), 100)
    """

    seconds: float
    value: float = 0
    side: Literal["end", "both"] = "end"

    def __post_init__(self) -> None:
        check_positive(self, "seconds")
        check_choice(self, "side", _FILLED_BEFORE)

    def __call__(self, x: Array, fs: float) -> tuple[Array, float]:
        """Fill every record."""
        lacking = max(n_samples(self, self.seconds, fs) - x.shape[-1], 0)
        before = int(_FILLED_BEFORE[self.side] * lacking)
        return np.pad(x, [(0, 0), (0, 0), (before, lacking - before)], constant_values=self.value), fs


@dataclass(frozen=True)
class Windows:
    """Cut records into windows; what is left over at the end is left out.

    Parameters
    ----------
    seconds
        Duration of a window.
    short
        What to do with records shorter than one window: ``"drop"`` raises `RecipeError`, so that the caller leaves them
        out, ``"pad"`` fills them with zeros at the end.
    take
        ``"all"`` windows, or the ``"first"`` only.
    count
        Windows in a record, two or more, spread evenly over it whether or not they overlap; ``None``: as many as fit
        side by side.

    Examples
    --------
    >>> Windows(0.02)(np.arange(5.0)[None, None], fs=100)
    (array([[[0., 1.]],
           [[2., 3.]]]), 100)
    >>> Windows(0.03, count=3)(np.arange(5.0)[None, None], fs=100)[0].tolist()
    [[[0.0, 1.0, 2.0]], [[1.0, 2.0, 3.0]], [[2.0, 3.0, 4.0]]]
    """

    seconds: float
    short: Literal["drop", "pad"] = "drop"
    take: Literal["all", "first"] = "all"
    count: int | None = None

    def __post_init__(self) -> None:
        check_positive(self, "seconds")
        check_choice(self, "short", ("drop", "pad"))
        check_choice(self, "take", ("all", "first"))
        check_parameter(self, self.count is None or self.count >= 2, "count has to be 2 or more, or None")

    def __call__(self, x: Array, fs: float) -> tuple[Array, float]:
        """Cut every record, ``[n, leads, samples]`` to ``[n * windows, leads, window]``, its windows side by side."""
        window = n_samples(self, self.seconds, fs)
        if self.short == "pad":
            x, fs = Pad(self.seconds)(x, fs)
        length = x.shape[-1]
        if length < window:
            raise RecipeError(
                f"{self}: needs {self.seconds:g} s, found {length / fs:.4g} s ({length} samples at {fs:g} Hz). "
                f"Use short='pad', or leave out records shorter than {self.seconds:g} s."
            )
        stride = (length - window) // (self.count - 1) if self.count else window
        count = (self.count or length // window) if self.take == "all" else 1
        cut = np.stack([x[..., i * stride : i * stride + window] for i in range(count)], axis=1)
        return cut.reshape(-1, *cut.shape[2:]), fs
