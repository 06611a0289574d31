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
from ecglens.geometry.rows import compact

FEWEST = 50
"""Permutations that are worth a thread."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Null:
    """What chance alone gives.

    Parameters
    ----------
    mean, low, high
        Mean, 5th and 95th percentile under permutation.
    p_value
        Share of permutations that reach the observed value, the observed one counted in.
    """

    mean: float
    low: float
    high: float
    p_value: float


def read_null(observed: float, permuted: Floats, *, falls: bool = False) -> Null:
    """Compare a value with what permutations gave.

    Parameters
    ----------
    observed
        The value.
    permuted
        Values under permutation.
    falls
        Whether structure makes the value smaller: permutations then reach it from above.

    Examples
    --------
    >>> read_null(0.5, np.linspace(0, 0.4, 199)).p_value, read_null(0.5, np.linspace(0, 0.4, 199), falls=True).p_value
    (0.005, 1.0)
    """
    sign = -1 if falls else 1
    reached = int((sign * permuted >= sign * observed - 1e-12).sum())
    low, high = np.quantile(permuted, [0.05, 0.95])
    return Null(float(permuted.mean()), float(low), float(high), (1 + reached) / (1 + len(permuted)))


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
    order = np.argsort(cell + rng.random(len(cell)))
    rank = np.arange(len(cell)) - np.repeat(counts.cumsum() - counts, counts)
    return np.sort(order[rank < n])


def permuter(patients: Ints, within: Ints) -> Callable[[Ints, int, np.random.Generator], NDArray[np.int16]]:
    """A function that permutes codes between patients who can stand for each other, a number of times.

    Patients change places as a whole, with patients of as many records that lie in the same strata: records of one
    patient are alike, and permuting them one by one would give a null that is too narrow.

    Parameters
    ----------
    patients
        Code of the patient of each record, ``[n]``.
    within
        Code of the stratum that values do not leave, ``[n]``: the data set for labels, the label for data sets.

    Examples
    --------
    >>> permute = permuter(np.array([0, 0, 1, 1, 2]), np.zeros(5, dtype=int))
    >>> sorted({tuple(row) for row in permute(np.array([1, 1, 0, 0, 5]), 9, np.random.default_rng(0)).tolist()})
    [(0, 0, 1, 1, 5), (1, 1, 0, 0, 5)]
    """
    patient = compact(patients)
    order = np.lexsort((within, patient))
    sizes = np.bincount(patient)
    starts = sizes.cumsum() - sizes
    exchangeable = []
    for size in np.unique(sizes):
        places = order[starts[sizes == size][:, None] + np.arange(size)]
        kinds = np.unique(within[places], axis=0, return_inverse=True)[1].ravel()
        exchangeable += [places[kinds == kind] for kind in range(kinds.max() + 1)]
    shapes = np.array([places.shape for places in exchangeable])
    flat = np.concatenate([places.ravel() for places in exchangeable])

    def permute(values: Ints, n: int, rng: np.random.Generator) -> NDArray[np.int16]:
        moved = np.empty((n, len(values)), dtype=np.int16)
        seed = int(rng.integers(2**62))
        kernels.in_threads(_permute, n, values.astype(np.int16), flat, shapes, seed, moved, fewest=FEWEST)
        return moved

    return permute


@njit(cache=True, nogil=True)
def _permute(
    start: int, stop: int, values: Any, places: Any, shapes: Any, seed: int, moved: Any
) -> None:  # pragma: no cover
    """Fisher-Yates shuffles of the patients of each shape; what is drawn does not depend on the threads."""
    order = np.empty(len(places), dtype=np.int64)
    for row in range(start, stop):
        first = 0
        for patients, size in shapes:
            for p in range(patients):
                order[p] = p
            for p in range(patients - 1, 0, -1):
                other = int(kernels.coin(row, first + p, seed) * (p + 1))
                order[p], order[other] = order[other], order[p]
            for p in range(patients):
                for record in range(size):
                    moved[row, places[first + p * size + record]] = values[places[first + order[p] * size + record]]
            first += patients * size


def patient_weights(patients: NDArray[Any], repeats: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """How often each record is drawn where patients are drawn anew, ``[n, repeats]``.

    Patients get Poisson weights of mean 1, which is the bootstrap in the limit of many patients.
    """
    names, patient = np.unique(patients, return_inverse=True)
    return rng.poisson(1.0, size=(len(names), repeats)).astype(np.uint8)[patient]


def drawn_mean(values: Floats, weights: NDArray[np.uint8]) -> Floats:
    """Mean of values that count as often as they were drawn, ``[n, draws]``; NaN where a draw is empty.

    Examples
    --------
    >>> drawn_mean(np.array([1.0, 4.0]), np.array([[1, 2, 0], [1, 0, 0]]))
    array([2.5, 1. , nan])
    """
    size = weights.sum(axis=0, dtype=np.int64)
    return np.where(size > 0, values @ weights / np.maximum(size, 1), np.nan)
