"""Compiled recursive filters, run forwards and backwards over many leads at a time.

The kernel does SciPy's operations in SciPy's order, without the lock of the interpreter. It is compiled on first use
and stored on disk.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from ecglens.compiled import compiled
from ecglens.signals.recipe import Array

Float = NDArray[np.float64]


def filtfilt(b: Float, a: Float, x: Array) -> Float:
    """`scipy.signal.filtfilt` along the last axis of ``[..., samples]``.

    Parameters
    ----------
    b, a
        Numerator and denominator, of the same length.

    Raises
    ------
    ValueError
        The signals are not longer than the padding, three times the length of `b`.

    Examples
    --------
    >>> b, a = signal.butter(2, 0.1)
    >>> x = np.random.default_rng(0).normal(size=(2, 12, 500))
    >>> bool(np.allclose(filtfilt(b, a, x), signal.filtfilt(b, a, x), rtol=0, atol=1e-12))
    True
    """
    start = signal.lfilter_zi(b, a)
    return _both_ways(np.concatenate([b, a])[None] / a[0], start[None], 3 * len(b), x)


def sosfiltfilt(sections: Float, x: Array) -> Float:
    """`scipy.signal.sosfiltfilt` along the last axis of ``[..., samples]``.

    Parameters
    ----------
    sections
        ``[n_sections, 6]``.

    Raises
    ------
    ValueError
        The signals are not longer than the padding.

    Examples
    --------
    >>> sections = signal.butter(5, 0.1, output="sos")
    >>> x = np.random.default_rng(0).normal(size=(2, 12, 500))
    >>> bool(np.allclose(sosfiltfilt(sections, x), signal.sosfiltfilt(sections, x), rtol=0, atol=1e-12))
    True
    """
    unused = min((sections[:, 2] == 0).sum(), (sections[:, 5] == 0).sum())
    edge = 3 * (2 * len(sections) + 1 - int(unused))
    return _both_ways(sections, signal.sosfilt_zi(sections), edge, x)


def _both_ways(sections: Float, start: Float, edge: int, x: Array) -> Float:
    """Sections ``[n, b and a]`` one after the other; `start` is their state under a constant signal of 1."""
    n_samples = x.shape[-1]
    if n_samples <= edge:
        raise ValueError(f"the filter takes more than {edge}")
    samples = x.reshape(-1, n_samples).T
    padded = np.empty((n_samples + 2 * edge, samples.shape[1]))
    padded[edge:-edge] = samples
    padded[:edge] = 2 * samples[0] - samples[edge:0:-1]
    padded[-edge:] = 2 * samples[-1] - samples[-2 : -edge - 2 : -1]
    b, a = np.split(sections, 2, axis=1)
    for first, step in ((0, 1), (len(padded) - 1, -1)):
        states = np.pad(start[..., None] * padded[first], [(0, 0), (0, 1), (0, 0)])
        _run(np.ascontiguousarray(b), np.ascontiguousarray(a), states, padded, first, step)
    return np.ascontiguousarray(padded[edge:-edge].T).reshape(x.shape)


@compiled
def _run(b: Any, a: Any, states: Any, x: Any, first: int, step: int) -> None:  # pragma: no cover - compiled
    """Direct form II transposed, in place on ``[samples, leads]``; the last row of a section's state stays 0."""
    n_samples, n_leads = x.shape
    y = np.empty(n_leads)
    for i in range(n_samples):
        row = x[first + i * step]
        for section in range(len(b)):
            state = states[section]
            for lead in range(n_leads):
                y[lead] = b[section, 0] * row[lead] + state[0, lead]
            for k in range(1, b.shape[1]):
                now, after, bk, ak = state[k - 1], state[k], b[section, k], a[section, k]
                for lead in range(n_leads):
                    now[lead] = after[lead] + row[lead] * bk - y[lead] * ak
            row[:] = y
