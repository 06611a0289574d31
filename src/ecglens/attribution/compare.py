"""Overlap of important features between data sets, and their reliability within each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.attribution.feature_groups import correlated_groups, group_importance
from ecglens.attribution.importance import Importance
from ecglens.attribution.null import null_overlap
from ecglens.attribution.overlap import overlap, rank_biased_overlap
from ecglens.attribution.reliability import (
    corrected_overlap,
    measure_ceiling,
    reliability,
    reliability_growth,
    share_of_halves,
)

COLUMNS = ["unit", "dataset", "other", "k", "count", "repeat", "metric", "value"]
FEATURE, GROUP = "feature", "group"
CORRELATED = 0.9
GROWTH_REPEATS = 20


def compare_importances(
    importances: Mapping[str, Importance],
    reference: str,
    X: NDArray[Any],
    *,
    ks: Sequence[int] = (10, 25, 50, 100, 200),
    k: int = 50,
    seed: int = 0,
    null_halves: Mapping[str, NDArray[Any]] = MappingProxyType({}),
) -> pd.DataFrame:
    """Compare every pair of data sets under one encoder and probe, and each data set with itself.

    Parameters
    ----------
    importances
        By data set, of the same features.
    reference
        The data set on which correlated features are grouped.
    X
        Its embeddings, ``[n, d]``.
    ks
        Sizes of the top; one that is no smaller than the number of features or groups is left out, as are all numbers
        of a top where none is smaller.
    k
        The size at which the growth over fits is followed.
    seed
        Random seed of the groups of fits.
    null_halves
        By data set, `Importance.halves` under permuted labels; their overlap is the chance level of halves. Without
        them, it is that of independent choices.

    Returns
    -------
    DataFrame
        Long form: ``unit`` (feature, or group of features correlated beyond 0.9), ``dataset``, ``other`` (the same for
        what is measured inside one), ``k``, ``count`` (fits averaged), ``repeat``, ``metric``, ``value``.

        Between two: share; chance and p_value (of independent choices, hypergeometric); null_mean, null_low, null_high,
        p_permutation (see `null_overlap`; NaN without permutations); most, jaccard; ceiling, ceiling_low, ceiling_high
        (see `measure_ceiling`); halves (share between the halves of the one and of the other), halves_chance, corrected
        ((halves - halves_chance)/(ceiling - halves_chance); NaN if the interval of the ceiling reaches chance); rbo,
        dim. Inside one: reliability_share, reliability_jaccard, kendall_tau (a row per split), growth_jaccard (a row
        per count).

    See Also
    --------
    measure_importance, overlap, reliability
    """
    groups = correlated_groups(X, CORRELATED)
    rows: list[dict[str, Any]] = []
    for unit, labels in ((FEATURE, None), (GROUP, groups)):
        sides = {name: _side(found, null_halves.get(name), labels) for name, found in importances.items()}
        dim = len(sides[reference].mean)
        legal = [size for size in ks if size < dim]
        halves = {name: side.halves for name, side in sides.items()}
        found = [*_inside(halves, legal), *_between(sides, legal, dim)]
        rows += [{"unit": unit, **row} for row in found]
    if k < X.shape[1]:
        rows += [{"unit": FEATURE, **row} for row in _growth(importances, k, seed)]
    return pd.DataFrame(rows, columns=COLUMNS)


class Side(NamedTuple):
    """Importances of one data set: the mean, and those of halves and of permuted labels."""

    mean: NDArray[np.float64]
    halves: NDArray[np.float64]
    permuted: NDArray[np.float64]
    null_halves: NDArray[np.float64]


def _side(found: Importance, null_halves: NDArray[Any] | None, labels: NDArray[np.int64] | None) -> Side:
    nothing = np.empty((0, *found.halves.shape[1:]))
    values = (found.mean, found.halves, found.permuted, nothing if null_halves is None else null_halves)
    return Side(*(_grouped(each, labels) if each.size else each for each in values))


def _grouped(values: NDArray[np.float64], labels: NDArray[np.int64] | None) -> NDArray[np.float64]:
    return values if labels is None else group_importance(values, labels)


def _inside(halves: Mapping[str, NDArray[np.float64]], ks: Sequence[int]) -> Iterator[dict[str, Any]]:
    for name, splits in halves.items():
        place = {"dataset": name, "other": name}
        for k in ks:
            found = reliability(splits[:, 0], splits[:, 1], k)
            for metric, values in (("reliability_share", found.share), ("reliability_jaccard", found.jaccard)):
                for repeat, value in enumerate(values):
                    yield place | {"k": k, "repeat": repeat, "metric": metric, "value": value}
        for repeat, tau in enumerate(reliability(splits[:, 0], splits[:, 1], 1).kendall_tau):
            yield place | {"repeat": repeat, "metric": "kendall_tau", "value": tau}


def _between(sides: Mapping[str, Side], ks: Sequence[int], dim: int) -> Iterator[dict[str, Any]]:
    for a, b in combinations(sides, 2):
        place, one, two = {"dataset": a, "other": b}, sides[a], sides[b]
        for k in ks:
            found = overlap(one.mean, two.mean, k)
            null = null_overlap(one.mean, two.mean, one.permuted, two.permuted, k)
            ceiling = measure_ceiling(
                *(reliability(side.halves[:, 0], side.halves[:, 1], k).share for side in (one, two))
            )
            half = share_of_halves(one.halves, two.halves, k)
            half_null = share_of_halves(one.null_halves, two.null_halves, k).share
            chance = half.chance if np.isnan(half_null) else half_null
            values = {
                "share": found.share,
                "chance": found.chance,
                "null_mean": null.mean,
                "null_low": null.low,
                "null_high": null.high,
                "p_permutation": null.p_value,
                "most": min(found.n_a, found.n_b) / k,
                "p_value": found.p_value,
                "jaccard": found.jaccard,
                "ceiling": ceiling.mean,
                "ceiling_low": max(ceiling.low, 0.0),
                "ceiling_high": min(ceiling.high, 1.0),
                "halves": half.share,
                "halves_chance": chance,
                "corrected": corrected_overlap(half.share, chance, ceiling),
            }
            for metric, value in values.items():
                yield place | {"k": k, "metric": metric, "value": value}
        yield place | {"metric": "rbo", "value": rank_biased_overlap(one.mean, two.mean)}
        yield place | {"metric": "dim", "value": float(dim)}


def _growth(importances: Mapping[str, Importance], k: int, seed: int) -> Iterator[dict[str, Any]]:
    for name, found in importances.items():
        replicates = found.replicates
        counts = [2**power for power in range(12) if 2 ** (power + 1) <= len(replicates)]
        values = reliability_growth(replicates, k, counts, GROWTH_REPEATS, seed)
        for count, value in zip(counts, values, strict=True):
            yield {"dataset": name, "other": name, "k": k, "count": count, "metric": "growth_jaccard", "value": value}
