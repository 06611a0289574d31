"""Checks of the parameters and inputs of steps."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ecglens.errors import ConfigError, RecipeError


def check_parameter(step: object, legal: bool, rule: str) -> None:
    """Raise `ConfigError` with the step and the rule that its parameters break.

    Examples
    --------
    >>> check_parameter("MinMax(low=2, high=1)", False, "low has to be less than high")
    Traceback (most recent call last):
    ecglens.errors.ConfigError: MinMax(low=2, high=1): low has to be less than high
    """
    if not legal:
        raise ConfigError(f"{step}: {rule}")


def check_positive(step: object, *fields: str) -> None:
    """Raise `ConfigError` if a field of a step is not a positive finite number."""
    for field in fields:
        check_parameter(step, 0 < getattr(step, field) < math.inf, f"{field} has to be a positive number")


def check_choice(step: object, field: str, legal: Iterable[str]) -> None:
    """Raise `ConfigError` with the legal values if a field of a step has none of them."""
    check_parameter(step, getattr(step, field) in legal, f"{field} has to be one of {', '.join(legal)}")


def check_below_nyquist(step: object, frequency: float, fs: float) -> None:
    """Raise `RecipeError` if a frequency is not below half the sampling rate `fs` (both in Hz)."""
    if frequency >= fs / 2:
        raise RecipeError(
            f"{step}: {frequency:g} Hz is not below half the sampling rate of {fs:g} Hz. "
            "Resample before this step, or use a lower frequency."
        )


def n_samples(step: object, seconds: float, fs: float) -> int:
    """Samples in a duration, rounded; raises `RecipeError` if there is none.

    Examples
    --------
    >>> n_samples("Crop(seconds=5)", 5, fs=500)
    2500
    """
    count = round(seconds * fs)
    if count < 1:
        raise RecipeError(f"{step}: {seconds:g} s at {fs:g} Hz is less than one sample. Use a longer duration.")
    return count
