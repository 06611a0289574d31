"""Resampling: equal counts, permutations, and weights without groups of patients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.errors import CannotFillError
from ecglens.geometry.arrays import coded, compact
from ecglens.splitmix import coin
from ecglens.threads import in_threads

ROUNDING = 1e-6
"""Values that differ by less are equal: some are sums in float32."""

FEWEST = 50
"""Permutations that are worth a thread."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Null:
    """Distribution of a metric under permutation.

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
    """Compare a value with its permutation distribution.

    Parameters
    ----------
    observed
        The value; if it is undefined, so is everything else.
    permuted
        Values under permutation; those that are undefined are left out.
    falls
        Whether structure makes the value smaller: permutations then reach it from above.

    Examples
    --------
    >>> read_null(0.5, np.linspace(0, 0.4, 199)).p_value, read_null(0.5, np.linspace(0, 0.4, 199), falls=True).p_value
    (0.005, 1.0)
    """
    permuted = permuted[~np.isnan(permuted)]
    if not len(permuted) or np.isnan(observed):
        return Null(np.nan, np.nan, np.nan, np.nan)
    sign = -1 if falls else 1
    reached = int((sign * permuted >= sign * observed - ROUNDING).sum())
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
    codes = [coded(column) for column in columns.T]
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


def permuter(
    patients: Ints, within: Ints, rarity: Ints | None = None
) -> Callable[[Ints, int, np.random.Generator], NDArray[np.int16]]:
    """A function that permutes codes between patients who can stand for each other, a number of times.

    Patients change places as a whole, with patients who lie in the same strata: records of one patient are alike, and
    permuting them one by one would give a null that is too narrow. Who takes the place of a patient of another number
    of records in a stratum repeats or drops codes, or else patients of many records could not leave a data set that
    alone has such.

    Generators of the same state give subsamples that share patients nearly the same permutation: one random number per
    patient and permutation decides which of the codes that are left a patient gets. Within a subsample every
    permutation is as likely as every other.

    Parameters
    ----------
    patients
        Code of the patient of each record, ``[n]``.
    within
        Code of the stratum that values do not leave, ``[n]``: the data set for labels, the label for data sets.
    rarity
        Order in which patients get their codes, lowest first, ``[n]``. Patients who are in every subsample get the
        same code in each where they come first.

    Examples
    --------
    >>> permute = permuter(np.array([0, 0, 1]), np.zeros(3, dtype=int))
    >>> sorted({tuple(row) for row in permute(np.array([0, 0, 5]), 9, np.random.default_rng(0)).tolist()})
    [(0, 0, 5), (5, 5, 0)]
    """
    patient, stratum = compact(patients), compact(within)
    shape = int(patient.max(initial=-1)) + 1, int(stratum.max(initial=-1)) + 1
    sizes = np.bincount(patient * shape[1] + stratum, minlength=shape[0] * shape[1]).reshape(shape)
    starts = sizes.cumsum().reshape(shape) - sizes
    records = np.lexsort((stratum, patient))
    kind, names, rank = np.zeros((3, shape[0]), dtype=np.int64)
    for held in sizes.T > 0:
        kind = compact(2 * kind + held)
    names[patient] = patients
    if rarity is not None:
        rank[:] = rarity.max(initial=0)
        np.minimum.at(rank, patient, rarity)
    places = np.lexsort((names, rank, kind))
    edges = np.flatnonzero(np.diff(kind[places], prepend=-1, append=-1))

    def permute(values: Ints, n: int, rng: np.random.Generator) -> NDArray[np.int16]:
        moved = np.empty((n, len(values)), dtype=np.int16)
        code = compact(values[records[starts.min(axis=1, where=sizes > 0, initial=len(values) - 1)]])
        donors = np.lexsort((names, code, kind))
        bins = np.zeros((len(edges) - 1, int(code.max(initial=0)) + 1), dtype=np.int64)
        np.add.at(bins, (kind, code), 1)
        facts = records, starts, sizes, places, donors, edges, bins, names
        seed = int(rng.integers(2**62))
        in_threads(_permute, n, values.astype(np.int16), *facts, seed, moved, fewest=FEWEST)
        return moved

    return permute


@compiled
def _permute(
    start: int, stop: int, values: Any, records: Any, starts: Any, sizes: Any, places: Any, donors: Any, edges: Any,
    bins: Any, names: Any, seed: int, moved: Any,
) -> None:  # fmt: skip  # pragma: no cover
    """Deal the patients of each kind out to each other, by code; what is drawn does not depend on the threads."""
    given, left, begin = np.empty_like(donors), np.empty_like(bins[0]), np.empty_like(bins[0])
    single = len(records) == len(sizes)
    for row in range(start, stop):
        given[:] = donors
        for group in range(len(edges) - 1):
            first, last = edges[group], edges[group + 1]
            left[:] = bins[group]
            begin[:] = first + left.cumsum() - left
            for c in range(len(left)):
                # Patients of one record each and of one code need not be told apart.
                for at in range(0 if single else left[c] - 1, 0, -1):
                    one, other = begin[c] + at, begin[c] + int(coin(-1 - row, begin[c] + at, seed) * (at + 1))
                    given[one], given[other] = given[other], given[one]
            for at in range(first, last):
                mine = places[at]
                pick, c = int(coin(row, names[mine], seed) * (last - at)), 0
                while pick >= left[c]:
                    pick -= left[c]
                    c += 1
                left[c] -= 1
                theirs = given[begin[c] + left[c]]
                if single:
                    moved[row, records[mine]] = values[records[theirs]]
                    continue
                for s in range(sizes.shape[1]):
                    for r in range(sizes[mine, s]):
                        source = records[starts[theirs, s] + r % sizes[theirs, s]]
                        moved[row, records[starts[mine, s] + r]] = values[source]


def leave_out(patients: NDArray[Any], groups: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Weights of records where one group of patients at a time is left out: 0 for its records, 1 for all others.

    Parameters
    ----------
    patients
        Patient of each record, ``[n]``.
    groups
        Groups that patients are dealt out to: at least two, or none, and as many as there are patients at most.
    rng
        Deals them out.

    Returns
    -------
    ndarray
        ``[n, groups]``; without columns where there is one patient.

    Examples
    --------
    >>> leave_out(np.array([7, 7, 9]), 200, np.random.default_rng(0)).sum(axis=0)
    array([1, 2], dtype=uint64)
    """
    names, patient = np.unique(patients, return_inverse=True)
    groups = min(max(groups, 2), len(names)) if groups and len(names) > 1 else 0
    group = rng.permutation(np.arange(len(names)) % max(1, groups))[patient]
    return np.asarray(group[:, None] != np.arange(groups), dtype=np.uint8)


def weighted_mean(values: Floats, weights: NDArray[np.uint8]) -> Floats:
    """Mean of values with weights, ``[n, weightings]``; NaN where all weights are 0.

    Examples
    --------
    >>> weighted_mean(np.array([1.0, 4.0]), np.array([[1, 2, 0], [1, 0, 0]]))
    array([2.5, 1. , nan])
    """
    size = weights.sum(axis=0, dtype=np.int64)
    return np.where(size > 0, values @ weights / np.maximum(size, 1), np.nan)
