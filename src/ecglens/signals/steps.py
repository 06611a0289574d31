"""Steps that change the sampling rate or select leads."""

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
from ecglens.signals.checks import check_choice, check_parameter, check_positive
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
    """Change the sampling rate; signals that already have it are returned as they are.

    Parameters
    ----------
    fs
        Sampling rate to reach, in Hz.
    method
        ``"fft"``: `scipy.signal.resample`. ``"polyphase"``: `scipy.signal.resample_poly`, ratio in lowest terms.
        ``"linear"``: linear interpolation that keeps the first and the last sample, as in ECG-FM.

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
        """Resample every lead; polyphase raises `RecipeError` unless the ratio is one of whole numbers up to 1,000."""
        if fs == self.fs:
            return x, self.fs
        return _RESAMPLERS[self.method](x, fs, self.fs).astype(x.dtype, copy=False), self.fs


@dataclass(frozen=True)
class SelectLeads:
    """Keep some of the 12 standard leads, in the order given.

    Parameters
    ----------
    leads
        Names from `ecglens.records.LEADS`.

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
        """Select leads; raises `RecipeError` if the signals do not have all 12."""
        if x.shape[1] != len(LEADS):
            raise RecipeError(f"{self}: needs all 12 leads, found {x.shape[1]}. Select leads once in a recipe.")
        return np.take(x, [LEADS.index(lead) for lead in self.leads], axis=1), fs
