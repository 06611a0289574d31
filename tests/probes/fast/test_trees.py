import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier

from ecglens.probes.fast.bins import cut_columns, sort_columns
from ecglens.probes.fast.trees import grow

RNG = np.random.default_rng(0)
N = 240
Y = RNG.integers(0, 2, N)
X = RNG.normal(size=(N, 6)).astype(np.float32) + Y[:, None] * [1.0, 0.5, 0, 0, 0, 0]
X = X.astype(np.float32)


def impurity(side, y, weight):
    """Gini impurity of some records, times their weight."""
    total = weight[side].sum()
    return 0 if total == 0 else 2 * total * np.prod([weight[side & (y == label)].sum() / total for label in (0, 1)])


def best_gini(x, y, weight):
    """Smallest impurity of any split at any midpoint, by trying them all."""
    used = weight > 0
    cuts = [(np.unique(column[used])[1:] + np.unique(column[used])[:-1]) / 2 for column in x.T]
    return min(
        impurity(x[:, feature] <= cut, y, weight) + impurity(x[:, feature] > cut, y, weight)
        for feature in range(x.shape[1])
        for cut in cuts[feature]
    )


@settings(deadline=None, max_examples=40)
@given(st.integers(6, 40), st.integers(0, 10_000))
def test_the_first_split_lowers_the_weighted_impurity_most(n, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 30, (n, 3)).astype(np.float32), np.r_[0, 1, rng.integers(0, 2, n - 2)]
    weight = np.r_[1, 1, rng.integers(0, 4, n - 2)].astype(np.float64)
    bins = cut_columns(sort_columns(x), np.ones(n, dtype=bool), 255)
    tree = grow(bins, weight * y, weight, 3, seed)
    if tree.feature[0] >= 0:
        left = x[:, tree.feature[0]] <= tree.threshold[0]
        assert impurity(left, y, weight) + impurity(~left, y, weight) == pytest.approx(
            best_gini(x, y, weight), abs=1e-9
        )


def test_the_upper_splits_are_those_of_scikit_learn():
    bins = cut_columns(sort_columns(X), np.ones(N, dtype=bool), 255)
    tree = grow(bins, Y.astype(float), np.ones(N), 6, 0)
    depth = np.zeros(len(tree.feature), dtype=int)
    for node in np.flatnonzero(tree.feature >= 0):
        depth[[tree.left[node], tree.right[node]]] = depth[node] + 1
    expected = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, Y).tree_
    upper = (tree.feature >= 0) & (depth < 3)
    np.testing.assert_array_equal(np.sort(tree.threshold[upper]), np.sort(expected.threshold[expected.feature >= 0]))


def test_a_tree_grows_until_its_leaves_are_pure():
    weight = np.arange(N) % 3.0
    tree = grow(cut_columns(sort_columns(X), np.ones(N, dtype=bool), 256), weight * Y, weight, 2, 5)
    leaves = tree.feature < 0
    assert np.isin(tree.value[leaves], (0, 1)).all()
    assert (tree.cover[0], tree.cover[leaves].sum()) == (weight.sum(), weight.sum())
