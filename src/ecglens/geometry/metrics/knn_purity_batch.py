"""Purity of many labellings, or with many weights of the records, over the same neighbours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.geometry.metrics.knn_purity import attainable_per_record, legal_alike, rescale
from ecglens.geometry.neighbours.knn import Neighbours
from ecglens.threads import in_threads

TOGETHER = 128
"""Labellings or weightings worked on at the same time: what a record needs of them is side by side in memory."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Purities:
    """Purities of many labellings or weightings; each of the four is ``[weightings, classes]``.

    Parameters
    ----------
    observed, expected, attainable
        Share of neighbours of the own class, by class, its expectation, and the most that it can be; NaN where a
        class has no weight.
    counts
        Records of each class.
    """

    observed: Floats
    expected: Floats
    attainable: Floats
    counts: Floats

    def numbers(self, names: Sequence[str]) -> dict[str, Floats]:
        """The numbers of `ecglens.geometry.Purity`, ``[weightings]`` each, by the names that they have in a table."""
        size = self.counts.sum(axis=1)
        shares = np.nansum(self.observed * self.counts, axis=1) / np.maximum(size, 1)
        return {
            "knn_rescaled": rescale(self.observed, self.expected, self.attainable),
            "knn_raw": np.where(size > 0, shares, np.nan),
            "knn_macro": self.observed.mean(axis=1),
            **{f"knn_class:{name}": self.observed[:, code] for code, name in enumerate(names)},
        }


def permuted_purities(neighbours: Neighbours, labels: NDArray[Any], groups: Ints, n_classes: int) -> Purities:
    """Purity of many labellings over fixed neighbours.

    Parameters
    ----------
    neighbours
        All of them are used.
    labels
        Codes, ``[permutations, n]``.
    groups
        Codes of the groups that the neighbours were searched with, ``[n]``.
    n_classes
        Codes there are.
    """
    small = np.ascontiguousarray(labels.T, dtype=np.int16)
    return _purities(_of_labels, len(labels), n_classes, neighbours.indices, small, *_by_group(groups))


def weighted_purities(
    neighbours: Neighbours, label: Ints, groups: Ints, weights: NDArray[np.uint8], n_classes: int
) -> Purities:
    """Purity where records count a number of times, or not at all.

    A weight counts where a record looks for neighbours and where it is one: pairs of rare records depend on each other
    both ways. The most that a record of a small class can reach is that of all its own class, as often as they count,
    among neighbours of which the others weigh as much as those that it has: so nothing exceeds 1 rescaled.

    Parameters
    ----------
    neighbours
        All of them are used.
    label, groups
        Codes, ``[n]``; `groups` are what the neighbours were searched with.
    weights
        How often records count, ``[n, repeats]``.
    n_classes
        Codes there are.
    """
    attainable = attainable_per_record(legal_alike(label, groups), neighbours.k)
    facts = neighbours.indices, label, attainable, weights
    return _purities(_of_weights, weights.shape[1], n_classes, *facts, *_by_group(groups))


def _purities(kernel: Callable[..., None], columns: int, n_classes: int, *facts: Any) -> Purities:
    found = np.full((4, columns, n_classes), np.nan)
    found[3] = 0
    in_threads(kernel, columns, *facts, found, fewest=TOGETHER // 2)
    return Purities(*found)


def _by_group(groups: Ints) -> tuple[Ints, Ints]:
    """Records in the order of their groups, and where each group begins, with the end of the last."""
    order = np.argsort(groups, kind="stable")
    return order, np.flatnonzero(np.diff(groups[order], prepend=-1, append=-1))


@compiled
def _of_labels(
    start: int, stop: int, ids: Any, labels: Any, order: Any, edges: Any, purities: Any
) -> None:  # pragma: no cover
    n, k, n_classes = len(order), ids.shape[1], purities.shape[2]
    for first in range(start, stop, TOGETHER):
        width = min(TOGETHER, stop - first)
        alike = np.zeros(width, dtype=np.int16)
        hits, total, alone = np.zeros((3, n_classes, width), dtype=np.int64)
        own, chances, tops = np.zeros((3, n_classes, width))
        for i in range(n):
            mine = labels[i, first : first + width]
            alike[:] = 0
            for j in ids[i]:
                theirs = labels[j, first : first + width]
                for q in range(width):
                    alike[q] += theirs[q] == mine[q]
            for q in range(width):
                hits[mine[q], q] += alike[q]
                total[mine[q], q] += 1
        for g in range(len(edges) - 1):
            members = order[edges[g] : edges[g + 1]]
            if len(members) == 1:
                for q in range(width):
                    alone[labels[members[0], first + q], q] += 1
                continue
            own[:] = 0
            for i in members:
                for q in range(width):
                    own[labels[i, first + q], q] += 1
            chances += own * (total - own) / (n - len(members))
            tops += own * np.minimum(total - own, k)
        chances += alone * ((total - 1) / max(1, n - 1))
        tops += alone * np.minimum(total - 1, k)
        for q in range(width):
            for c in range(n_classes):
                if total[c, q] > 0:
                    purities[0, first + q, c] = hits[c, q] / (k * total[c, q])
                    purities[1, first + q, c] = chances[c, q] / total[c, q]
                    purities[2, first + q, c] = tops[c, q] / (k * total[c, q])
                    purities[3, first + q, c] = total[c, q]


@compiled
def _of_weights(
    start: int, stop: int, ids: Any, label: Any, attainable: Any, weights: Any, order: Any, edges: Any, purities: Any
) -> None:  # pragma: no cover
    n_classes = purities.shape[2]
    for first in range(start, stop, TOGETHER):
        width = min(TOGETHER, stop - first)
        found, alike = np.zeros((2, width), dtype=np.int32)
        own, total, counted, shares, chances, tops = np.zeros((6, n_classes, width))
        size, everything = np.zeros((2, width))
        for i in range(len(label)):
            for q in range(width):
                total[label[i], q] += weights[i, first + q]
        for c in range(n_classes):
            everything += total[c]
        for g in range(len(edges) - 1):
            members = order[edges[g] : edges[g + 1]]
            own[:], size[:] = 0, 0
            for i in members:
                for q in range(width):
                    own[label[i], q] += weights[i, first + q]
                    size[q] += weights[i, first + q]
            for i in members:
                c = label[i]
                mine, all_mine, held = weights[i, first : first + width], total[c], own[c]
                n_counted, n_shares, n_chances, n_tops = counted[c], shares[c], chances[c], tops[c]
                found[:], alike[:] = 0, 0
                for j in ids[i]:
                    near, same = weights[j, first : first + width], np.int32(label[j] == c)
                    for q in range(width):
                        found[q] += near[q]
                        alike[q] += same * near[q]
                full = np.float64(attainable[i] >= 1)
                for q in range(width):
                    # Without a branch: a record none of whose neighbours were drawn counts for nothing.
                    weight = np.float64(mine[q]) * (found[q] > 0)
                    n_counted[q] += weight
                    n_tops[q] += weight * full
                    n_shares[q] += weight * (np.float64(alike[q]) / np.float64(max(found[q], 1)))
                    n_chances[q] += weight * ((all_mine[q] - held[q]) / max(everything[q] - size[q], 1.0))
                if attainable[i] < 1:
                    strangers = 0
                    for j in ids[i]:
                        strangers += label[j] != c
                    # Places in the list that no record of the own class can fill, over those that others do fill.
                    kept = len(ids[i]) * (1 - attainable[i]) / max(strangers, 1)
                    for q in range(width):
                        mates, rest = all_mine[q] - held[q], (found[q] - alike[q]) * kept
                        n_tops[q] += mine[q] * (found[q] > 0) * (mates / max(mates + rest, 1e-9))
        for q in range(width):
            for c in range(n_classes):
                if counted[c, q] > 0:
                    purities[0, first + q, c] = shares[c, q] / counted[c, q]
                    purities[1, first + q, c] = chances[c, q] / counted[c, q]
                    purities[2, first + q, c] = tops[c, q] / counted[c, q]
                    purities[3, first + q, c] = counted[c, q]
