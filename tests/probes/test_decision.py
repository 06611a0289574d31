import numpy as np
import pytest
from sklearn.linear_model import Perceptron
from sklearn.svm import SVC, LinearSVC

from ecglens.probes.decision import DecisionScores

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 60)
X = RNG.normal(size=(120, 8)) + 0.9 * Y[:, None] * (np.arange(8) < 2)


@pytest.mark.parametrize("kind", [SVC, LinearSVC, Perceptron])
@pytest.mark.parametrize("scale", [1, 100])
def test_scores_rank_records_and_split_them_as_decision_values_do(kind, scale):
    library, found = kind(random_state=0).fit(scale * X, Y), DecisionScores(kind(random_state=0)).fit(scale * X, Y)
    score = found.predict_proba(scale * X)
    value = library.decision_function(scale * X)
    np.testing.assert_array_equal(np.argsort(score[:, 1], kind="stable"), np.argsort(value, kind="stable"))
    np.testing.assert_array_equal(score[:, 1] > 0.5, library.predict(scale * X) == 1)
    np.testing.assert_allclose(score.sum(axis=1), 1)


def test_the_sign_decides_at_zero():
    class Still:
        classes_ = np.array([0, 1])

        def decision_function(self, X):
            return np.asarray(X)[:, 0]

    assert DecisionScores(Still()).predict_proba(np.array([[0.0], [1e-9], [-1e-9], [3.0]]))[:, 1].tolist() == [
        0.5,
        pytest.approx(0.5 + 5e-10),
        pytest.approx(0.5 - 5e-10),
        0.875,
    ]
