import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from ecglens.probes import PROBES

# The perceptron may end at its last epoch: cross_validate counts that, here it is not the question.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 60)
X = RNG.normal(size=(120, 8)).astype(np.float32) + 0.8 * Y[:, None] * (np.arange(8) < 2)

LIBRARY_DEFAULTS = {
    "xgboost": XGBClassifier(random_state=7),
    "decision-tree": DecisionTreeClassifier(random_state=7),
    "random-forest": RandomForestClassifier(random_state=7),
    "logistic-regression": make_pipeline(StandardScaler(), LogisticRegression()),
    "mlp": make_pipeline(StandardScaler(), MLPClassifier(max_iter=200, random_state=7)),
}


@pytest.mark.parametrize("name", PROBES.names())
def test_settings_are_the_defaults_of_the_library(name):
    found = PROBES.load(name).make(seed=7).fit(X[:80], Y[:80]).predict_proba(X[80:])
    expected = LIBRARY_DEFAULTS[name].fit(X[:80], Y[:80]).predict_proba(X[80:])
    np.testing.assert_allclose(found, expected, atol=1e-7)


@pytest.mark.parametrize("name", PROBES.names())
def test_the_registered_name_is_the_probes_own(name):
    assert PROBES.load(name).name == name


@pytest.mark.parametrize("name", ["xgboost", "random-forest"])
def test_one_thread_per_fit(name):
    assert PROBES.load(name).make(seed=0).get_params()["n_jobs"] == 1


@pytest.mark.parametrize("name", ["mlp", "random-forest"])
def test_the_seed_reaches_the_estimator(name):
    first, second = (PROBES.load(name).make(seed).fit(X, Y).predict_proba(X) for seed in (0, 1))
    assert not np.allclose(first, second)
