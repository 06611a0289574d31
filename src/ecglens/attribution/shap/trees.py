"""Exact path-dependent SHAP values of trees, by a quadrature that is exact for the polynomial at hand.

Let a record know each of its features with probability t. At a node it goes left as its value says (o = 1 or 0) where
it knows the feature, and as the share s of training weight says where it does not: with probability ``s + t (o - s)``.
Shapley's mean over all orders of features is the integral, over t, of the change of the expected output with the
probability of knowing that feature alone (Owen, 1972):

    phi_i = integral from 0 to 1 of  sum over nodes that ask for i  reach (o - s) (below_left - below_right)  dt

where `reach` is the probability of coming to the node and `below` the expected leaf from a child on. Where nodes above
have asked for i before, whoever is here against its value does not know i: o - s counts as 0. Others know it with
probability ``t / (t + (1 - t) seen)`` (Bayes), which takes the place of t, and whose derivative,
``seen / (t + (1 - t) seen)^2``, is one more factor; `seen` is the share of training weight that those nodes let pass.

All nodes that ask for i sum up to a polynomial of degree m - 1 where m features are on the longest path: ceil(m / 2)
Gauss-Legendre points give the integral, not an approximation of it, and a tree costs its nodes times those points. The
values are those of Lundberg et al. (2020), "Tree SHAP".
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.probes.base import to_single
from ecglens.probes.models import TreeEnsemble

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

LANES, STEP = 96, 16
"""Records that are explained side by side: at most, and the numbers that one turn of a vectorised loop takes."""


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
    leaves = model.value / model.divisor
    parent, same, n_features, share, seen, mean = _paths(
        model.feature, model.left, model.right, model.cover, leaves, model.roots
    )
    ends = np.append(model.roots[1:], len(parent)).astype(np.int32)
    columns = np.ascontiguousarray(to_single(X).T)
    values = np.zeros(columns.shape)
    blocks = max(1, -(-len(X) // LANES))
    lanes = -(-len(X) // (blocks * STEP)) * STEP
    _accumulate(
        columns, model.feature, model.threshold, model.left, model.right, leaves, parent, same, n_features, share,
        seen, model.roots, ends, _rules((int(n_features.max()) + 1) // 2), lanes, values,
    )  # fmt: skip
    return values.T, model.base + mean


@cache
def _rules(largest: int) -> Floats:
    """Points and weights of Gauss and Legendre on [0, 1] for every number of points, ``[points + 1, 2, points]``."""
    rules = np.zeros((largest + 1, 2, max(1, largest)))
    for size in range(1, largest + 1):
        points, weights = np.polynomial.legendre.leggauss(size)
        rules[size, :, :size] = (points + 1) / 2, weights / 2
    return rules


@compiled(error_model="numpy")
def _paths(feature, left, right, cover, value, roots):  # type: ignore[no-untyped-def]
    """What leads to each node, and the output where nothing is known.

    Of each node: its parent; the nearest node at or above it whose parent asks for the same feature, -1 where there is
    none; how many features are on the path to it; the share of training weight that goes left; and the share that all
    nodes above with the same feature let pass.
    """
    size, mean = len(feature), 0.0
    parent, same, n_features = np.full(size, -1, np.int32), np.full(size, -1, np.int32), np.zeros(size, np.int32)
    share, seen, weight = np.ones(size), np.ones(size), np.zeros(size)
    weight[roots] = 1
    for node in range(size):
        asked, low, high = feature[node], left[node], right[node]
        if asked < 0:
            mean += weight[node] * value[node]
            continue
        share[node] = cover[low] / (cover[low] + cover[high])
        edge = node
        while parent[edge] >= 0 and feature[parent[edge]] != asked:
            edge = parent[edge]
        above = parent[edge]
        if above >= 0:
            same[node] = edge
            seen[node] = seen[above] * (share[above] if left[above] == edge else 1 - share[above])
        parent[low] = parent[high] = node
        n_features[low] = n_features[high] = n_features[node] + (above < 0)
        weight[low], weight[high] = weight[node] * share[node], weight[node] * (1 - share[node])
    return parent, same, n_features, share, seen, mean


@compiled
def _accumulate(  # type: ignore[no-untyped-def]
    X, feature, threshold, left, right, value, parent, same, n_features, share, seen, roots, ends, rules, lanes, values
):
    """Add every tree's SHAP values to `values`, a block of records at a time; `X` and `values` are ``[d, n]``."""
    largest = (ends - roots).max()
    shift, total = np.zeros((largest, lanes)), np.empty((largest, lanes))
    reach, below = np.empty((largest, lanes)), np.empty((largest, lanes))
    for tree in range(len(roots)):
        root, end = roots[tree], ends[tree]
        asking = np.flatnonzero(feature[root:end] >= 0)
        low, high = left[root:end][asking] - root, right[root:end][asking] - root
        shares, passed = share[root:end][asking], seen[root:end][asking]
        for node in range(root, end):
            if feature[node] < 0:
                below[node - root] = value[node]
        n_points = (n_features[root:end].max() + 1) // 2
        for first in range(0, X.shape[1], lanes):
            for k in asking:
                _compare(X, feature, threshold, left, parent, same, share, root + k, first, shift[k])
                total[k] = 0
            for p in range(n_points):
                point, weight = rules[n_points, 0, p], rules[n_points, 1, p]
                reach[0] = weight
                _descend(reach, shift, asking, low, high, shares, passed, point)
                _climb(reach, below, total, shift, asking, low, high, shares, passed, point)
            for k in asking:
                mine = values[feature[root + k], first : first + lanes]
                for lane in range(len(mine)):
                    mine[lane] += total[k, lane] * shift[k, lane]


@compiled
def _compare(X, feature, threshold, left, parent, same, share, node, first, shift):  # type: ignore[no-untyped-def]
    """Fill `shift` with o - s of a node, 0 for records that nodes above would have sent elsewhere by this feature."""
    x, limit, usual = X[feature[node], first : first + len(shift)], threshold[node], share[node]
    for lane in range(len(x)):
        shift[lane] = (x[lane] <= limit) - usual
    while same[node] >= 0:
        edge = same[node]
        node = parent[edge]
        limit, to_left = threshold[node], left[node] == edge
        for lane in range(len(x)):
            if (x[lane] <= limit) != to_left:
                shift[lane] = 0


@compiled(error_model="numpy")
def _descend(reach, shift, asking, low, high, share, seen, point):  # type: ignore[no-untyped-def]
    """At one point, carry the probability of coming to each node down from the root, ``[nodes, lanes]``."""
    for i in range(len(asking)):
        here, move, to_left, to_right = reach[asking[i]], shift[asking[i]], reach[low[i]], reach[high[i]]
        usual, known = share[i], point / (point + (1 - point) * seen[i])
        for lane in range(len(here)):
            lefts = here[lane] * (usual + known * move[lane])
            to_left[lane] = lefts
            to_right[lane] = here[lane] - lefts


@compiled(error_model="numpy")
def _climb(reach, below, total, shift, asking, low, high, share, seen, point):  # type: ignore[no-untyped-def]
    """At one point, carry the expected leaf up to the root, and add what each node adds to the integral to `total`."""
    for i in range(len(asking) - 1, -1, -1):
        k = asking[i]
        here, move, mine, expected = reach[k], shift[k], total[k], below[k]
        lefts, rights = below[low[i]], below[high[i]]
        scale = 1 / (point + (1 - point) * seen[i])
        usual, known, slope = share[i], point * scale, seen[i] * scale * scale
        for lane in range(len(here)):
            gain = lefts[lane] - rights[lane]
            mine[lane] += slope * here[lane] * gain
            expected[lane] = rights[lane] + (usual + known * move[lane]) * gain
