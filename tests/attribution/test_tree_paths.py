import json

import numpy as np
import pytest
import shap
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier
from xgboost import DMatrix, XGBClassifier

from ecglens.attribution import explain_checked, top_k
from ecglens.attribution.tree_paths import tree_shap
from ecglens.probes import PROBES, cross_validate
from ecglens.probes.grower import Tree
from ecglens.probes.trees import join_trees

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 150)
X = (RNG.normal(size=(300, 60)) + 0.6 * Y[:, None] * (np.arange(60) < 6)).astype(np.float32)


def same_top(found, expected, k):
    """Whether the top k are the same features, but for those that are as important as the last."""
    a, b = np.abs(found).mean(axis=0), np.abs(expected).mean(axis=0)
    border = np.sort(b)[-k]
    return all(abs(b[feature] - border) < 1e-9 for feature in set(top_k(a, k)) ^ set(top_k(b, k)))


@pytest.mark.parametrize("n", [1, 32, 75])
@pytest.mark.parametrize(
    "model",
    [DecisionTreeClassifier(random_state=0), RandomForestClassifier(12, random_state=0)],
    ids=["tree", "forest"],
)
def test_values_are_those_of_shap_on_the_same_trees(model, n, plain_forest):
    model.fit(X[:225, :9], Y[:225])  # few features: many are asked for several times on one path
    plain = plain_forest(getattr(model, "estimators_", [model]))
    explainer = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    expected = explainer.shap_values(X[225 : 225 + n, :9], check_additivity=False)[..., 1]
    values, base = tree_shap(plain, X[225 : 225 + n, :9])
    np.testing.assert_allclose(values, expected, atol=1e-9)
    assert base == pytest.approx(explainer.expected_value[1], abs=1e-9)


def from_xgboost(model):
    """The trees of a booster; it asks for less, the plain trees for at most, so that thresholds move by one step."""
    trees = []
    for text in model.get_booster().get_dump(dump_format="json", with_stats=True):
        nodes = {}
        waiting = [json.loads(text)]
        for node in waiting:
            nodes[node["nodeid"]] = node
            waiting += node.get("children", [])
        place = {number: position for position, number in enumerate(nodes)}
        column = [nodes[number] for number in place]
        trees.append(
            Tree(
                np.array([int(node["split"][1:]) if "split" in node else -1 for node in column], dtype=np.int32),
                np.nextafter(
                    np.float32([node.get("split_condition", 0) for node in column]), np.float32(-np.inf)
                ).astype(float),
                np.array([place[node["yes"]] if "yes" in node else 0 for node in column], dtype=np.int32),
                np.array([place[node["no"]] if "no" in node else 0 for node in column], dtype=np.int32),
                np.array([node.get("leaf", 0.0) for node in column]),
                np.array([node["cover"] for node in column]),
            )
        )
    return join_trees(trees, link="logistic")


def test_values_are_those_of_xgboost_on_the_same_trees():
    model = XGBClassifier(n_estimators=40, n_jobs=1).fit(X[:225], Y[:225])
    expected = model.get_booster().predict(DMatrix(X[225:], nthread=1), pred_contribs=True)
    values, _ = tree_shap(from_xgboost(model), X[225:])
    np.testing.assert_allclose(values, expected[:, :-1], atol=2e-5)  # XGBoost adds up 32-bit numbers
    assert same_top(values, expected[:, :-1], 50)


@pytest.mark.parametrize("name", ["decision-tree", "random-forest", "xgboost"])
def test_values_of_the_fast_engine_add_up(name):
    folds = np.arange(300) // 2 % 3
    for model in cross_validate(X, Y, folds, PROBES.load(name)).models:
        found = explain_checked(model, X[:1], X)
        assert found.gap < 1e-9
        np.testing.assert_allclose(found.base + found.values.sum(axis=1), model.decision_function(X), atol=1e-9)


def test_a_forest_keeps_its_top(plain_forest):
    model = RandomForestClassifier(30, random_state=0).fit(X, Y)
    expected = shap.TreeExplainer(model).shap_values(X, check_additivity=False)[..., 1]
    assert same_top(tree_shap(plain_forest(model.estimators_), X)[0], expected, 50)
