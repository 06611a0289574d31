"""k-means whose restarts and seeds advance together, in one matrix product per step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.geometry.arrays import blocks
from ecglens.threads import one_thread

SKETCH = 2000
"""Records on which restarts compete; the best of each seed goes on to converge on all records."""

SCORES = 2**18
"""Scores of records and centres held at a time: 1 MB, so that they are still in the cache when they are read."""

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
    with one_thread():
        part, enough = Z, ENOUGH
        if len(Z) > 2 * SKETCH:
            part, enough = Z[np.random.default_rng(list(seeds)).choice(len(Z), SKETCH, replace=False)], SKETCH_ENOUGH
        starts = np.concatenate([_starts(part, n_clusters, n_init, np.random.default_rng(seed)) for seed in seeds])
        centres, inertia = _converge(part, starts, enough)
        centres = centres[inertia.reshape(len(seeds), n_init).argmin(axis=1) + n_init * np.arange(len(seeds))]
        if part is not Z:
            centres, _ = _converge(Z, centres, ENOUGH)
        return _assign(Z, centres)


def _assign(Z: Floats, centres: Floats) -> Clusterings:
    half = np.square(centres).sum(axis=2) / 2
    labels = np.array([(Z @ each.T - own).argmax(axis=1) for each, own in zip(centres, half, strict=True)])
    inertia = [np.square(Z - each[found], dtype=np.float64).sum() for each, found in zip(centres, labels, strict=True)]
    return Clusterings(labels, np.array(inertia))


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


def _converge(Z: Floats, centres: Floats, enough: float) -> tuple[Floats, NDArray[np.float64]]:
    """Lloyd's steps for all runs at once; a run that has converged no longer takes part."""
    centres, inertia, active = centres.copy(), np.full(len(centres), np.inf), np.arange(len(centres))
    square = float(np.square(Z, dtype=np.float64).sum())
    for _ in range(STEPS):
        moved, reached = _step(Z, centres[active])
        before, after = inertia[active], square - 2 * reached
        centres[active], inertia[active] = moved, after
        active = active[~(before - after <= enough * after)]
        if not len(active):
            break
    return centres, inertia


def _step(Z: Floats, centres: Floats) -> tuple[Floats, NDArray[np.float64]]:
    """Means of the records nearest to each centre, and the sum of ``zc - |c|^2 / 2`` over records for each run."""
    runs, k, m = centres.shape
    flat = centres.reshape(runs * k, m)
    half = np.einsum("ij,ij->i", flat, flat) / 2
    sums, counts, reached = np.zeros((runs * k, m), np.float32), np.zeros(runs * k, np.float32), np.zeros(runs)
    for piece in blocks(len(Z), max(1, SCORES // (runs * k))):
        scores = Z[piece] @ flat.T
        _choose(scores, half, k, reached)
        sums += scores.T @ Z[piece]
        counts += np.ones(len(scores), dtype=np.float32) @ scores
    # A centre that nobody is nearest to stays where it is.
    means = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], flat)
    return means.reshape(centres.shape), reached


@compiled
def _choose(scores: Any, half: Any, k: int, reached: Any) -> None:  # pragma: no cover
    """Replace the scores of each run by 1 at its best centre and 0 elsewhere."""
    for i in range(scores.shape[0]):
        row = scores[i]
        for run in range(len(reached)):
            first = run * k
            best, top = first, row[first] - half[first]
            for c in range(first + 1, first + k):
                value = row[c] - half[c]
                better = value > top
                best = c if better else best
                top = value if better else top
            reached[run] += top
            for c in range(first, first + k):
                row[c] = 0
            row[best] = 1
