"""Equal counts, permutations and bootstraps: what a number means under imbalance and by chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.errors import CannotFillError
from ecglens.geometry import kernels
from ecglens.geometry.rows import coded, compact

ROUNDING = 1e-6
"""Values that differ by less are equal: some are sums in float32."""

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
        Values under permutation; those that are undefined are left out.
    falls
        Whether structure makes the value smaller: permutations then reach it from above.

    Examples
    --------
    >>> read_null(0.5, np.linspace(0, 0.4, 199)).p_value, read_null(0.5, np.linspace(0, 0.4, 199), falls=True).p_value
    (0.005, 1.0)
    """
    permuted = permuted[~np.isnan(permuted)]
    if not len(permuted):
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


def permuter(patients: Ints, within: Ints) -> Callable[[Ints, int, np.random.Generator], NDArray[np.int16]]:
    """A function that permutes codes between patients who can stand for each other, a number of times.

    Patients change places as a whole, with patients who lie in the same strata: records of one patient are alike, and
    permuting them one by one would give a null that is too narrow. Who takes the place of a patient of another number
    of records in a stratum repeats or drops codes, or else patients of many records could not leave a data set that
    alone has such.

    Parameters
    ----------
    patients
        Code of the patient of each record, ``[n]``.
    within
        Code of the stratum that values do not leave, ``[n]``: the data set for labels, the label for data sets.

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
    kind = np.zeros(shape[0], dtype=np.int64)
    for held in sizes.T > 0:
        kind = compact(2 * kind + held)
    alike = np.argsort(kind, kind="stable")
    edges = np.flatnonzero(np.diff(kind[alike], prepend=-1, append=-1))

    def permute(values: Ints, n: int, rng: np.random.Generator) -> NDArray[np.int16]:
        moved = np.empty((n, len(values)), dtype=np.int16)
        places = records, starts, sizes, alike, edges
        seed = int(rng.integers(2**62))
        kernels.in_threads(_permute, n, values.astype(np.int16), *places, seed, moved, fewest=FEWEST)
        return moved

    return permute


@compiled
def _permute(
    start: int, stop: int, values: Any, records: Any, starts: Any, sizes: Any, alike: Any, edges: Any, seed: int,
    moved: Any,
) -> None:  # fmt: skip  # pragma: no cover
    """Fisher-Yates shuffles of the patients of each kind; what is drawn does not depend on the threads."""
    origin = np.empty_like(alike)
    for row in range(start, stop):
        origin[:] = alike
        for group in range(len(edges) - 1):
            first, last = edges[group], edges[group + 1]
            for at in range(last - 1, first, -1):
                other = first + int(kernels.coin(row, at, seed) * (at - first + 1))
                origin[at], origin[other] = origin[other], origin[at]
        for at in range(len(alike)):
            mine, theirs = alike[at], origin[at]
            for s in range(sizes.shape[1]):
                for r in range(sizes[mine, s]):
                    source = records[starts[theirs, s] + r % sizes[theirs, s]]
                    moved[row, records[starts[mine, s] + r]] = values[source]


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


def about(value: float, draws: Floats) -> Floats:
    """Draws moved about the value: for numbers that also depend on how many records are different.

    Examples
    --------
    >>> about(1.0, np.array([2.0, 4.0, np.nan]))
    array([ 0.,  2., nan])
    """
    defined = draws[~np.isnan(draws)]
    return draws + (value - defined.mean() if len(defined) else 0.0)


def as_wide_as_means(draws: Floats, values: Floats, rng: np.random.Generator) -> Floats:
    """Draws of one subsample each, averaged in groups that are as wide as draws of means over subsamples.

    The variance that a mean does not have is that within the same data, over subsamples. It is known from few of them,
    and taken at its one-sided 95 % lower limit: too narrow draws would call noise a finding. Means of
    few draws also lose as much of their skewness as a mean over subsamples does.

    Parameters
    ----------
    draws
        ``[draws]``.
    values
        What each subsample of the data gave, ``[subsamples]``; the mean over them is what the draws are compared with.
    rng
        Of the groups.

    Returns
    -------
    ndarray
        ``[draws]``, with the same mean.

    Examples
    --------
    >>> as_wide_as_means(np.array([-1.0, 1.0]), np.array([0.5, 0.5]), np.random.default_rng(0))
    array([-1.,  1.])
    """
    from scipy.stats import chi2

    n, total = len(values), np.nanvar(draws) if np.isfinite(draws).any() else 0.0
    if n < 2 or total == 0:
        return draws
    inside = np.var(values, ddof=1) * (n - 1) / chi2.ppf(0.95, n - 1) * (1 - 1 / n)
    size = 1 / max(1 / n, float(1 - inside / total))
    weights = np.minimum(1, size - np.arange(np.ceil(size)))
    return np.asarray(np.transpose([rng.permutation(draws) for _ in weights]) @ weights / size)
