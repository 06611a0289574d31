"""A recipe: the ordered signal steps an encoder was trained with, and the digest that identifies them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import RecipeError

Array = NDArray[np.floating[Any]]

BLOCK = 4
"""Records that pass all steps together; they stay in the cache of a core from one step to the next."""


class Step(Protocol):
    """Pure function from ``[n, leads, samples]`` at `fs` to an array of the same type and its sampling rate.

    A step is a frozen dataclass; its fields are its parameters. It does not change its input, and may return a
    view of it. A step that cuts windows returns ``n * windows`` rows, with the windows of a record in adjacent rows.
    """

    def __call__(self, x: Array, fs: float) -> tuple[Array, float]:
        """Apply the step to every record and lead."""
        ...


@dataclass(frozen=True)
class Recipe:
    """Steps applied in order.

    Parameters
    ----------
    steps
        Frozen dataclasses that follow `Step`.

    Examples
    --------
    >>> from ecglens.signals import Resample, ZScore
    >>> recipe = Recipe((Resample(100), ZScore()))
    >>> x, fs = recipe.apply(np.random.default_rng(0).normal(size=(4, 12, 5000)), fs=500)
    >>> x.shape, x.dtype.name, fs
    ((4, 12, 1000), 'float32', 100)
    """

    steps: tuple[Step, ...] = ()

    def apply(self, x: Array, fs: float) -> tuple[NDArray[np.float32], float]:
        """Run all steps in float64.

        Parameters
        ----------
        x
            ``[n, 12, samples]`` in mV.
        fs
            Sampling rate in Hz.

        Returns
        -------
        x
            float32 ``[n * windows, leads, samples]``.
        fs
            Sampling rate after the last step.

        Raises
        ------
        RecipeError
            The signals do not fit a step, such as a record shorter than the window.
        """
        if x.ndim != 3:
            raise RecipeError(f"signals are [n, leads, samples], found an array of shape {x.shape}")
        parts = [self._apply(x[start : start + BLOCK], fs) for start in range(0, max(len(x), 1), BLOCK)]
        return np.concatenate([part for part, _ in parts]), parts[0][1]

    def _apply(self, x: Array, fs: float) -> tuple[NDArray[np.float32], float]:
        x = np.asarray(x, dtype=np.float64)
        for step in self.steps:
            x, fs = step(x, fs)
        return x.astype(np.float32), fs

    @property
    def digest(self) -> str:
        """16 hexadecimal characters that change with any step, parameter or order."""
        return hashlib.sha256(json.dumps(self.describe(), sort_keys=True).encode()).hexdigest()[:16]

    def describe(self) -> list[dict[str, Any]]:
        """The steps as plain data, for provenance."""
        return [{"step": type(step).__qualname__, **_parameters(step)} for step in self.steps]

    def __str__(self) -> str:
        """``Resample(fs=100, ...) -> ZScore(...)``."""
        return " -> ".join(str(step) for step in self.steps) or "the signal as read"


def _parameters(step: object) -> dict[str, Any]:
    if not is_dataclass(step) or isinstance(step, type):
        raise TypeError(f"a step is a dataclass instance, not {step!r}")
    return {field: _plain(value) for field, value in asdict(step).items()}


def _plain(value: Any) -> Any:
    """Equal numbers in one form (100.0 and NumPy's 100 as 100), so that equal recipes have equal digests."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        number = float(value)
        return int(number) if number.is_integer() else number
    return value
