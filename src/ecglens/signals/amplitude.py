"""Steps that change amplitudes: normalisation and replacement of NaN."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ecglens.signals.checks import check_choice, check_parameter
from ecglens.signals.recipe import Array

Over = Literal["lead", "record"]

_AXES: Mapping[Over, tuple[int, ...]] = {"lead": (-1,), "record": (-2, -1)}


@dataclass(frozen=True)
class ZScore:
    """Subtract the mean and divide by the population standard deviation.

    Parameters
    ----------
    over
        ``"lead"``: mean and deviation of each lead; ``"record"``: those of the whole record.
    eps
        Added to the standard deviation.

    Notes
    -----
    Constant signals become 0 for every `eps`.

    Examples
    --------
    >>> x, fs = ZScore()(np.array([[[1.0, 3.0], [5.0, 5.0]]]), fs=500)
    >>> x
    array([[[-1.,  1.],
            [ 0.,  0.]]])
    """

    over: Over = "lead"
    eps: float = 0

    def __post_init__(self) -> None:
        _check(self)

    def __call__(self, x: Array, fs: float) -> tuple[Array, float]:
        """Normalise every lead or record."""
        axes = _AXES[self.over]
        centred = x - x.mean(axis=axes, keepdims=True)
        deviation = np.sqrt(np.square(centred).mean(axis=axes, keepdims=True))
        return _divide(centred, deviation + self.eps, np.ptp(x, axis=axes, keepdims=True)), fs


@dataclass(frozen=True)
class MinMax:
    """Scale the smallest sample to `low` and the largest to `high`.

    Parameters
    ----------
    over
        ``"lead"``: extremes of each lead; ``"record"``: those of the whole record.
    low, high
        Bounds of the result.
    eps
        Added to the difference between largest and smallest sample.

    Notes
    -----
    Constant signals become `low` for every `eps`.

    Examples
    --------
    >>> x, fs = MinMax()(np.array([[[1.0, 2.0, 3.0], [5.0, 5.0, 5.0]]]), fs=500)
    >>> x
    array([[[-1.,  0.,  1.],
            [-1., -1., -1.]]])
    """

    over: Over = "lead"
    low: float = -1
    high: float = 1
    eps: float = 0

    def __post_init__(self) -> None:
        _check(self)
        check_parameter(self, self.low < self.high, "low has to be less than high")

    def __call__(self, x: Array, fs: float) -> tuple[Array, float]:
        """Scale every lead or record."""
        axes = _AXES[self.over]
        smallest = x.min(axis=axes, keepdims=True)
        spread = x.max(axis=axes, keepdims=True) - smallest
        return self.low + (self.high - self.low) * _divide(x - smallest, spread + self.eps, spread), fs


@dataclass(frozen=True)
class NanToZero:
    """Set samples that are NaN to 0; infinite samples stay.

    Examples
    --------
    >>> NanToZero()(np.array([[[np.nan, 2.0]]]), fs=500)
    (array([[[0., 2.]]]), 500)
    """

    def __call__(self, x: Array, fs: float) -> tuple[Array, float]:
        """Replace in every lead."""
        return np.where(np.isnan(x), x.dtype.type(0), x), fs


def _check(step: ZScore | MinMax) -> None:
    check_choice(step, "over", _AXES)
    check_parameter(step, 0 <= step.eps < math.inf, "eps has to be 0 or a positive number")


def _divide(x: Array, scale: Array, spread: Array) -> Array:
    # A constant may deviate from its rounded mean, but its spread is exactly 0. A NaN spread is not: NaN stays NaN.
    return np.divide(x, scale, out=np.zeros_like(x), where=spread != 0)
