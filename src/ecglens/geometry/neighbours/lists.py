"""Lists of nearest records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Ids = NDArray[np.int32]
Progress = Callable[[int, int], None]
"""Called with the number of blocks done and the number of all."""

Candidates = tuple[NDArray[np.float32], Ids, NDArray[np.float64]]
"""Squared distances in float32 ``[n, k]``, positions ``[n, k]``, squared norms ``[n]``."""


@dataclass(frozen=True)
class Lists:
    """Nearest records of some records, the nearest first.

    Parameters
    ----------
    ids
        Positions, ``[m, k]``; -1 where there are no more legal records.
    squared
        Squared distances, ``[m, k]``; infinite where there is no record.
    radius
        Squared distance within which no legal record is missing, ``[m]``.
    """

    ids: Ids
    squared: NDArray[np.float64]
    radius: NDArray[np.float64]


def no_candidates(n: int, k: int) -> Candidates:
    """Lists that hold nothing yet."""
    return np.full((n, k), np.inf, dtype=np.float32), np.full((n, k), -1, dtype=np.int32), np.zeros(n)
