"""A boosted tree beside a search that tries every cut of every node, in plain numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecglens.probes.fast.bins import cut_columns, make_blocks, sort_columns
from ecglens.probes.fast.boosting import boost


def best_cut(codes, gradient, hessian, penalty):
    """Gain, feature and bin of the best cut, the first of equals; None where none gains."""
    best, found = 1e-6 + gradient.sum() ** 2 / (hessian.sum() + penalty), None
    for feature, column in enumerate(codes):
        for code in np.unique(column)[:-1]:
            left = column <= code
            if min(hessian[left].sum(), hessian[~left].sum()) >= 1:
                gain = sum(gradient[s].sum() ** 2 / (hessian[s].sum() + penalty) for s in (left, ~left))
                if gain > best * (1 + 1e-12):
                    best, found = gain, (feature, code)
    return found


def plain_tree(codes, gradient, hessian, depth, penalty):
    """Value of the leaf of each record."""
    cut = best_cut(codes, gradient, hessian, penalty) if depth else None
    if cut is None:
        return np.full(len(gradient), gradient.sum() / (hessian.sum() + penalty))
    left, value = codes[cut[0]] <= cut[1], np.empty(len(gradient))
    for side in (left, ~left):
        value[side] = plain_tree(codes[:, side], gradient[side], hessian[side], depth - 1, penalty)
    return value


@settings(deadline=None, max_examples=40)
@given(st.integers(4, 60), st.integers(1, 19), st.integers(0, 5), st.integers(0, 10_000))
def test_every_split_is_the_best_there_is(n, d, depth, seed):
    rng = np.random.default_rng(seed)
    bins = cut_columns(sort_columns(rng.integers(0, 9, (n, d)).astype(np.float32)), np.ones(n, dtype=bool), 32)
    # Sixteenths add up exactly, here and in the integers of the histograms.
    gradient, hessian = rng.integers(-16, 17, n) / 16, rng.integers(1, 17, n) / 16
    fitted = np.empty(n)
    tree = boost(make_blocks(bins, depth), gradient, hessian, depth, 1.0, fitted)
    np.testing.assert_allclose(fitted, plain_tree(bins.codes, gradient, hessian, depth, 1.0), atol=1e-12)
    assert tree.cover[0] == hessian.sum()


@pytest.mark.parametrize("n", [200, 2000])
def test_leaves_add_up_to_the_root_and_records_reach_their_leaf(n):
    rng = np.random.default_rng(n)
    x = rng.normal(size=(n, 21)).astype(np.float32)
    bins = cut_columns(sort_columns(x), np.ones(n, dtype=bool), 32)
    gradient, hessian, fitted = rng.normal(size=n) + x[:, 4], rng.random(n), np.empty(n)
    tree = boost(make_blocks(bins, 6), gradient, hessian, 6, 1.0, fitted)
    leaves = tree.feature < 0
    assert tree.cover[leaves].sum() == pytest.approx(hessian.sum())
    assert (tree.cover[leaves] >= 1).all()
    node = np.zeros(n, dtype=int)
    while (inner := tree.feature[node] >= 0).any():
        goes = x[np.arange(n), tree.feature[node]] <= tree.threshold[node]
        node = np.where(inner, np.where(goes, tree.left[node], tree.right[node]), node)
    np.testing.assert_array_equal(tree.value[node], fitted)
    np.testing.assert_allclose(
        [tree.cover[leaf] for leaf in np.unique(node)], [hessian[node == leaf].sum() for leaf in np.unique(node)]
    )
