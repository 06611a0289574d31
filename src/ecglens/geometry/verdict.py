"""Verdicts on separability: do neighbours follow the label, the source, both or neither?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

POWER = 2.80
"""Standard errors between zero and a difference that a two-sided test at 5 % finds in 80 % of studies."""

WIDTH = 3.92
"""Standard errors in a 95 % interval."""


class Measured(NamedTuple):
    """A number with its 95 % interval over patients; NaN if it is missing.

    Examples
    --------
    >>> f"{Measured(0.5, 0.4, 0.6):.1f}", round(Measured(0.5, 0.4, 0.6).detectable, 2)
    ('0.5 [0.4, 0.6]', 0.14)
    """

    value: float
    low: float = np.nan
    high: float = np.nan

    def __format__(self, spec: str) -> str:
        """The value, and its interval in brackets."""
        ends = "" if np.isnan(self.low) else f" [{self.low:{spec}}, {self.high:{spec}}]"
        return f"{self.value:{spec}}{ends}"

    @property
    def detectable(self) -> float:
        """Smallest value that a study with such an interval distinguishes from zero with a power of 80 %.

        The wider side of the interval counts: the other one may be cut at the end of the range.
        """
        return POWER * 2 * max(self.value - self.low, self.high - self.value) / WIDTH


@dataclass(frozen=True)
class Limits:
    """Values of rescaled kNN@10 below which it counts as absent, and from which on as strong; conventions, not tests.

    Parameters
    ----------
    label_low, label_high
        Of the label: scores of two classes whose means are about 1.2 and 2.5 standard deviations apart.
    source_low, source_high
        Of the source: scores of four sources whose means are about 2.2 and 3 standard deviations apart.
    """

    label_low: float = 0.10
    label_high: float = 0.40
    source_low: float = 0.20
    source_high: float = 0.40


@dataclass(frozen=True)
class Verdict:
    """A verdict, and the sentence with its numbers."""

    words: str
    sentence: str


ABSENT, WEAK, STRONG = "absent", "weak", "strong"

ANSWERS: Mapping[tuple[str, str], str] = {
    (STRONG, ABSENT): "follows the label",
    (STRONG, WEAK): "mostly follows the label",
    (STRONG, STRONG): "follows label and source",
    (WEAK, ABSENT): "weakly follows the label",
    (WEAK, WEAK): "mixed: weakly follows both",
    (WEAK, STRONG): "mostly follows the source",
    (ABSENT, WEAK): "weakly follows the source",
    (ABSENT, STRONG): "follows the source",
    (ABSENT, ABSENT): "follows neither",
}
"""Strength of the label and of the source to the verdict; every pair has one."""

NOT_STRONGLY = "follows neither strongly"
"""Both values count as absent, but an interval reaches to weak, or a weak value could not have been shown."""

NOT_MEASURED, CANNOT_TELL = "not measured", "cannot tell"


def judge_separability(label: Measured, source: Measured, n: int, limits: Limits = Limits()) -> Verdict:
    """Judge whether neighbours share the label or the source, or whether the data do not decide.

    Parameters
    ----------
    label, source
        Rescaled kNN of the label and of the source (the data set): 0 is chance, 1 is perfect.
    n
        Records behind them.
    limits
        Values that count as absent and as strong.

    Returns
    -------
    Verdict
        One of `ANSWERS`, or `NOT_STRONGLY`; ``"cannot tell"`` if an interval reaches from absent to strong, or is
        missing; ``"not measured"`` if a value is missing.

    Examples
    --------
    >>> judge_separability(Measured(0.05, 0.01, 0.09), Measured(0.71, 0.66, 0.75), n=400).words
    'follows the source'
    >>> judge_separability(Measured(0.2, -0.3, 0.7), Measured(0.1, -0.1, 0.3), n=12).words
    'cannot tell'
    """
    sides = (
        ("label", label, limits.label_low, limits.label_high),
        ("source", source, limits.source_low, limits.source_high),
    )
    if missing := [name for name, found, _, _ in sides if np.isnan(found.value)]:
        return Verdict(NOT_MEASURED, f"not known: rescaled kNN of {' and '.join(missing)}")
    power = " and ".join(_power(name, found) for name, found, _, _ in sides)
    sentence = f"label kNN {label:z.2f}, source kNN {source:z.2f}; detectable with n = {n:,}: {power}"
    if any(not found.low >= low and not found.high < high for _, found, low, high in sides):
        return Verdict(CANNOT_TELL, sentence)
    strength = {
        name: ABSENT if found.value < low else STRONG if found.value >= high else WEAK
        for name, found, low, high in sides
    }
    if set(strength.values()) == {ABSENT} and any(
        max(found.high, found.detectable) >= low for _, found, low, _ in sides
    ):
        return Verdict(NOT_STRONGLY, sentence)
    return Verdict(ANSWERS[strength["label"], strength["source"]], sentence)


def _power(name: str, found: Measured) -> str:
    """The smallest value that can be shown; none if it is above 1 or not known."""
    return f"a {name} kNN of {found.detectable:.2f}" if found.detectable <= 1 else f"no {name} kNN"
