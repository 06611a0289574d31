"""Equal counts, permutations and bootstraps: what a number means under imbalance and by chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry import kernels
from ecglens.geometry.neighbours import Neighbours
from ecglens.geometry.partitions import adjusted_rand
from ecglens.geometry.purity import rescale

TOGETHER = 16
"""Labellings or draws that are worked on at the same time."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Null:
    """What chance alone gives.

    Parameters
    ----------
    mean, high
        Mean and 95th percentile under permutation.
    p_value
        Share of permutations that reach the observed value, the observed one counted in.
    """

    mean: float
    high: float
    p_value: float


def read_null(observed: float, permuted: Floats) -> Null:
    """Compare a value with what permutations gave.

    Examples
    --------
    >>> read_null(0.5, np.linspace(0, 0.4, 199)).p_value
    0.005
    """
    reached = int((permuted >= observed - 1e-12).sum())
    return Null(float(permuted.mean()), float(np.quantile(permuted, 0.95)), (1 + reached) / (1 + len(permuted)))


def draw_equal(cells: NDArray[Any], rng: np.random.Generator, most: int | None = None) -> Ints:
    """Draw as many records of each cell as the smallest one has, `most` at most.

    Parameters
    ----------
    cells
        Class of each record, or class and data set together, ``[n]`` or ``[n, 2]``.
    rng
        Of the draw.
    most
        Largest number per cell.

    Returns
    -------
    ndarray
        Sorted positions.

    Raises
    ------
    CannotFillError
        A class is absent from a data set.

    Examples
    --------
    >>> draw_equal(np.array(["af", "no", "no", "af", "no"]), np.random.default_rng(0)).size
    4
    """
    columns = np.asarray(cells).reshape(len(cells), -1)
    codes = [np.unique(column, return_inverse=True)[1] for column in columns.T]
    cell = np.zeros(len(columns), dtype=np.int64)
    for code in codes:
        cell = cell * (code.max() + 1) + code
    counts = np.bincount(cell, minlength=int(np.prod([code.max() + 1 for code in codes])))
    n = min(int(counts.min()), most or len(cell))
    if n == 0:
        raise CannotFillError("every class needs records in every data set, and one has none")
    order = np.lexsort((rng.random(len(cell)), cell))
    rank = np.arange(len(cell)) - np.repeat(counts.cumsum() - counts, counts)
    return np.sort(order[rank < n])


def permuter(
    patients: NDArray[Any], within: NDArray[Any]
) -> Callable[[NDArray[Any], np.random.Generator], NDArray[Any]]:
    """A function that permutes values between patients who can stand for each other.

    Patients change places as a whole, with patients of as many records that lie in the same strata: records of one
    patient are alike, and permuting them one by one would give a null that is too narrow.

    Parameters
    ----------
    patients
        Patient of each record, ``[n]``.
    within
        Stratum that values do not leave, ``[n]``: the data set for labels, the label for data sets.

    Examples
    --------
    >>> permute = permuter(np.array([0, 0, 1, 1, 2]), np.zeros(5))
    >>> sorted({tuple(permute(np.array([1, 1, 0, 0, 5]), np.random.default_rng(i)).tolist()) for i in range(9)})
    [(0, 0, 1, 1, 5), (1, 1, 0, 0, 5)]
    """
    patient, stratum = (np.unique(codes, return_inverse=True)[1] for codes in (patients, within))
    order = np.lexsort((stratum, patient))
    sizes = np.bincount(patient)
    starts = sizes.cumsum() - sizes
    exchangeable = []
    for size in np.unique(sizes):
        places = order[starts[sizes == size][:, None] + np.arange(size)]
        kinds = np.unique(stratum[places], axis=0, return_inverse=True)[1].ravel()
        exchangeable += [places[kinds == kind] for kind in range(kinds.max() + 1)]

    def permute(values: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        moved = values.copy()
        for places in exchangeable:
            moved[places] = values[places[rng.permutation(len(places))]]
        return moved

    return permute


def permuted_purities(neighbours: Neighbours, labels: Ints, groups: Ints) -> Floats:
    """Rescaled purity of many labellings over fixed neighbours.

    Parameters
    ----------
    neighbours
        All of them are used.
    labels
        Codes, ``[permutations, n]``.
    groups
        Codes of the groups that the neighbours were searched with, ``[n]``.

    Returns
    -------
    ndarray
        ``[permutations]``.
    """
    return _purities_of(neighbours, labels.T, np.ones((labels.shape[1], 1), dtype=np.float32), groups)


def patient_weights(patients: NDArray[Any], repeats: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """How often each record is drawn where patients are drawn anew, ``[n, repeats]``.

    Patients get Poisson weights of mean 1, which is the bootstrap in the limit of many patients.
    """
    names, patient = np.unique(patients, return_inverse=True)
    return rng.poisson(1.0, size=(len(names), repeats)).astype(np.float32)[patient]


def bootstrap_purities(neighbours: Neighbours, label: Ints, group: Ints, weights: NDArray[np.float32]) -> Floats:
    """Rescaled purity of patients drawn anew.

    A weight counts where a record looks for neighbours and where it is one: pairs of rare records depend on each other
    both ways.

    Parameters
    ----------
    neighbours
        All of them are used.
    label, group
        Codes, ``[n]``; `group` is what the neighbours were searched with.
    weights
        From `patient_weights`, ``[n, repeats]``.

    Returns
    -------
    ndarray
        ``[repeats]``; NaN where a draw holds none of a class.
    """
    return _purities_of(neighbours, label[:, None], weights, group)


def bootstrap_ari(label: Ints, clusters: Ints, weights: NDArray[np.float32]) -> Floats:
    """Adjusted Rand index of patients drawn anew, ``[repeats]``; the clusters stay as they are.

    Examples
    --------
    >>> bootstrap_ari(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]), np.array([[1, 2], [1, 1], [1, 0], [1, 1]]))
    array([1., 1.])
    """
    held = [
        [weights[(label == a) & (clusters == b)].sum(axis=0) for b in np.unique(clusters)] for a in np.unique(label)
    ]
    return adjusted_rand(np.moveaxis(np.array(held, dtype=np.float64), -1, 0))


def _purities_of(neighbours: Neighbours, labels: Ints, weights: NDArray[np.float32], groups: Ints) -> Floats:
    """Rescaled purity for each column of labels or weights, ``[n, columns]``; one of them may have a single column."""
    columns = max(labels.shape[1], weights.shape[1]) if labels.shape[1] and weights.shape[1] else 0
    n_classes, n_groups = int(labels.max(initial=0)) + 1, int(groups.max()) + 1
    observed, expected = np.full((2, columns, n_classes), np.nan)
    small = np.ascontiguousarray(labels, dtype=np.int16)
    weighted = weights.shape[1] > 1
    kernels.in_threads(
        _purities, columns, neighbours.indices, small, weights, weighted, groups, n_groups, observed, expected
    )
    return rescale(observed, expected)


@njit(cache=True, nogil=True)
def _purities(
    start: int, stop: int, ids: Any, labels: Any, weights: Any, weighted: bool, groups: Any, n_groups: int,
    observed: Any, expected: Any,
) -> None:  # fmt: skip  # pragma: no cover
    """A few columns at a time: what a record needs of them lies side by side in memory."""
    n_classes = observed.shape[1]
    for first in range(start, stop, TOGETHER):
        width = min(TOGETHER, stop - first)
        label_at, weight_at = (0, first) if weighted else (first, 0)
        own, size = np.zeros((n_groups, n_classes, width)), np.zeros((n_groups, width))
        found, alike = np.zeros(width, dtype=np.float32), np.zeros(width, dtype=np.float32)
        counted, shares, chances = np.zeros((3, n_classes, width))
        for i in range(len(groups)):
            for q in range(width):
                weight = weights[i, weight_at + q] if weighted else np.float32(1)
                own[groups[i], labels[i, label_at + (0 if weighted else q)], q] += weight
                size[groups[i], q] += weight
        total = own.sum(axis=0)
        everything = total.sum(axis=0)
        for i in range(len(groups)):
            alike[:] = 0
            if weighted:
                found[:] = 0
                for j in ids[i]:
                    near = weights[j, weight_at : weight_at + width]
                    same = np.float32(labels[j, 0] == labels[i, 0])
                    for q in range(width):
                        found[q] += near[q]
                        alike[q] += same * near[q]
            else:
                found[:] = ids.shape[1]
                mine = labels[i, label_at : label_at + width]
                for j in ids[i]:
                    theirs = labels[j, label_at : label_at + width]
                    for q in range(width):
                        alike[q] += np.float32(theirs[q] == mine[q])
            for q in range(width):
                weight = weights[i, weight_at + q] if weighted else np.float32(1)
                if found[q] > 0 and weight > 0:
                    c = labels[i, label_at + (0 if weighted else q)]
                    counted[c, q] += weight
                    shares[c, q] += weight * (np.float64(alike[q]) / np.float64(found[q]))
                    legal = everything[q] - size[groups[i], q]
                    chances[c, q] += weight * (total[c, q] - own[groups[i], c, q]) / legal
        for q in range(width):
            for c in range(n_classes):
                if counted[c, q] > 0:
                    observed[first + q, c] = shares[c, q] / counted[c, q]
                    expected[first + q, c] = chances[c, q] / counted[c, q]
