from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ecglens.errors import CannotFillError, EcgLensError
from ecglens.probes import PROBES, cross_validate, custom_probe

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 60)
X = RNG.normal(size=(120, 6)) * [1, 10, 100, 1, 1, 1] + 0.8 * Y[:, None]
FOLDS = RNG.permutation(120) % 5
QUICK = {"mlp": {"max_iter": 5}, "random-forest": {"n_estimators": 5}, "xgboost": {"n_estimators": 5}}


def test_out_of_fold_predictions_are_those_of_scikit_learn():
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
    expected = cross_val_predict(model, X, Y, cv=PredefinedSplit(FOLDS), method="predict_proba")[:, 1]
    found = cross_validate(X, Y, FOLDS, PROBES.load("logistic-regression"), engine="reference")
    np.testing.assert_allclose(found.probability, expected, rtol=1e-9)


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_models_are_in_fold_order_and_did_not_see_their_records(engine):
    result = cross_validate(X, Y, FOLDS, PROBES.load("decision-tree"), engine=engine)
    for fold, model in enumerate(result.models):
        test = np.isin(FOLDS, fold)
        np.testing.assert_array_equal(model.predict_proba(X[~test])[:, 1], Y[~test])
        np.testing.assert_array_equal(model.predict_proba(X[test])[:, 1], result.probability[test])


def test_every_fold_has_its_own_seed_and_the_same_seed_repeats():
    first, again, other = (cross_validate(X, Y, FOLDS, PROBES.load("random-forest"), seed) for seed in (0, 0, 1))
    assert len(set(first.seeds)) == 5
    np.testing.assert_array_equal(first.probability, again.probability)
    assert not np.array_equal(first.probability, other.probability)


@pytest.mark.parametrize("name", ["logistic-regression", "mlp"])
@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_a_fit_that_does_not_converge_is_counted(name, engine):
    probe = PROBES.load(name)
    hasty, patient = (
        cross_validate(X, Y, FOLDS + 3, replace(probe, settings={**probe.settings, "max_iter": n}), engine=engine)
        for n in (1, 5000)
    )
    assert hasty.n_warnings == 5
    assert hasty.warnings[2].startswith("fold 5: ")
    assert patient.n_warnings == 0


@pytest.mark.parametrize("name", PROBES.names())
@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_records_outside_the_training_part_change_no_model(name, engine):
    train = RNG.permutation(120) < 80
    noise = np.where(train[:, None], X, RNG.normal(size=X.shape))
    flipped = np.where(train, Y, 1 - Y)
    probe = replace(PROBES.load(name), settings={**PROBES.load(name).settings, **QUICK.get(name, {})})
    found, other = (
        cross_validate(x, y, FOLDS, probe, train=train, engine=engine) for x, y in ((X, Y), (noise, flipped))
    )
    np.testing.assert_allclose(found.probability[train], other.probability[train], atol=1e-5)
    assert not np.allclose(found.probability[~train], other.probability[~train])


def test_an_embedding_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="1 of 120 embeddings hold NaN or infinity"):
        cross_validate(np.where(np.arange(120)[:, None] == 7, np.nan, X), Y, FOLDS, PROBES.load("xgboost"))


def test_a_training_part_of_one_class_is_refused():
    with pytest.raises(CannotFillError, match="fold 0: the 60 records to train on hold one class"):
        cross_validate(X, Y, Y, PROBES.load("decision-tree"))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_probability_that_is_not_finite_names_probe_and_fold():
    probe = custom_probe("nb", "sklearn.naive_bayes.GaussianNB", {"var_smoothing": 0})
    constant = np.c_[X, np.ones(120)]
    n = np.sum(FOLDS == 0)
    with pytest.raises(EcgLensError, match=f"probe 'nb', fold 0: {n} of {n} predicted probabilities are not finite"):
        cross_validate(constant, Y, FOLDS, probe)


@pytest.mark.parametrize("engine", ["fast", "reference"])
@pytest.mark.parametrize("probe", PROBES.builtins)
def test_values_beyond_32_bits_are_refused_by_every_probe_and_engine(probe, engine):
    with pytest.raises(ValueError, match="beyond the range of 32-bit floats"):
        cross_validate(X.astype(np.float64) * 1e39, Y, FOLDS, PROBES.load(probe), engine=engine)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"X": X * 1j}, "complex"),
        ({"X": X[:, 0]}, r"shape \[n, d\]"),
        ({"y": Y[:, None]}, "labels are one per record"),
        ({"folds": FOLDS[:-1]}, "folds are one per record"),
        ({"folds": np.where(np.arange(120) == 7, np.nan, FOLDS)}, "1 of 120 records have no fold"),
    ],
)
def test_inputs_that_would_give_wrong_numbers_are_refused(inputs, message):
    with pytest.raises(ValueError, match=message):
        cross_validate(**{"X": X, "y": Y, "folds": FOLDS, **inputs}, probe=PROBES.load("decision-tree"))


def test_a_fitted_tree_refuses_values_beyond_32_bits():
    model = cross_validate(X, Y, FOLDS, PROBES.load("random-forest")).models[0]
    with pytest.raises(ValueError, match="1 of 12 values lie beyond"):
        model.predict_proba(np.where(np.arange(12).reshape(2, 6) == 3, 1e39, 0.0))
