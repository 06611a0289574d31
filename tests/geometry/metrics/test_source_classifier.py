"""The source classifier against scikit-learn's ridge classifier."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import balanced_accuracy_score
from sklearn.preprocessing import StandardScaler

from ecglens.errors import CannotFillError
from ecglens.geometry import source_classifier
from ecglens.geometry.metrics.partitions import count_pairs, weigh_pairs
from ecglens.geometry.metrics.source_classifier import balanced_accuracy, patient_folds, predict_linear

RNG = np.random.default_rng(0)
X = RNG.normal(size=(240, 6)) + 1
SOURCES = RNG.choice(["ptb-xl", "chn", "georgia"], 240)
LABELS = RNG.integers(0, 2, 240)
APART = X + 60 * (SOURCES[:, None] == ["ptb-xl", "chn", "georgia", "", "", ""])


def test_it_is_a_ridge_classifier_on_unseen_patients():
    patients = np.arange(240) // 2
    source = np.unique(SOURCES[::2].repeat(2), return_inverse=True)[1]
    folds = patient_folds(source, patients, 5, seed=0)
    assert all(len(set(folds[patients == p])) == 1 for p in range(120))
    assert all(len(set(folds[source == s])) == 5 for s in range(3))
    points = X + 0.4 * np.eye(3)[source] @ np.eye(3, 6)
    found = predict_linear(points, source, folds)
    expected, weight = np.empty(240, dtype=int), 240 / (3 * np.bincount(source))
    Z = StandardScaler().fit_transform(points)
    for fold in range(5):
        train = folds != fold
        model = RidgeClassifier(alpha=0.24).fit(Z[train], source[train], sample_weight=weight[source[train]])
        expected[~train] = model.predict(Z[~train])
    np.testing.assert_array_equal(found, expected)
    score = source_classifier(points, source, patients)
    assert score == pytest.approx(balanced_accuracy_score(source, expected))
    assert 1 / 3 < score < 0.75


def test_score_of_noise_and_of_data_sets_apart():
    noise = np.random.default_rng(3).normal(size=(900, 20))
    sources = np.arange(900) % 3
    assert source_classifier(noise, sources, np.arange(900)) == pytest.approx(1 / 3, abs=4 * np.sqrt(2 / 9 / 900))
    assert source_classifier(APART, SOURCES, np.arange(240)) == 1
    assert source_classifier(np.c_[APART, np.ones(240)], SOURCES, np.arange(240)) == 1


def test_patients_of_several_data_sets_are_counted_in_each():
    rng = np.random.default_rng(2)
    source, patients = np.repeat([0, 1], 60), np.tile(np.arange(60), 2)
    folds = patient_folds(source, patients)
    assert (folds[:60] == folds[60:]).all()
    assert np.bincount(folds).tolist() == [24] * 5
    assert source_classifier(rng.normal(size=(120, 3)) + 9 * source[:, None], source, patients) == 1


def test_balanced_accuracy_is_that_of_scikit_learn_also_of_records_written_out():
    codes, times = np.unique(SOURCES, return_inverse=True)[1], RNG.poisson(1, (240, 4)).astype(np.uint8)
    predicted = np.where(RNG.random(240) < 0.7, codes, 0)
    once = balanced_accuracy(count_pairs(predicted[None], codes, (3, 3)))
    assert once == pytest.approx(balanced_accuracy_score(codes, predicted))
    found = balanced_accuracy(weigh_pairs(predicted, codes, times, (3, 3)))
    for at, column in enumerate(times.T):
        written = np.repeat(np.arange(240), column)
        assert found[at] == pytest.approx(balanced_accuracy_score(codes[written], predicted[written]))


def test_refusals():
    with pytest.raises(CannotFillError, match="a source classifier needs two data sets, there is one"):
        source_classifier(X, np.zeros(240), np.arange(240))
    with pytest.raises(CannotFillError, match="5 folds need as many patients in every data set, one has 1"):
        source_classifier(X, SOURCES, SOURCES)
