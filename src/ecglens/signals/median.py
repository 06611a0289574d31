"""A running median whose cost hardly depends on the window; compiled when it is first used."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ecglens.signals.recipe import Array


def running_median(x: Array, window: int) -> Array:
    """Median of the odd `window` around each sample of ``[..., samples]``, with zeros beyond both ends.

    Examples
    --------
    >>> running_median(np.array([[3.0, 1.0, 2.0, 9.0]]), 3)
    array([[1., 2., 2., 2.]])
    """
    leads = x.reshape(-1, x.shape[-1])
    medians = np.empty_like(leads)
    for lead, median in zip(leads, medians, strict=True):
        padded = np.pad(lead, window // 2)
        order = np.argsort(padded)
        ranks = np.empty_like(order)
        ranks[order] = np.arange(len(order))
        _walk(padded[order], ranks, window, median)
    return medians.reshape(x.shape)


# Without the interpreter's lock: SciPy's filter keeps it, and a network in another thread would stand still meanwhile.
@njit(nogil=True)
def _walk(values: Array, ranks: NDArray[np.intp], window: int, medians: Array) -> None:
    """Follow the median among the ranks in the window: one sample in and one out move it by one of them at most.

    `values` are sorted; `ranks` tell where in them each sample stands.
    """
    inside = np.zeros(len(values), dtype=np.bool_)
    inside[ranks[:window]] = True
    middle = np.flatnonzero(inside)[window // 2]
    medians[0] = values[middle]
    for start in range(1, len(medians)):
        out, new = ranks[start - 1], ranks[start + window - 1]
        inside[out], inside[new] = False, True
        step = 0
        if new > middle and out <= middle:
            step = 1
        elif new < middle and out >= middle:
            step = -1
        if step:
            middle += step
            while not inside[middle]:
                middle += step
        medians[start] = values[middle]
