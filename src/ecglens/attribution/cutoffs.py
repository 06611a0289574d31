"""Agreement of encoder rankings across the number of features that count as the top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

STABLE_TAU = 0.8
"""Kendall's tau of two orders of encoders from which on they count as one order."""


@dataclass(frozen=True)
class CutoffAgreement:
    """Agreement of the orders that different cut-offs give.

    Parameters
    ----------
    tau
        Kendall's tau-b of the encoders' scores between every two cut-offs, ``[cutoffs, cutoffs]``.
    lowest
        The smallest of those that are defined. A cut-off at which all encoders are alike compares with none; NaN where
        no two cut-offs can be compared.
    """

    tau: NDArray[np.float64]
    lowest: float

    @property
    def depends(self) -> bool | None:
        """Whether some two cut-offs disagree: tau below 0.8; ``None`` where no two can be compared."""
        return None if np.isnan(self.lowest) else self.lowest < STABLE_TAU

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        if self.depends is None:
            return (
                "It is unknown whether the ranking of encoders depends on the cut-off: no two cut-offs can be compared."
            )
        verdict = "depends" if self.depends else "does not depend"
        return f"The ranking of encoders {verdict} on the cut-off (lowest Kendall's tau {self.lowest:.2f})."


def cutoff_agreement(scores: NDArray[Any]) -> CutoffAgreement:
    """Compare the orders of encoders at several cut-offs.

    Parameters
    ----------
    scores
        Overlap beyond chance, ``[encoders, cutoffs]``; NaN where an encoder is too narrow for a cut-off, which is then
        compared without it.

    Examples
    --------
    >>> cutoff_agreement(np.array([[0.5, 0.6], [0.3, 0.4], [0.1, 0.3]])).sentence
    "The ranking of encoders does not depend on the cut-off (lowest Kendall's tau 1.00)."
    """
    tau = np.array([[_tau(a, b) for b in scores.T] for a in scores.T])
    between = tau[~np.eye(len(tau), dtype=bool)]
    between = between[~np.isnan(between)]
    return CutoffAgreement(tau, float(between.min()) if len(between) else float("nan"))


def _tau(a: NDArray[Any], b: NDArray[Any]) -> float:
    from scipy.stats import kendalltau

    both = ~(np.isnan(a) | np.isnan(b))
    return float(kendalltau(a[both], b[both]).statistic) if both.sum() > 1 else float("nan")


def curve_area(ks: NDArray[Any], excess: NDArray[Any]) -> float:
    """Mean height of a curve over the logarithm of the cut-off, so that small tops count as much as large ones.

    Examples
    --------
    >>> round(curve_area(np.array([10, 100]), np.array([0.2, 0.4])), 2)
    0.3
    """
    x = np.log(np.asarray(ks, dtype=np.float64))
    return float(np.trapezoid(np.asarray(excess, dtype=np.float64), x) / np.ptp(x))
