"""Do data sets agree on the features that matter, as far as each agrees with itself?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.attribution.importance import Importance
from ecglens.attribution.overlap import overlap, rank_biased_overlap
from ecglens.attribution.redundancy import correlated_groups, group_importance
from ecglens.attribution.reliability import corrected_overlap, reliability, reliability_growth, share_of_halves

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
        Of the random groups of fits.

    Returns
    -------
    DataFrame
        Long form: ``unit`` (feature, or group of features correlated beyond 0.9), ``dataset``, ``other`` (the same for
        what is measured inside one), ``k``, ``count`` (fits averaged), ``repeat``, ``metric``, ``value``.

        Between two: share, chance, most, p_value, jaccard, ceiling (geometric mean of the two split-half shares),
        halves (share between the halves of the one and of the other), halves_chance, corrected ((halves -
        halves_chance)/(ceiling - halves_chance); NaN where the ceiling is too low), rbo, dim. Inside one:
        reliability_share, reliability_jaccard, kendall_tau (a row per split), growth_jaccard (a row per count).

    See Also
    --------
    measure_importance, overlap, reliability
    """
    groups = correlated_groups(X, CORRELATED)
    rows: list[dict[str, Any]] = []
    for unit, labels in ((FEATURE, None), (GROUP, groups)):
        means = {name: _grouped(found.mean, labels) for name, found in importances.items()}
        halves = {name: _grouped(found.halves, labels) for name, found in importances.items()}
        dim = len(means[reference])
        legal = [size for size in ks if size < dim]
        found = [*_inside(halves, legal), *_between(means, halves, legal, dim)]
        rows += [{"unit": unit, **row} for row in found]
    if k < X.shape[1]:
        rows += [{"unit": FEATURE, **row} for row in _growth(importances, k, seed)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _grouped(values: NDArray[np.float64], labels: NDArray[np.int64] | None) -> NDArray[np.float64]:
    return values if labels is None else group_importance(values, labels)


def _shares(halves: NDArray[np.float64], ks: Sequence[int]) -> dict[int, float]:
    """Mean split-half share by size of the top; NaN where the data set was not split."""
    if not len(halves):
        return dict.fromkeys(ks, np.nan)
    return {k: float(reliability(halves[:, 0], halves[:, 1], k).share.mean()) for k in ks}


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


def _between(
    means: Mapping[str, NDArray[np.float64]], halves: Mapping[str, NDArray[np.float64]], ks: Sequence[int], dim: int
) -> Iterator[dict[str, Any]]:
    ceilings = {name: _shares(splits, ks) for name, splits in halves.items()}
    for a, b in combinations(means, 2):
        place = {"dataset": a, "other": b}
        for k in ks:
            found = overlap(means[a], means[b], k)
            ceiling = ceilings[a][k], ceilings[b][k]
            half = share_of_halves(halves[a], halves[b], k)
            values = {
                "share": found.share,
                "chance": found.chance,
                "most": min(found.n_a, found.n_b) / k,
                "p_value": found.p_value,
                "jaccard": found.jaccard,
                "ceiling": np.sqrt(np.prod(ceiling)),
                "halves": half.share,
                "halves_chance": half.chance,
                "corrected": corrected_overlap(half.share, half.chance, *ceiling, half.most),
            }
            for metric, value in values.items():
                yield place | {"k": k, "metric": metric, "value": value}
        yield place | {"metric": "rbo", "value": rank_biased_overlap(means[a], means[b])}
        yield place | {"metric": "dim", "value": float(dim)}


def _growth(importances: Mapping[str, Importance], k: int, seed: int) -> Iterator[dict[str, Any]]:
    for name, found in importances.items():
        replicates = found.replicates
        counts = [2**power for power in range(12) if 2 ** (power + 1) <= len(replicates)]
        values = reliability_growth(replicates, k, counts, GROWTH_REPEATS, seed)
        for count, value in zip(counts, values, strict=True):
            yield {"dataset": name, "other": name, "k": k, "count": count, "metric": "growth_jaccard", "value": value}
