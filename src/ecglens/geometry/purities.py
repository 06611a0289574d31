"""Purity of many labellings, or of many draws of patients, over the same neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ecglens.geometry import kernels
from ecglens.geometry.neighbours import Neighbours
from ecglens.geometry.purity import rescale

TOGETHER = 128
"""Labellings or draws that are worked on at the same time: what a record needs of them lies side by side in memory."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Purities:
    """Purities of many labellings or draws; each of the three is ``[draws, classes]``.

    Parameters
    ----------
    observed, expected
        Share of neighbours of the own class, by class, and its expectation; NaN where a draw holds none of a class.
    counts
        Records of each class.
    """

    observed: Floats
    expected: Floats
    counts: Floats

    def numbers(self, names: Sequence[str]) -> dict[str, Floats]:
        """The numbers of `ecglens.geometry.Purity`, ``[draws]`` each, by the names that they have in a table."""
        size = np.maximum(self.counts.sum(axis=1), 1)
        return {
            "knn_rescaled": rescale(self.observed, self.expected),
            "knn_raw": np.nansum(self.observed * self.counts, axis=1) / size,
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
    columns = len(labels)
    found = _nothing(columns, n_classes)
    small = np.ascontiguousarray(labels.T, dtype=np.int16)
    kernels.in_threads(
        _of_labels, columns, neighbours.indices, small, *_by_group(groups), found.observed, found.expected,
        found.counts, fewest=TOGETHER // 2,
    )  # fmt: skip
    return found


def bootstrap_purities(
    neighbours: Neighbours, label: Ints, groups: Ints, weights: NDArray[np.uint8], n_classes: int
) -> Purities:
    """Purity of patients drawn anew.

    A weight counts where a record looks for neighbours and where it is one: pairs of rare records depend on each other
    both ways.

    Parameters
    ----------
    neighbours
        All of them are used.
    label, groups
        Codes, ``[n]``; `groups` are what the neighbours were searched with.
    weights
        From `patient_weights`, ``[n, repeats]``.
    n_classes
        Codes there are.
    """
    columns = weights.shape[1]
    found = _nothing(columns, n_classes)
    kernels.in_threads(
        _of_weights, columns, neighbours.indices, label, weights, *_by_group(groups), found.observed, found.expected,
        found.counts, fewest=TOGETHER // 2,
    )  # fmt: skip
    return found


def _nothing(columns: int, n_classes: int) -> Purities:
    observed, expected = np.full((2, columns, n_classes), np.nan)
    return Purities(observed, expected, np.zeros((columns, n_classes)))


def _by_group(groups: Ints) -> tuple[Ints, Ints]:
    """Records in the order of their groups, and where each group begins, with the end of the last."""
    order = np.argsort(groups, kind="stable")
    return order, np.flatnonzero(np.diff(groups[order], prepend=-1, append=-1))


@njit(cache=True, nogil=True)
def _of_labels(
    start: int,
    stop: int,
    ids: Any,
    labels: Any,
    order: Any,
    edges: Any,
    observed: Any,
    expected: Any,
    counts: Any,
) -> None:  # pragma: no cover
    n, k, n_classes = len(order), ids.shape[1], observed.shape[1]
    for first in range(start, stop, TOGETHER):
        width = min(TOGETHER, stop - first)
        alike = np.zeros(width, dtype=np.int16)
        hits, total, alone = np.zeros((3, n_classes, width), dtype=np.int64)
        own, chances = np.zeros((n_classes, width)), np.zeros((n_classes, width))
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
        chances += alone * ((total - 1) / max(1, n - 1))
        for q in range(width):
            for c in range(n_classes):
                if total[c, q] > 0:
                    counts[first + q, c] = total[c, q]
                    observed[first + q, c] = hits[c, q] / (k * total[c, q])
                    expected[first + q, c] = chances[c, q] / total[c, q]


@njit(cache=True, nogil=True)
def _of_weights(
    start: int,
    stop: int,
    ids: Any,
    label: Any,
    weights: Any,
    order: Any,
    edges: Any,
    observed: Any,
    expected: Any,
    counts: Any,
) -> None:  # pragma: no cover
    n_classes = observed.shape[1]
    for first in range(start, stop, TOGETHER):
        width = min(TOGETHER, stop - first)
        found, alike = np.zeros((2, width), dtype=np.int32)
        own, total, counted, shares, chances = np.zeros((5, n_classes, width))
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
                n_counted, n_shares, n_chances = counted[c], shares[c], chances[c]
                found[:], alike[:] = 0, 0
                for j in ids[i]:
                    near, same = weights[j, first : first + width], np.int32(label[j] == c)
                    for q in range(width):
                        found[q] += near[q]
                        alike[q] += same * near[q]
                for q in range(width):
                    # Without a branch: a record none of whose neighbours were drawn counts for nothing.
                    weight = np.float64(mine[q]) * (found[q] > 0)
                    n_counted[q] += weight
                    n_shares[q] += weight * (np.float64(alike[q]) / np.float64(max(found[q], 1)))
                    n_chances[q] += weight * ((all_mine[q] - held[q]) / max(everything[q] - size[q], 1.0))
        for q in range(width):
            for c in range(n_classes):
                if counted[c, q] > 0:
                    counts[first + q, c] = counted[c, q]
                    observed[first + q, c] = shares[c, q] / counted[c, q]
                    expected[first + q, c] = chances[c, q] / counted[c, q]
