"""Values and base of the libraries' methods add up to what the fitted estimator itself says."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from ecglens.attribution.shap import third_party

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 60)
X = RNG.normal(size=(120, 4)) + Y[:, None] * [1.0, 0, 2, 0]


def log_odds(model):
    probability = model.predict_proba(X)[:, 1]
    return np.log(probability / (1 - probability))


@pytest.mark.parametrize(
    ("method", "model", "output"),
    [
        (third_party.boosted_trees, XGBClassifier(n_estimators=9), log_odds),
        (third_party.trees, DecisionTreeClassifier(max_depth=3), lambda model: model.predict_proba(X)[:, 1]),
        (third_party.trees, RandomForestClassifier(n_estimators=9), lambda model: model.predict_proba(X)[:, 1]),
        (third_party.boosting, GradientBoostingClassifier(n_estimators=9), log_odds),
        (third_party.boosting, HistGradientBoostingClassifier(max_iter=9), log_odds),
        (third_party.linear, LinearDiscriminantAnalysis(), log_odds),
        (third_party.network, MLPClassifier((5, 3), activation="tanh", max_iter=500, random_state=0), log_odds),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else "",
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_parts_add_up(method, model, output) -> None:
    values, base, told, tolerance = method(model.fit(X, Y), X[:30], X)
    np.testing.assert_allclose(told, output(model), atol=1e-5)
    np.testing.assert_allclose(base + values.sum(axis=1), told, atol=tolerance)
    assert np.abs(values).mean(axis=0).argmax() == 2


def test_only_a_plain_sum_of_features_is_linear() -> None:
    linear = LinearSVC().fit(X, Y), LinearDiscriminantAnalysis().fit(X, Y)
    others = SVC().fit(X, Y), KNeighborsClassifier().fit(X, Y), DecisionTreeClassifier().fit(X, Y)
    assert all(map(third_party.is_linear, linear))
    assert not any(map(third_party.is_linear, others))


def test_boosted_trees_of_another_loss_or_start_do_not_add_log_odds() -> None:
    assert third_party.adds_log_odds(GradientBoostingClassifier())
    assert not third_party.adds_log_odds(GradientBoostingClassifier(loss="exponential"))
    assert not third_party.adds_log_odds(GradientBoostingClassifier(init="zero"))
