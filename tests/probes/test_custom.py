import pickle
import sys
import types

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from ecglens.errors import ConfigError
from ecglens.probes import cross_validate, custom_probe, fold_metrics
from ecglens.probes.custom import CONTROLLED

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 60)
X = RNG.normal(size=(120, 8)) * [1, 1, 1, 1, 50, 1, 1, 1] + 0.9 * Y[:, None] * (np.arange(8) < 2)
FOLDS = RNG.permutation(120) % 5


def test_a_classifier_with_probabilities_is_the_librarys_own():
    probe = custom_probe("trees", "sklearn.ensemble.ExtraTreesClassifier", {"n_estimators": 30, "max_depth": 4})
    found = probe.make(seed=5).fit(X, Y)
    expected = ExtraTreesClassifier(n_estimators=30, max_depth=4, random_state=5).fit(X, Y)
    np.testing.assert_array_equal(found.predict_proba(X), expected.predict_proba(X))
    assert found.n_jobs is None, "one thread"
    assert probe.calibrated


@pytest.mark.parametrize("scale", [True, False])
def test_a_classifier_with_decision_values_is_ranked_and_split_by_them(scale):
    probe = custom_probe("svm", "sklearn.svm.SVC", {"C": 0.7}, scale=scale)
    found = probe.make(seed=0).fit(X[:80], Y[:80])
    library = (make_pipeline(StandardScaler(), SVC(C=0.7)) if scale else SVC(C=0.7)).fit(X[:80], Y[:80])
    probability = found.predict_proba(X[80:])
    np.testing.assert_array_equal(np.argsort(probability[:, 1]), np.argsort(library.decision_function(X[80:])))
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    np.testing.assert_array_equal(probability[:, 1] > 0.5, library.predict(X[80:]) == 1)
    assert not probe.calibrated


def test_whether_it_has_probabilities_is_a_question_of_its_parameters():
    calibrated = [
        custom_probe("sgd", "sklearn.linear_model.SGDClassifier", {"loss": loss}, scale=True).calibrated
        for loss in ("hinge", "log_loss")
    ]
    assert calibrated == [False, True]


def test_it_is_cross_validated_like_any_other_and_not_judged_as_a_probability():
    probe = custom_probe("svm", "sklearn.svm.SVC", {}, scale=True)
    found = cross_validate(X, Y, FOLDS, probe)
    table = fold_metrics(Y, found.probability, FOLDS, calibrated=probe.calibrated)
    values = table.pivot(index="metric", columns="fold", values="value").mean(axis=1)
    assert values["auroc"] > 0.7
    assert values[["brier", "ece", "calibration_slope"]].isna().all()


def test_the_seed_reaches_it_only_where_it_has_one():
    sgd = custom_probe("sgd", "sklearn.linear_model.SGDClassifier", {"max_iter": 2000})
    assert sgd.make(seed=3).estimator.get_params()["random_state"] == 3
    assert isinstance(sgd.make(seed=3).estimator, SGDClassifier)
    bayes = custom_probe("bayes", "sklearn.naive_bayes.GaussianNB", {})
    assert isinstance(bayes.make(seed=3), GaussianNB)
    assert (sgd.random, bayes.random) == (True, False), "what has no seed is not fitted again with another"


def test_a_classifier_of_the_library_fits_without_a_warning():
    probe = custom_probe("logistic", "sklearn.linear_model.LogisticRegression", {"max_iter": 2000}, scale=True)
    assert cross_validate(X, Y, FOLDS, probe).warnings == ()


def test_it_travels_to_a_worker_and_its_settings_say_all():
    params = {"hidden_layer_sizes": [8, 4], "max_iter": 500, "alpha": 0.01}
    probe = custom_probe("net", "sklearn.neural_network.MLPClassifier", params, scale=True)
    again = pickle.loads(pickle.dumps(probe))  # noqa: S301 - made here
    assert repr(again.make(seed=1)) == repr(probe.make(seed=1))
    assert again.settings == {"estimator": "sklearn.neural_network.MLPClassifier", "params": params, "scale": True}


def test_a_class_that_inherits_its_parameters_has_them():
    probe = custom_probe("boosted", "xgboost.XGBClassifier", {"n_estimators": 5, "max_depth": 2})
    found = probe.make(seed=2).get_params()
    assert (found["max_depth"], found["random_state"], found["n_jobs"]) == (2, 2, 1)
    with pytest.raises(ConfigError, match=r"no parameter 'max_dept'.* Did you mean 'max_depth'"):
        custom_probe("boosted", "xgboost.XGBClassifier", {"max_dept": 2})


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "sklearn.svm.SVM",
            "probe 'p': cannot import 'sklearn.svm.SVM': the module sklearn.svm .* has no 'SVM'. Did you mean 'SV",
        ),
        ("sklearn.svn.SVC", "cannot import 'sklearn.svn.SVC': there is no module 'sklearn.svn': it is not installed"),
        ("SVC", "'SVC' is no import path of a class"),
        ("os.path.join", "os.path.join is not a scikit-learn estimator"),
        ("collections.OrderedDict", "is not a scikit-learn estimator. Give the path of its class"),
        ("sklearn.svm.SVR", "SVR is not a classifier"),
        ("sklearn.preprocessing.StandardScaler", "StandardScaler is not a classifier"),
        ("sklearn.cluster.KMeans", "KMeans is not a classifier"),
        ("sklearn.ensemble.VotingClassifier", "VotingClassifier cannot be made: TypeError.*estimators"),
        ("sklearn.semi_supervised.SelfTrainingClassifier", "SelfTrainingClassifier cannot be made"),
        ("sklearn.neighbors.RadiusNeighborsClassifier", "and predict others: ValueError: No neighbors found"),
        (
            "sklearn.naive_bayes.MultinomialNB",
            "cannot learn two classes from 60 records.*Negative values",
        ),
    ],
)
def test_paths_that_lead_to_no_classifier(path, said):
    with pytest.raises(ConfigError, match=said):
        custom_probe("p", path, {})


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"kernal": "rbf"}, "SVC has no parameter 'kernal'. Did you mean 'kernel'. It has: C, break_ties, cache_size"),
        ({"zzz": 1}, "SVC has no parameter 'zzz'. It has: C, "),
        ({"C": np.arange(3)}, "is not plain data"),
        ({"kernel": np.dot}, "is not plain data"),
        ({"C": [1.0, {"a": np.dot}]}, "is not plain data"),
        ({"class_weight": {0: np.dot}}, "is not plain data"),
        ({"C": -1.0}, "SVC cannot learn two classes.*InvalidParameterError.*'C' parameter of SVC must be"),
        ({"C": "1.0"}, "'C' parameter of SVC must be"),
        ({"kernel": "sigmoidal"}, "'kernel' parameter of SVC must be"),
    ],
)
def test_parameters_that_are_refused(params, said):
    with pytest.raises(ConfigError, match=said):
        custom_probe("p", "sklearn.svm.SVC", params)


@pytest.mark.parametrize(
    ("path", "params"),
    [("sklearn.ensemble.BaggingClassifier", {"max_features": 50}), ("sklearn.svm.SVC", {"class_weight": {0: 1, 1: 5}})],
)
def test_parameters_that_only_a_wide_encoder_allows_and_mappings_are_taken(path, params):
    assert custom_probe("p", path, params).settings["params"] == params


def test_it_is_tried_on_as_many_records_as_a_fold_has():
    path, params = "sklearn.neighbors.KNeighborsClassifier", {"n_neighbors": 200}
    with pytest.raises(ConfigError, match="cannot learn two classes from 93 records"):
        custom_probe("knn", path, params, n_trial=93)
    assert (
        custom_probe("knn", path, params, n_trial=200).settings == custom_probe("knn", path, params, n_trial=0).settings
    )


@pytest.mark.parametrize("key", CONTROLLED)
def test_what_the_study_controls_is_not_the_users_to_set(key):
    with pytest.raises(ConfigError, match=f"'{key}' is not yours to set: {CONTROLLED[key]}"):
        custom_probe("p", "sklearn.ensemble.RandomForestClassifier", {key: 1})


class Odd(ClassifierMixin, BaseEstimator):
    """A classifier whose probabilities are none."""

    def __init__(self, value=2.0):
        self.value = value

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), 2), self.value)


@pytest.mark.parametrize("value", [2.0, float("nan"), -0.1])
def test_probabilities_that_are_none_are_refused(monkeypatch, value):
    module = types.ModuleType("odd_probes")
    module.Odd = Odd
    monkeypatch.setitem(sys.modules, "odd_probes", module)
    with pytest.raises(ConfigError, match="Odd predicts no probability of two classes"):
        custom_probe("odd", "odd_probes.Odd", {"value": value})
    assert custom_probe("odd", "odd_probes.Odd", {"value": 0.5}).calibrated
