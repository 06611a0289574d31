"""Exact path-dependent SHAP values of trees, by a quadrature that is exact for the polynomial at hand.

A tree of which only the features of a set S are known is a sum over leaves: the leaf's value times, for each feature i
on its path, ``o_i`` where i is in S (1 if the record takes the path there, else 0) and ``z_i`` where it is not (the
share of training weight that takes it). Shapley's mean over all orders of features is an integral over the
probability t with which each of the others is known (Owen, 1972):

    phi_i = sum over leaves of  v (o_i - z_i) * integral from 0 to 1 of  prod_{j != i} (t o_j + (1 - t) z_j)  dt

The integrand has degree m - 1 where m features are on the path: ceil(m / 2) Gauss-Legendre points give the integral,
not an approximation of it. Sums over leaves are carried up edge by edge, so that a tree costs its nodes times those
points. The values are those of Lundberg et al. (2020), "Tree SHAP".
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ecglens.probes.models import TreeEnsemble

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

LANES = 32
"""Records that are explained side by side."""


def tree_shap(model: TreeEnsemble, X: NDArray[Any]) -> tuple[Floats, float]:
    """SHAP values ``[n, d]`` of the output of a tree ensemble, and the output where nothing is known.

    Parameters
    ----------
    model
        Trees, with the training weight that reached each node.
    X
        Records to explain, ``[n, d]``.

    Examples
    --------
    >>> leaf, node = np.array([-1, -1]), np.zeros(3)
    >>> stump = TreeEnsemble(np.r_[0, leaf].astype("i4"), node, np.array([1, 0, 0], "i4"), np.array([2, 0, 0], "i4"),
    ...     np.array([0.0, 0.1, 0.6]), np.array([5.0, 2, 3]), np.array([0], "i4"))
    >>> values, base = tree_shap(stump, np.array([[0.0], [2.0]]))
    >>> values.round(3).tolist(), round(base, 3)
    ([[-0.3], [0.2]], 0.4)
    """
    parent, same, n_features = _paths(model.feature, model.left, model.right)
    ends = np.append(model.roots[1:], len(parent)).astype(np.int32)
    columns = np.ascontiguousarray(np.asarray(X, dtype=np.float32).T)
    values = np.zeros(columns.shape)
    lanes = -(-len(X) // max(1, round(len(X) / LANES)))
    _accumulate(
        columns, model.feature, model.threshold, model.left, model.value, model.cover, parent, same, n_features,
        model.roots, ends, _rules((int(n_features.max()) + 1) // 2), lanes, values,
    )  # fmt: skip
    reach = model.cover / np.repeat(model.cover[model.roots], ends - model.roots)
    return values.T, model.base + float((model.value * reach)[model.feature < 0].sum())


@cache
def _rules(largest: int) -> Floats:
    """Points and weights of Gauss and Legendre on [0, 1] for every number of points, ``[points + 1, 2, points]``."""
    rules = np.zeros((largest + 1, 2, max(1, largest)))
    for size in range(1, largest + 1):
        points, weights = np.polynomial.legendre.leggauss(size)
        rules[size, :, :size] = (points + 1) / 2, weights / 2
    return rules


@njit(cache=True, nogil=True)
def _paths(feature: Ints, left: Ints, right: Ints) -> tuple[Ints, Ints, Ints]:
    """What leads to each node.

    Its parent; the nearest node above it that was reached by the same feature, -1 where there is none; and how many
    features are on the path.
    """
    parent, same = np.full(len(feature), -1, dtype=np.int32), np.full(len(feature), -1, dtype=np.int32)
    n_features = np.zeros(len(feature), dtype=np.int32)
    for node in range(len(feature)):
        if feature[node] >= 0:
            parent[left[node]] = parent[right[node]] = node
        above = parent[node]
        if above < 0:
            continue
        asked = feature[above]
        while parent[above] >= 0 and feature[parent[above]] != asked:
            above = parent[above]
        if parent[above] >= 0:
            same[node] = above
        n_features[node] = n_features[parent[node]] + (same[node] < 0)
    return parent, same, n_features


@njit(cache=True, nogil=True)
def _accumulate(X, feature, threshold, left, value, cover, parent, same, n_features, roots, ends, rules, lanes, values):  # type: ignore[no-untyped-def]
    """Add every tree's SHAP values to `values`, a block of records at a time; `X` and `values` are ``[d, n]``."""
    for tree in range(len(roots)):
        root, size = roots[tree], ends[tree] - roots[tree]
        above, other, share, deepest = _edges(cover, parent, same, n_features, root, size)
        n_points = (deepest + 1) // 2
        taken, product = np.ones((size, lanes)), np.empty((size, lanes))
        total, stale = np.empty((size, lanes)), np.empty((size, lanes))
        for first in range(0, X.shape[1], lanes):
            count = min(lanes, X.shape[1] - first)
            for k in range(1, size):
                node = root + above[k]
                asked, limit, to_left = feature[node], threshold[node], left[node] == root + k
                x, way = X[asked], taken[k]
                for lane in range(count):
                    way[lane] = (x[first + lane] <= limit) == to_left
                if other[k] >= 0:
                    for lane in range(count):
                        way[lane] *= taken[other[k], lane]
            total[:] = 0
            stale[:] = 0
            for p in range(n_points):
                point, weight = rules[n_points, 0, p], rules[n_points, 1, p]
                _descend(product, taken, share, above, other, point)
                _climb(product, total, stale, taken, share, above, other, value[root : root + size] * weight, point)
            for k in range(1, size):
                mine, old = values[feature[root + above[k]]], other[k]
                for lane in range(count):
                    mine[first + lane] += total[k, lane] * (taken[k, lane] - share[k])
                if old >= 0:
                    for lane in range(count):
                        mine[first + lane] -= stale[k, lane] * (taken[old, lane] - share[old])


@njit(cache=True, nogil=True)
def _edges(cover, parent, same, n_features, root, size):  # type: ignore[no-untyped-def]
    """Of one tree: `parent` and `same` counted from its root, the share of training weight that takes each edge, times
    that of the edge above it with the same feature, and the most features on a path.
    """
    above, other, share, deepest = np.empty(size, np.int64), np.empty(size, np.int64), np.ones(size), 0
    for k in range(size):
        above[k], other[k] = parent[root + k] - root, max(same[root + k] - root, -1)
        deepest = max(deepest, n_features[root + k])
        if k:
            share[k] = cover[root + k] / cover[root + above[k]]
        if other[k] >= 0:
            share[k] *= share[other[k]]
    return above, other, share, deepest


@njit(cache=True, nogil=True, error_model="numpy")
def _descend(product, taken, share, above, other, point):  # type: ignore[no-untyped-def]
    """At one point, the product of the factors of all features on the path to each node, ``[nodes, lanes]``."""
    product[0] = 1
    for k in range(1, len(share)):
        before, after, way, rest = product[above[k]], product[k], taken[k], (1 - point) * share[k]
        if other[k] < 0:
            for lane in range(len(after)):
                after[lane] = before[lane] * (rest + point * way[lane])
        else:
            old_way, old = taken[other[k]], (1 - point) * share[other[k]]
            for lane in range(len(after)):
                after[lane] = before[lane] * (rest + point * way[lane]) / (old + point * old_way[lane])


@njit(cache=True, nogil=True, error_model="numpy")
def _climb(product, total, stale, taken, share, above, other, leaf, point):  # type: ignore[no-untyped-def]
    """At one point, sum the leaves below each edge, and take the factor of the edge out of that sum.

    The sums take the place of the products, which have served. `stale` is the sum without the factor that the same
    feature had further up: what the edge up there counts too much.
    """
    kept = np.zeros(len(share))
    for k in range(len(share) - 1, 0, -1):
        here, upper, mine, way = product[k], product[above[k]], total[k], taken[k]
        scale, keep, rest = leaf[k] if kept[k] == 0 else 1.0, kept[above[k]], (1 - point) * share[k]
        out, into = 1 / rest, 1 / (rest + point) - 1 / rest
        for lane in range(len(here)):
            leaves = here[lane] * scale
            upper[lane] = upper[lane] * keep + leaves
            mine[lane] += leaves * (out + into * way[lane])
        kept[above[k]] = 1
        if other[k] >= 0:
            theirs, old_way, rest = stale[k], taken[other[k]], (1 - point) * share[other[k]]
            out, into = 1 / rest, 1 / (rest + point) - 1 / rest
            for lane in range(len(here)):
                theirs[lane] += here[lane] * scale * (out + into * old_way[lane])
