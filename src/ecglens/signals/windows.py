"""Steps that change the length of records, and cut them into windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ecglens.errors import RecipeError
from ecglens.signals.checks import check_choice, check_parameter, check_positive, n_samples
from ecglens.signals.recipe import Array

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
        Value of the added samples.
    side
        ``"end"`` adds samples after the record, ``"both"`` around it, with an odd sample at the end.

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
    """Cut records into windows; samples after the last whole window are left out.

    Parameters
    ----------
    seconds
        Duration of a window.
    short
        Rule for records shorter than one window: ``"drop"`` raises `RecipeError`, so that the caller leaves them
        out; ``"pad"`` adds zeros at the end.
    take
        ``"all"`` windows, or only the ``"first"``.
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
