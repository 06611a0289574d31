"""Compiled running median; its cost hardly depends on the window."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.signals.recipe import Array

Ints = NDArray[np.int64]
_MAGNITUDE = np.iinfo(np.int64).max


def running_median(x: Array, window: int) -> Array:
    """Median of the odd `window` around each sample of ``[..., samples]``, with zeros beyond both ends.

    Examples
    --------
    >>> running_median(np.array([[3.0, 1.0, 2.0, 9.0]]), 3)
    array([[1., 2., 2., 2.]])
    """
    n_samples = x.shape[-1]
    padded = np.pad(x.reshape(-1, n_samples).astype(np.float64), [(0, 0), (window // 2, window // 2)])
    medians = np.empty((len(padded), n_samples))
    _medians(padded, _nearly_sorted(padded), window, medians)
    return medians.reshape(x.shape).astype(x.dtype, copy=False)


def _nearly_sorted(leads: NDArray[np.float64]) -> Ints:
    """Indices that sort the samples, up to those that are equal in their first 50 bits or so.

    Sorting numbers is several times faster than sorting indices, so the indices are written into the last bits.
    """
    bits = leads.view(np.int64)
    below = (1 << (leads.shape[1] - 1).bit_length()) - 1
    ascending = np.where(bits < 0, bits ^ _MAGNITUDE, bits)
    places: Ints = np.sort(ascending & ~below | np.arange(leads.shape[1]), axis=1)
    places &= below
    return places


@compiled
def _bit(rank: int) -> Any:  # pragma: no cover - compiled
    return np.uint64(1) << np.uint64(rank & 63)


@compiled
def _highest(word: Any) -> Any:  # pragma: no cover - compiled
    """Position of the highest bit that is set, of 64."""
    position = 0
    for half in (32, 16, 8, 4, 2, 1):
        above = word >> np.uint64(half)
        if above != 0:
            position += half
            word = above
    return position


@compiled
def _lowest(word: Any) -> Any:  # pragma: no cover - compiled
    """Position of the lowest bit that is set, of 64."""
    return _highest(word & (~word + np.uint64(1)))


@compiled
def _medians(leads: Any, orders: Any, window: int, medians: Any) -> None:  # pragma: no cover - compiled
    """Track the median rank: one sample that enters and one that leaves move it by at most one rank in the window."""
    n_leads, n_padded = leads.shape
    values = np.empty(n_padded)
    ranks = np.empty(n_padded, dtype=np.int32)
    for lead in range(n_leads):
        order = orders[lead]
        for rank in range(n_padded):
            place = order[rank]
            value = leads[lead, place]
            to = rank
            while to > 0 and values[to - 1] > value:
                values[to], order[to] = values[to - 1], order[to - 1]
                to -= 1
            values[to], order[to] = value, place
        for rank in range(n_padded):
            ranks[order[rank]] = rank
        _walk(values, ranks, window, medians[lead])


@compiled
def _walk(values: Any, ranks: Any, window: int, medians: Any) -> None:  # pragma: no cover - compiled
    """`values` are sorted; `ranks` tell where in them each sample stands. One bit of a word is one rank."""
    inside = np.zeros(len(values), dtype=np.bool_)
    inside[ranks[:window]] = True
    words = np.zeros(len(values) // 64 + 1, dtype=np.uint64)
    for rank in ranks[:window]:
        words[rank >> 6] |= _bit(rank)
    middle: Any = np.flatnonzero(inside)[window // 2]
    medians[0] = values[middle]
    for start in range(1, len(medians)):
        out: Any = np.int64(ranks[start - 1])
        new: Any = np.int64(ranks[start + window - 1])
        words[out >> 6] ^= _bit(out)
        words[new >> 6] ^= _bit(new)
        at = middle >> 6
        if new > middle and out <= middle:
            word = words[at] & ~(_bit(middle) | (_bit(middle) - np.uint64(1)))
            while word == 0:
                at += 1
                word = words[at]
            middle = 64 * at + _lowest(word)
        elif new < middle and out >= middle:
            word = words[at] & (_bit(middle) - np.uint64(1))
            while word == 0:
                at -= 1
                word = words[at]
            middle = 64 * at + _highest(word)
        medians[start] = values[middle]
