import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from xgboost import XGBClassifier

from ecglens.errors import ConfigError
from ecglens.probes import PROBES

RNG = np.random.default_rng(0)
N = 240
Y = RNG.integers(0, 2, N)
X = RNG.normal(size=(N, 6)).astype(np.float32) + Y[:, None] * [1.0, 0.5, 0, 0, 0, 0]
X = X.astype(np.float32)


def fit(name, x, y, seed=0, **changes):
    probe = PROBES.load(name)
    assert probe.fast is not None
    return probe.fast(x, y, np.ones((1, len(y)), dtype=bool), [seed], {**probe.settings, **changes}).models[0]


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
    with pytest.raises(ConfigError, match="depth of 64 at most, max_depth is 65"):
        fit("xgboost", X, Y, max_depth=65)
