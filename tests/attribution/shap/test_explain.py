from itertools import combinations
from math import factorial

import numpy as np
import pytest
import shap
from scipy.special import expit, logit
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

from ecglens.attribution.shap.explain import METHODS, explain, explain_folds, has_method
from ecglens.attribution.shap.third_party import Parts
from ecglens.errors import ConfigError, EcgLensError
from ecglens.probes import PROBES, cross_validate, custom_probe

# shap registers its colours through matplotlib calls that are about to go.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 60)
X = (RNG.normal(size=(120, 4)) * [1, 5, 1, 1] + Y[:, None] * [1.0, 0, 2, 0]).astype(np.float32)


def brute_force(value, d):
    """Shapley's formula over all coalitions of `d` features."""
    total = np.zeros(d)
    for feature in range(d):
        others = [i for i in range(d) if i != feature]
        for size in range(d):
            weight = factorial(size) * factorial(d - size - 1) / factorial(d)
            for coalition in combinations(others, size):
                total[feature] += weight * (value({*coalition, feature}) - value({*coalition}))
    return total


def conditional_expectation(tree, x, known, node=0):
    """Probability of class 1 at `node` where only some features are known: the others follow the training records."""
    left, right = tree.children_left[node], tree.children_right[node]
    if left == -1:
        return tree.value[node, 0, 1] / tree.value[node, 0].sum()
    low, high = (conditional_expectation(tree, x, known, child) for child in (left, right))
    if tree.feature[node] in known:
        return low if x[tree.feature[node]] <= tree.threshold[node] else high
    count = tree.n_node_samples
    return (count[left] * low + count[right] * high) / count[node]


def test_tree_values_are_shapley_values():
    model = PROBES.load("decision-tree").make(0).fit(X, Y)
    found = explain(model, X, X[:5]).values
    expected = [brute_force(lambda known, x=x: conditional_expectation(model.tree_, x, known), 4) for x in X[:5]]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_linear_values_are_shapley_values():
    model = PROBES.load("logistic-regression").make(0).fit(X, Y)
    background = X[:30]

    def value(known, x):
        mixed = np.where(np.isin(np.arange(4), list(known)), x, background)
        return model.decision_function(mixed).mean()

    expected = [brute_force(lambda known, x=x: value(known, x), 4) for x in X[50:53]]
    np.testing.assert_allclose(explain(model, background, X[50:53]).values, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("xgboost", lambda model: model.predict(X, output_margin=True)),
        ("decision-tree", lambda model: model.predict_proba(X)[:, 1]),
        ("random-forest", lambda model: model.predict_proba(X)[:, 1]),
        ("logistic-regression", lambda model: model.decision_function(X)),
        ("mlp", lambda model: logit(model.predict_proba(X.astype(np.float64))[:, 1])),
    ],
)
def test_values_add_up_to_the_output_but_for_a_constant(name, output):
    model = PROBES.load(name).make(0).fit(X, Y)
    values = explain(model, X[:40], X).values
    assert (values.shape, values.dtype) == (X.shape, np.float64)
    rest = output(model) - values.sum(axis=1)
    np.testing.assert_allclose(rest, rest.mean(), atol=1e-5)
    assert np.ptp(values.sum(axis=1)) > 0.5


@pytest.mark.parametrize(
    "estimator",
    ["linear_model.SGDClassifier", "linear_model.Perceptron", "linear_model.RidgeClassifier", "svm.LinearSVC",
     "discriminant_analysis.LinearDiscriminantAnalysis"],
)  # fmt: skip
def test_any_linear_model_is_explained_in_closed_form(estimator):
    """The library's linear explainer, on the same background."""
    model = custom_probe("mine", f"sklearn.{estimator}", {}).make(0).fit(X, Y)
    fitted = getattr(model, "estimator", model)
    background = X[:40].astype(np.float64)
    expected = shap.LinearExplainer(fitted, shap.maskers.Independent(background, max_samples=40)).shap_values(X)
    np.testing.assert_allclose(explain(model, background, X).values, np.reshape(expected, X.shape), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("ExtraTreesClassifier", lambda model: model.predict_proba(X)[:, 1]),
        ("GradientBoostingClassifier", lambda model: model.decision_function(X)),
        ("HistGradientBoostingClassifier", lambda model: model.decision_function(X)),
    ],
)
def test_other_trees_are_explained_by_their_paths(name, output):
    model = custom_probe("mine", f"sklearn.ensemble.{name}", {}).make(0).fit(X, Y)
    found = explain(model, X[:1], X)
    np.testing.assert_allclose(found.base + found.values.sum(axis=1), output(model), atol=1e-5)
    assert np.ptp(found.values.sum(axis=1)) > 0.5


@pytest.mark.parametrize("params", [{"loss": "exponential"}, {"init": "zero"}])
def test_boosted_trees_of_another_output_have_no_method(params):
    model = custom_probe("mine", "sklearn.ensemble.GradientBoostingClassifier", params).make(0).fit(X, Y)
    assert not has_method(model)


def test_a_network_whose_units_all_fire_is_linear():
    model = MLPClassifier((6, 5), max_iter=3000, random_state=0).fit(X, Y)
    model.intercepts_[:2] = [np.full(6, 1e2), np.full(5, 1e4)]
    slope = np.linalg.multi_dot(model.coefs_)[:, 0]
    expected = slope * (X.astype(np.float64) - X[:20].astype(np.float64).mean(axis=0))
    np.testing.assert_allclose(explain(model, X[:20], X).values, expected, atol=1e-6)


def test_folds_are_explained_on_the_records_that_they_hold_out():
    folds = np.arange(120) // 2 % 5
    models = cross_validate(X, Y, folds, PROBES.load("logistic-regression"), engine="reference").models
    expected = np.zeros((5, 4))
    for fold, model in enumerate(models):
        scaler, regression = model
        train, test = X[folds != fold].astype(np.float64), X[folds == fold]
        slope = regression.coef_[0] / scaler.scale_
        expected[fold] = np.abs(slope * (test - train.mean(axis=0))).mean(axis=0)
    np.testing.assert_allclose(explain_folds(models, X, folds)[0], expected, rtol=1e-5)


def test_importance_finds_the_planted_feature():
    noise = np.random.default_rng(1).normal(size=(120, 30))
    noise[:, 17] += 4 * Y
    folds = np.arange(120) // 2 % 5
    models = cross_validate(noise, Y, folds, PROBES.load("xgboost")).models
    assert explain_folds(models, noise, folds)[0].mean(axis=0).argmax() == 17


def test_refusals(monkeypatch):
    with pytest.raises(ConfigError, match="no SHAP method for KNeighborsClassifier"):
        explain(KNeighborsClassifier().fit(X, Y), X, X)
    model = PROBES.load("decision-tree").make(0).fit(X, Y)
    wrong = Parts(np.zeros(X.shape), 0.0, np.full(120, 0.5))
    monkeypatch.setitem(METHODS, "DecisionTreeClassifier", lambda *_: wrong)
    with pytest.raises(EcgLensError, match=r"miss the model's output by up to 0\.5"):
        explain(model, X, X)


@pytest.mark.parametrize("missing", [0.0, 1.0, np.nan])
def test_values_that_xgboost_takes_as_missing_are_missing_in_the_explanation(missing):
    rng = np.random.default_rng(0)
    y = np.tile([0, 1], 120)
    X = np.maximum(rng.normal(size=(240, 6)), 0).astype(np.float32)
    X[:, 0] = np.where(rng.random(240) < 0.5 + 0.35 * y, 0, np.round(rng.gamma(2, 1, 240)))
    folds = np.arange(240) // 2 % 6
    probe = custom_probe("x", "xgboost.XGBClassifier", {"missing": missing, "n_estimators": 20, "max_depth": 3})
    model = cross_validate(X, y, folds, probe).models[0]
    found = explain(model, X[folds != 0], X[folds == 0])
    scored = model.predict_proba(X[folds == 0])[:, 1]
    np.testing.assert_allclose(expit(found.base + found.values.sum(axis=1)), scored, atol=1e-5)
