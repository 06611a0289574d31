import numpy as np
import pytest
import shap
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier
from xgboost import DMatrix, XGBClassifier

from ecglens.attribution import top_k
from ecglens.attribution.shap.explain import explain
from ecglens.attribution.shap.trees import tree_shap
from ecglens.probes import PROBES, cross_validate
from ecglens.probes.models import TreeEnsemble
from plain_models import from_scikit_learn, from_xgboost

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 150)
X = (RNG.normal(size=(300, 60)) + 0.6 * Y[:, None] * (np.arange(60) < 6)).astype(np.float32)


def same_top(found, expected, k):
    """Whether the top k are the same features, but for those that are as important as the last."""
    a, b = np.abs(found).mean(axis=0), np.abs(expected).mean(axis=0)
    border = np.sort(b)[-k]
    return all(abs(b[feature] - border) < 1e-9 for feature in set(top_k(a, k)) ^ set(top_k(b, k)))


@pytest.mark.parametrize("n", [1, 32, 75, 120])
@pytest.mark.parametrize(
    "model",
    [DecisionTreeClassifier(random_state=0), RandomForestClassifier(12, random_state=0)],
    ids=["tree", "forest"],
)
def test_values_are_those_of_shap_on_the_same_trees(model, n):
    model.fit(X[:225, :9], Y[:225])  # few features: many are asked for several times on one path
    plain = from_scikit_learn(getattr(model, "estimators_", [model]))
    explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    expected = explainer.shap_values(X[180 : 180 + n, :9], check_additivity=False)[..., 1]
    values, base = tree_shap(plain, X[180 : 180 + n, :9])
    np.testing.assert_allclose(values, expected, atol=1e-9)
    assert base == pytest.approx(explainer.expected_value[1], abs=1e-9)


def test_values_are_those_of_xgboost_on_the_same_trees():
    model = XGBClassifier(n_estimators=40, n_jobs=1).fit(X[:225], Y[:225])
    expected = model.get_booster().predict(DMatrix(X[225:], nthread=1), pred_contribs=True)
    values, _ = tree_shap(from_xgboost(model.get_booster()), X[225:])
    np.testing.assert_allclose(values, expected[:, :-1], atol=2e-5)  # XGBoost adds up 32-bit numbers
    assert same_top(values, expected[:, :-1], 50)


@pytest.mark.parametrize("name", ["decision-tree", "random-forest", "xgboost"])
def test_values_of_the_fast_engine_add_up(name):
    folds = np.arange(300) // 2 % 3
    for model in cross_validate(X, Y, folds, PROBES.load(name)).models:
        found = explain(model, X[:1], X)
        assert found.additivity_error < 1e-9
        np.testing.assert_allclose(found.base + found.values.sum(axis=1), model.decision_function(X), atol=1e-9)


def test_a_deep_tree_of_repeated_features_and_tiny_covers():
    rng = np.random.default_rng(1)
    x = np.exp(rng.normal(size=(2000, 3)) * 3).astype(np.float32)
    y = ((x.sum(axis=1) > 60) ^ (rng.random(2000) < 0.3)).astype(int)
    weight = np.where(rng.random(2000) < 0.02, 1e4, 1e-3)
    model = DecisionTreeClassifier(random_state=0, max_features=1).fit(x, y, sample_weight=weight)
    assert model.get_depth() >= 20
    explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    expected = explainer.shap_values(x[:150], check_additivity=False)[..., 1]
    plain = from_scikit_learn([model])
    values, base = tree_shap(plain, x[:150])
    np.testing.assert_allclose(values, expected, atol=1e-9)
    np.testing.assert_allclose(base + values.sum(axis=1), plain.decision_function(x[:150]), atol=1e-12)


def expectation(model, x, known, node=0):
    """Output of the tree at `node` where only some features are known: the others follow the training weight."""
    feature, low, high = model.feature[node], model.left[node], model.right[node]
    if feature < 0:
        return model.value[node]
    if feature in known:
        return expectation(model, x, known, low if x[feature] <= model.threshold[node] else high)
    parts = [model.cover[child] * expectation(model, x, known, child) for child in (low, high)]
    return sum(parts) / (model.cover[low] + model.cover[high])


def test_a_side_that_no_training_weight_took():
    leaf = -1
    model = TreeEnsemble(
        np.array([0, leaf, 1, leaf, 0, leaf, leaf], "i4"),
        np.array([0.0, 0, 0, 0, 1, 0, 0]),
        np.array([1, 0, 3, 0, 5, 0, 0], "i4"),
        np.array([2, 0, 4, 0, 6, 0, 0], "i4"),
        np.array([0.0, 1, 0, 2, 0, 7, 5]),
        np.array([8.0, 0, 8, 3, 5, 5, 0]),
        np.array([0], "i4"),
    )
    x = np.array([[a, b] for a in (-1.0, 0.5, 2.0) for b in (-1.0, 1.0)])
    values, base = tree_shap(model, x)
    v = np.array([[expectation(model, row, known) for known in ((), (0,), (1,), (0, 1))] for row in x])
    first = (v[:, 1] - v[:, 0] + v[:, 3] - v[:, 2]) / 2
    np.testing.assert_allclose(values, np.stack([first, v[:, 3] - v[:, 0] - first], axis=1), atol=1e-12)
    assert base == pytest.approx(v[0, 0])


def test_a_forest_keeps_its_top():
    model = RandomForestClassifier(30, random_state=0).fit(X, Y)
    expected = shap.TreeExplainer(model).shap_values(X, check_additivity=False)[..., 1]
    assert same_top(tree_shap(from_scikit_learn(model.estimators_), X)[0], expected, 50)
