"""k-means whose restarts and seeds advance together, in one matrix product per step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ecglens.geometry.rows import blocks

SKETCH = 2000
"""Records on which restarts compete; the best of each seed goes on to converge on all records."""

SCORES = 2**23
"""Scores of records and centres held at a time: 32 MB."""

ENOUGH, SKETCH_ENOUGH = 1e-5, 1e-4
"""A run has converged when a step tightens it by less than this part; to rank restarts, earlier."""

STEPS = 300

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Clusterings:
    """One clustering per seed: ``labels`` ``[seeds, n]`` and ``inertia``, the sum of squared distances, ``[seeds]``."""

    labels: NDArray[np.int64]
    inertia: NDArray[np.float64]


def k_means(Z: Floats, n_clusters: int, seeds: Sequence[int], n_init: int = 10) -> Clusterings:
    """Cluster with k-means++ starts; the tightest of `n_init` starts counts for each seed.

    With more than twice 2,000 records the starts compete on a random 2,000 of them, and the best of each seed goes on
    to converge on all: its inertia is that of ten starts on all of them to about 0.1 %.

    Parameters
    ----------
    Z
        Centred coordinates, ``[n, m]``, float32. A projection on 64 principal components is as good as the embedding:
        the centres of `k` clusters span ``k - 1`` dimensions, and those follow the large components.
    n_clusters
        Clusters to look for.
    seeds
        One clustering each.
    n_init
        Starts per seed.

    References
    ----------
    Arthur and Vassilvitskii (2007), k-means++: the advantages of careful seeding. Ding and He (2004), K-means
    clustering via principal component analysis.

    Examples
    --------
    >>> found = k_means(np.array([[-5.0], [-5.2], [5.0], [5.2]], dtype=np.float32), 2, seeds=[0, 1])
    >>> (found.labels[:, 0] == found.labels[:, 1]).all(), found.inertia.round(3)
    (np.True_, array([0.04, 0.04]))
    """
    part = Z
    if len(Z) > 2 * SKETCH:
        part = Z[np.random.default_rng(list(seeds)).choice(len(Z), SKETCH, replace=False)]
    starts = np.concatenate([_starts(part, n_clusters, n_init, np.random.default_rng(seed)) for seed in seeds])
    centres, labels, inertia = _converge(part, starts, ENOUGH if part is Z else SKETCH_ENOUGH)
    best = inertia.reshape(len(seeds), n_init).argmin(axis=1) + n_init * np.arange(len(seeds))
    if part is Z:
        return Clusterings(labels[best], inertia[best])
    _, labels, inertia = _converge(Z, centres[best], ENOUGH)
    return Clusterings(labels, inertia)


def _starts(Z: Floats, k: int, runs: int, rng: np.random.Generator) -> Floats:
    """Centres ``[runs, k, m]``: each next one is the best of a few that are drawn by their squared distance."""
    norms = np.einsum("ij,ij->i", Z, Z)
    trials = 2 + int(np.log(k))
    chosen = np.empty((runs, k), dtype=np.int64)
    chosen[:, 0] = rng.integers(len(Z), size=runs)
    closest = _squared(Z, norms, chosen[:, 0])
    for c in range(1, k):
        total = closest.cumsum(axis=0, dtype=np.float64)
        at = rng.random((trials, runs)) * total[-1]
        drawn = np.array([np.searchsorted(total[:, run], at[:, run]) for run in range(runs)]).T.clip(max=len(Z) - 1)
        options = np.minimum(closest[:, None], _squared(Z, norms, drawn.ravel()).reshape(len(Z), trials, runs))
        winner = options.sum(axis=0).argmin(axis=0)
        chosen[:, c] = drawn[winner, np.arange(runs)]
        closest = options[:, winner, np.arange(runs)]
    return Z[chosen]


def _squared(Z: Floats, norms: Floats, centres: NDArray[np.int64]) -> Floats:
    return np.maximum(norms[:, None] + norms[centres] - 2 * (Z @ Z[centres].T), 0)


def _converge(Z: Floats, centres: Floats, enough: float) -> tuple[Floats, NDArray[np.int64], NDArray[np.float64]]:
    """Lloyd's steps for all runs at once; a run that has converged no longer takes part."""
    runs = len(centres)
    centres, labels = centres.copy(), np.zeros((runs, len(Z)), dtype=np.int64)
    inertia, active = np.full(runs, np.inf), np.arange(runs)
    square = float(np.square(Z, dtype=np.float64).sum())
    for _ in range(STEPS):
        now = centres[active]
        sums, counts, found, reached = _step(Z, now)
        moved = np.where(counts[:, :, None] > 0, sums / np.maximum(counts, 1)[:, :, None], now)
        before, after = inertia[active], square - 2 * reached
        labels[active], centres[active], inertia[active] = found, moved, after
        active = active[~(before - after <= enough * after)]
        if not len(active):
            break
    return centres, labels, inertia


def _step(Z: Floats, centres: Floats) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.float64]]:
    """Sums and counts of the nearest centres' records, their labels, and the sum of ``zc - |c|^2 / 2`` over records."""
    runs, k, m = centres.shape
    flat = centres.reshape(runs * k, m)
    half = np.einsum("ij,ij->i", flat, flat) / 2
    sums, labels = np.zeros((runs * k, m), dtype=np.float32), np.empty((runs, len(Z)), dtype=np.int64)
    reached, counts = np.zeros(runs), np.zeros(runs * k, dtype=np.float32)
    for piece in blocks(len(Z), max(1, SCORES // (runs * k))):
        scores = Z[piece] @ flat.T
        _choose(scores, half, k, labels[:, piece], reached)
        sums += scores.T @ Z[piece]
        counts += scores.sum(axis=0)
    return sums.reshape(centres.shape), counts.reshape(runs, k), labels, reached


@njit(cache=True, nogil=True)
def _choose(scores: Any, half: Any, k: int, labels: Any, reached: Any) -> None:  # pragma: no cover
    """Replace the scores of each run by 1 at its best centre and 0 elsewhere."""
    for i in range(scores.shape[0]):
        for run in range(len(reached)):
            first, best = run * k, 0
            for c in range(1, k):
                if scores[i, first + c] - half[first + c] > scores[i, first + best] - half[first + best]:
                    best = c
            reached[run] += scores[i, first + best] - half[first + best]
            labels[run, i] = best
            for c in range(k):
                scores[i, first + c] = 1.0 if c == best else 0.0
