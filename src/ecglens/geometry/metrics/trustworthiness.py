"""Trustworthiness and continuity of a projection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.errors import InputError
from ecglens.geometry.metrics.base import GeometryMetric
from ecglens.geometry.neighbours.knn import Neighbours, find_neighbours
from ecglens.threads import in_threads

TRUSTWORTHINESS = GeometryMetric(
    name="trustworthiness",
    title="trustworthiness",
    symbol="trustworthiness",
    chance="about 0.5",
    caption="Low if records that are near in the plane are far in the embedding.",
    source="Venna and Kaski (2001), Neighborhood preservation in nonlinear projection methods, ICANN",
)
CONTINUITY = GeometryMetric(
    name="continuity",
    title="continuity",
    symbol="continuity",
    chance="about 0.5",
    caption="Low if records that are near in the embedding are far in the plane.",
    source="Venna and Kaski (2001), Neighborhood preservation in nonlinear projection methods, ICANN",
)


@dataclass(frozen=True)
class Trustworthiness:
    """Agreement of neighbourhoods in the plane and in the embedding; both 1 where they are the same.

    Parameters
    ----------
    trustworthiness
        Low where records are near in the plane that are far in the embedding: false neighbours.
    continuity
        Low where records are far in the plane that are near in the embedding: torn neighbourhoods.
    chance
        Both of a plane that has nothing to do with the embedding, in the mean.
    chosen
        Positions of the records whose neighbourhoods were looked at, ``[m]``.
    per_record
        Both of each of them, ``[2, m]``.
    """

    trustworthiness: float
    continuity: float
    chance: float
    chosen: NDArray[np.int64] = field(repr=False)
    per_record: NDArray[np.float64] = field(repr=False)


def trustworthiness(
    X: NDArray[Any],
    plane: NDArray[Any],
    neighbours: Neighbours | None = None,
    *,
    k: int = 15,
    sample: int = 2000,
    seed: int = 0,
) -> Trustworthiness:
    """Trustworthiness and continuity of a projection.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    plane
        The same records in the picture, ``[n, 2]``.
    neighbours
        Those of `X` with no groups left out, if they are known; at least `k`.
    k
        Size of the neighbourhood; less than half of the records.
    sample
        Records that are looked at, at most; ranks are among all records.
    seed
        Of their choice.

    References
    ----------
    Venna and Kaski (2001), Neighborhood preservation in nonlinear projection methods, ICANN.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> trustworthiness(X, 3 * X, k=5)
    Trustworthiness(trustworthiness=1.0, continuity=1.0, chance=0.523...)
    """
    n = len(X)
    if 2 * k >= n:
        raise InputError(f"a neighbourhood of {k} needs more than {2 * k} records, there are {n}. Use a smaller k.")
    chosen = np.sort(np.random.default_rng(seed).permutation(n)[:sample])
    above = (neighbours or find_neighbours(X, k)).first(k).indices
    below = find_neighbours(plane, k).indices
    worst = (2 * n - 3 * k - 1) / 2
    excess = _excess(np.asarray(X), below, chosen), _excess(np.asarray(plane, dtype=np.float64), above, chosen)
    per_record = 1 - np.array(excess) / (k * worst)
    # Ranks of a stranger are uniform.
    by_chance = (n - 1 - k) * (n - k) / (2 * (n - 1))
    trustworthiness, continuity = per_record.mean(axis=1).tolist()
    return Trustworthiness(trustworthiness, continuity, 1 - by_chance / worst, chosen, per_record)


def _excess(space: NDArray[Any], neighbours: NDArray[np.int64], chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """How far the ranks in a space of the neighbours of some records lie beyond the neighbourhood, in sum."""
    total = np.zeros(len(chosen))
    centred = space - space.mean(axis=0, dtype=np.float64).astype(space.dtype)
    norms = np.einsum("ij,ij->i", centred, centred)
    for start in range(0, len(chosen), 256):
        rows = chosen[start : start + 256]
        squared = norms[rows, None] + norms - 2 * (centred[rows] @ centred.T)
        in_threads(_count, len(rows), squared, rows, neighbours, total[start : start + 256])
    return total


@compiled
def _count(start: int, stop: int, squared: Any, rows: Any, neighbours: Any, total: Any) -> None:  # pragma: no cover
    k = neighbours.shape[1]
    for at in range(start, stop):
        for j in neighbours[rows[at]]:
            nearer = 0
            for other in range(squared.shape[1]):
                nearer += other != rows[at] and other != j and squared[at, other] < squared[at, j]
            total[at] += max(0, nearer + 1 - k)
