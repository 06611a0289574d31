import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from ecglens.errors import ConfigError
from ecglens.probes import PROBES
from ecglens.probes.fast.bins import cut_columns, sort_columns
from ecglens.probes.fast.trees import Growth, grow
from ecglens.probes.trees import join_trees

RNG = np.random.default_rng(0)
N = 240
Y = RNG.integers(0, 2, N)
X = RNG.normal(size=(N, 6)).astype(np.float32) + Y[:, None] * [1.0, 0.5, 0, 0, 0, 0]
X = X.astype(np.float32)
ALL = np.ones(N, dtype=bool)


def fit(name, x, y, seed=0, **changes):
    probe = PROBES.load(name)
    assert probe.fast is not None
    return probe.fast(x, y, np.ones((1, len(y)), dtype=bool), [seed], {**probe.settings, **changes}).models[0]


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 60), st.integers(2, 9), st.integers(0, 10_000))
def test_bins_keep_the_order_and_the_cuts_separate_them(n, max_bin, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 20, (n, 3)).astype(np.float32) / 4
    train = np.r_[True, rng.random(n - 1) < 0.7]
    bins = cut_columns(sort_columns(x), train, max_bin)
    for feature, column in enumerate(x[train].T):
        least, largest = (values[feature, : bins.counts[feature]] for values in (bins.least, bins.largest))
        cuts = (largest[:-1] + least[1:]) / 2
        np.testing.assert_array_equal(bins.codes[feature], np.searchsorted(cuts, column, side="left"))
        assert len(cuts) < max_bin
        if len(np.unique(column)) <= max_bin:
            np.testing.assert_array_equal(cuts, (np.unique(column)[1:] + np.unique(column)[:-1]) / 2)


def test_bins_hold_about_as_many_training_records_each():
    train = RNG.random(N) < 0.8
    bins = cut_columns(sort_columns(X), train, 16)
    counts = np.array([np.bincount(codes, minlength=16) for codes in bins.codes])
    np.testing.assert_allclose(counts, train.sum() / 16, atol=1)
    far = np.where(train[:, None], X, 1e9)
    np.testing.assert_array_equal(cut_columns(sort_columns(far), train, 16).largest, bins.largest)


def best_gini(x, y, weight):
    """Smallest impurity of any split at any midpoint, by trying them all."""

    def impurity(side):
        total = weight[side].sum()
        return 0 if total == 0 else 2 * total * np.prod([weight[side & (y == label)].sum() / total for label in (0, 1)])

    used = weight > 0
    cuts = [(np.unique(column[used])[1:] + np.unique(column[used])[:-1]) / 2 for column in x.T]
    return min(
        impurity(x[:, feature] <= cut) + impurity(x[:, feature] > cut)
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
    tree = grow(bins, weight * y, weight, Growth(1, 3, 0.0, gini=True), seed, np.empty(n))
    if tree.feature[0] >= 0:
        expected = sum(
            2 * share * (1 - share) * total for share, total in zip(tree.value[1:], tree.cover[1:], strict=True)
        )
        assert expected == pytest.approx(best_gini(x, y, weight), abs=1e-9)


def test_a_small_tree_is_that_of_scikit_learn():
    bins = cut_columns(sort_columns(X), ALL, 255)
    tree = grow(bins, Y.astype(float), np.ones(N), Growth(3, 6, 0.0, gini=True), 0, np.empty(N))
    expected = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, Y).tree_
    np.testing.assert_array_equal(
        np.sort(tree.threshold[tree.feature >= 0]), np.sort(expected.threshold[expected.feature >= 0])
    )
    np.testing.assert_allclose(join_trees([tree]).predict_proba(X)[:, 1], expected.predict(X)[:, 1], atol=1e-12)


def test_a_decision_tree_grows_until_it_is_pure():
    model = fit("decision-tree", X, Y)
    np.testing.assert_array_equal(model.predict_proba(X)[:, 1], Y)
    assert model.cover[0] == N


@pytest.mark.parametrize("max_depth", [2, 6])
def test_boosting_follows_xgboost_on_the_same_bins(max_depth):
    coarse = np.round(X * 3).astype(np.float32)
    ours = fit("xgboost", coarse, Y, n_estimators=20, max_depth=max_depth)
    theirs = XGBClassifier(n_estimators=20, max_depth=max_depth, tree_method="hist", n_jobs=1).fit(coarse, Y)
    np.testing.assert_allclose(
        ours.decision_function(coarse), theirs.predict(coarse, output_margin=True), atol=0.02 if max_depth == 2 else 0.5
    )


def test_a_forest_is_as_good_as_that_of_scikit_learn():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 600)
    x = rng.normal(size=(600, 12)).astype(np.float32) + 0.5 * y[:, None] * (np.arange(12) < 4)
    ours, theirs = [], []
    for seed in range(3):
        ours.append(fit("random-forest", x[:400], y[:400], seed).predict_proba(x[400:])[:, 1])
        forest = RandomForestClassifier(random_state=seed).fit(x[:400], y[:400])
        theirs.append(forest.predict_proba(x[400:])[:, 1])
    assert np.corrcoef(np.mean(ours, axis=0), np.mean(theirs, axis=0))[0, 1] > 0.97
    assert roc_auc_score(y[400:], np.mean(ours, axis=0)) == pytest.approx(
        roc_auc_score(y[400:], np.mean(theirs, axis=0)), abs=0.02
    )


@pytest.mark.parametrize("n_estimators", [10, 49, 100])
def test_an_equal_vote_is_one_half_and_no_bit_more(n_estimators):
    """scikit-learn does not call a record positive on which its trees are split evenly."""
    rng = np.random.default_rng(2)
    model = fit("random-forest", rng.normal(size=(300, 4)), rng.integers(0, 2, 300), n_estimators=n_estimators)
    found = model.predict_proba(rng.normal(size=(2000, 4)))[:, 1]
    assert np.isin(found, np.arange(n_estimators + 1) / n_estimators).all()


def test_trees_of_a_forest_see_different_records_and_features():
    model = fit("random-forest", X, Y, n_estimators=30)
    assert len(model.roots) == 30
    assert len(set(model.feature[model.roots])) > 2
    assert model.cover[model.roots].tolist() == [N] * 30
    assert not np.array_equal(model.predict_proba(X)[:, 1], Y)


def test_the_seed_and_nothing_else_decides():
    first, again, other = (fit("random-forest", X, Y, seed, n_estimators=7).predict_proba(X) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_constant_embedding_gives_the_prevalence():
    for name in ("decision-tree", "random-forest", "xgboost"):
        model = fit(name, np.ones((N, 3)), Y)
        np.testing.assert_allclose(model.predict_proba(np.ones((2, 3)))[:, 1], Y.mean(), atol=0.02)


def test_settings_that_the_fast_form_does_not_know_are_refused():
    with pytest.raises(ConfigError, match=r"cannot fit with subsample=0\.5\. Use the reference engine"):
        fit("xgboost", X, Y, subsample=0.5)
    with pytest.raises(ConfigError, match="criterion='entropy'"):
        fit("decision-tree", X, Y, criterion="entropy")
