"""LISI: inverse Simpson index of the data sets in a neighbourhood."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.errors import CannotFillError
from ecglens.geometry.metrics.base import GeometryMetric
from ecglens.geometry.neighbours.knn import Neighbours
from ecglens.threads import in_threads, spread

ILISI = GeometryMetric(
    name="ilisi",
    title="integration LISI",
    symbol="iLISI",
    better="lower",
    chance="about 1 where data sets are of equal size",
    caption="1 if neighbourhoods contain all data sets equally, 0 if they contain one.",
    source="Korsunsky et al. (2019), Nature Methods 16:1289; scaled as in Luecken et al. (2022), Nature Methods 19:41",
)

TRIES, TOLERANCE = 50, 1e-5
"""Halvings of the width of the neighbourhood, and the difference of log perplexity that ends them."""

FEWEST = 6
"""Neighbours that a neighbourhood needs: their perplexity is then 2."""


def lisi(neighbours: Neighbours, labels: NDArray[Any], perplexity: float | None = None) -> NDArray[np.float64]:
    """Effective number of classes in each record's neighbourhood.

    Neighbours weigh ``exp(-beta * distance)``, with `beta` such that the weights have the given perplexity. The record
    itself is no neighbour.

    Parameters
    ----------
    neighbours
        All of them are used; three times the perplexity is customary.
    labels
        Label or data set of each record, ``[n]``.
    perplexity
        Effective number of neighbours; by default a third of them.

    Returns
    -------
    ndarray
        ``[n]``, from 1 to the number of classes.

    References
    ----------
    Korsunsky et al. (2019), Fast, sensitive and accurate integration of single-cell data with Harmony.

    Examples
    --------
    >>> from ecglens.geometry import find_neighbours
    >>> nearest = find_neighbours(np.arange(8.0)[:, None], 6)
    >>> lisi(nearest, np.ones(8))
    array([1., 1., 1., 1., 1., 1., 1., 1.])
    """
    code = np.unique(labels, return_inverse=True)[1]
    return effective_numbers(neighbours, code[None], perplexity)[:, 0].astype(np.float64)


def effective_numbers(
    neighbours: Neighbours, labellings: NDArray[Any], perplexity: float | None = None
) -> NDArray[np.float32]:
    """`lisi` of many labellings, given as codes ``[labellings, n]``; ``[n, labellings]``."""
    n, k = neighbours.indices.shape
    weights, found = np.empty((n, k), dtype=np.float32), np.empty((n, len(labellings)), dtype=np.float32)
    in_threads(_weigh, n, neighbours.distances, np.log(perplexity or k // 3), weights)
    codes, n_classes = np.ascontiguousarray(labellings.T), int(labellings.max(initial=0)) + 1
    in_threads(_inverse_simpson, n, neighbours.indices, weights, codes, n_classes, found)
    return found


def ilisi(neighbours: Neighbours, sources: NDArray[Any], perplexity: float | None = None) -> float:
    """Median of `lisi` over records, scaled: 0 where neighbourhoods hold one data set, 1 where they hold all equally.

    References
    ----------
    Luecken et al. (2022), Benchmarking atlas-level data integration in single-cell genomics, Nature Methods 19:41-50.
    """
    n_sources, k = len(np.unique(sources)), neighbours.k
    if k < FEWEST:
        raise CannotFillError(f"mixing needs {FEWEST} neighbours, there are {k}")
    if n_sources < 2:
        raise CannotFillError("mixing of data sets needs two of them, there is one")
    return float((np.median(lisi(neighbours, sources, perplexity)) - 1) / (n_sources - 1))


def weighted_lisi(
    neighbours: Neighbours, code: NDArray[np.int64], weights: NDArray[Any], perplexity: float | None = None
) -> NDArray[np.float32]:
    """`lisi` with weighted neighbours, ``[n, weightings]``; 1 where all weights are 0."""
    n, k = neighbours.indices.shape
    kernel, found = np.empty((n, k), dtype=np.float32), np.empty((n, weights.shape[1]), dtype=np.float32)
    in_threads(_weigh, n, neighbours.distances, np.log(perplexity or k // 3), kernel)
    in_threads(_drawn_simpson, n, neighbours.indices, kernel, code, weights, found)
    return found


def weighted_medians(values: NDArray[Any], weights: NDArray[Any]) -> NDArray[np.float64]:
    """Median over records with weights, both ``[n, weightings]``; NaN where all weights are 0.

    Examples
    --------
    >>> weighted_medians(np.array([[5.0, 5.0], [1.0, 1.0], [3.0, 3.0]]), np.array([[1, 9], [1, 0], [1, 1]]))
    array([3., 5.])
    """

    def median(draw: int) -> float:
        order = np.argsort(values[:, draw])
        reached = weights[order, draw].cumsum(dtype=np.int64)
        return float(values[order[np.searchsorted(2 * reached, reached[-1])], draw]) if reached[-1] else np.nan

    return np.array(spread(median, range(values.shape[1])))


@compiled
def _weigh(start: int, stop: int, distances: Any, target: float, found: Any) -> None:  # pragma: no cover
    """Weights of each record's neighbours that have the wanted perplexity and add up to 1."""
    for i in range(start, stop):
        # Distances beyond the nearest give the same weights, and cannot all vanish.
        beyond = distances[i] - distances[i, 0]
        beta, low, high = 1.0, 0.0, np.inf
        weights = np.exp(-beta * beyond)
        for _ in range(TRIES):
            total = weights.sum()
            difference = np.log(total) + beta * (beyond * weights).sum() / total - target
            if abs(difference) < TOLERANCE:
                break
            if difference > 0:
                low = beta
                beta = 2 * beta if high == np.inf else (low + high) / 2
            else:
                high = beta
                beta = (low + high) / 2
            weights = np.exp(-beta * beyond)
        found[i] = weights / weights.sum()


@compiled
def _inverse_simpson(
    start: int, stop: int, ids: Any, weights: Any, codes: Any, n_classes: int, found: Any
) -> None:  # pragma: no cover
    share = np.empty((codes.shape[1], n_classes))
    for i in range(start, stop):
        share[:] = 0
        for at in range(ids.shape[1]):
            weight, theirs = weights[i, at], codes[ids[i, at]]
            for q in range(len(theirs)):
                share[q, theirs[q]] += weight
        for q in range(len(share)):
            found[i, q] = 1 / (share[q] * share[q]).sum()


@compiled
def _drawn_simpson(
    start: int, stop: int, ids: Any, weights: Any, code: Any, drawn: Any, found: Any
) -> None:  # pragma: no cover
    share = np.empty((code.max() + 1, drawn.shape[1]))
    for i in range(start, stop):
        share[:] = 0
        for at in range(ids.shape[1]):
            weight, times, own = weights[i, at], drawn[ids[i, at]], share[code[ids[i, at]]]
            for q in range(len(times)):
                own[q] += weight * times[q]
        total = share.sum(axis=0)
        squares = (share * share).sum(axis=0)
        for q in range(len(total)):
            found[i, q] = total[q] * total[q] / squares[q] if squares[q] > 0 else 1.0
