import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from ecglens.probes.models import LinearModel, Perceptron, TreeEnsemble
from plain_models import from_scikit_learn

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 60)
X = RNG.normal(size=(120, 5)).astype(np.float32) + Y[:, None] * (np.arange(5) < 2)


def test_a_linear_model_predicts_as_scikit_learn_with_its_coefficients():
    fitted = LogisticRegression().fit(X, Y)
    model = LinearModel(fitted.coef_[0].astype(np.float64), float(fitted.intercept_[0]))
    np.testing.assert_allclose(model.predict_proba(X), fitted.predict_proba(X), atol=1e-6)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_perceptron_predicts_as_scikit_learn_with_its_weights():
    fitted = MLPClassifier((7,), max_iter=20, random_state=0).fit(X.astype(np.float64), Y)
    (hidden, output), (hidden_bias, output_bias) = fitted.coefs_, fitted.intercepts_
    model = Perceptron(hidden, hidden_bias, output[:, 0], float(output_bias[0]))
    np.testing.assert_allclose(model.predict_proba(X), fitted.predict_proba(X.astype(np.float64)), atol=1e-12)


def test_trees_predict_as_the_forest_they_come_from():
    fitted = RandomForestClassifier(7, random_state=0).fit(X, Y)
    model = from_scikit_learn(fitted.estimators_)
    np.testing.assert_allclose(model.predict_proba(X), fitted.predict_proba(X), atol=1e-12)


def test_the_link_of_boosted_trees_is_logistic():
    leaf = np.array([-1], dtype=np.int32)
    model = TreeEnsemble(leaf, np.zeros(1), leaf, leaf, np.array([0.5]), np.ones(1), leaf * 0, -0.5, "logistic")
    np.testing.assert_allclose(model.predict_proba(X), 0.5)
