import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.spatial.distance import cdist
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import balanced_accuracy_score
from sklearn.preprocessing import StandardScaler

from ecglens.errors import CannotFillError
from ecglens.geometry import bras, find_neighbours, ilisi, lisi, pc_regression, source_classifier
from ecglens.geometry.inference.resampling import permuter, weighted_mean
from ecglens.geometry.metrics.bras import permuted_bras, weighted_bras
from ecglens.geometry.metrics.lisi import effective_numbers, weighted_lisi, weighted_medians
from ecglens.geometry.metrics.partitions import count_pairs, weigh_pairs
from ecglens.geometry.metrics.pc_regression import permuted_pc_regression, weighted_pc_regression
from ecglens.geometry.metrics.source_classifier import balanced_accuracy, patient_folds, predict_linear
from ecglens.geometry.pca import principal_components

RNG = np.random.default_rng(0)
X = RNG.normal(size=(240, 6)) + 1
SOURCES = RNG.choice(["ptb-xl", "chn", "georgia"], 240)
LABELS = RNG.integers(0, 2, 240)
APART = X + 60 * (SOURCES[:, None] == ["ptb-xl", "chn", "georgia", "", "", ""])


def test_lisi_is_the_published_formula_solved_with_a_root_finder():
    nearest = find_neighbours(X, 30)
    for i in range(0, 240, 17):
        distance = nearest.distances[i]

        def entropy(beta, distance=distance):
            weight = np.exp(-beta * distance)
            share = weight / weight.sum()
            return -(share * np.log(share)).sum() - np.log(10)

        weight = np.exp(-brentq(entropy, 1e-6, 100) * distance)
        weight /= weight.sum()
        share = [weight[SOURCES[nearest.indices[i]] == name].sum() for name in np.unique(SOURCES)]
        assert lisi(nearest, SOURCES)[i] == pytest.approx(1 / np.square(share).sum(), rel=1e-3)


def test_ilisi_is_high_where_data_sets_mix_and_zero_where_they_are_apart():
    assert ilisi(find_neighbours(X, 60), SOURCES) > 0.7
    assert ilisi(find_neighbours(APART, 60), SOURCES) == pytest.approx(0, abs=1e-6)
    ties = find_neighbours(np.zeros((50, 2)), 30)
    assert (lisi(ties, np.arange(50) % 2) > 1).all()


def silhouettes_by_pairs(X, groups):
    """Mean cosine distances by looking at every pair; between: the mean over the other groups' means."""
    distance, found = cdist(X, X, "cosine"), []
    for i in range(len(X)):
        means = {g: distance[i, (groups == g) & (np.arange(len(X)) != i)].mean() for g in np.unique(groups)}
        within = means.pop(groups[i])
        between = np.mean(list(means.values()))
        found.append((between - within) / max(between, within))
    return np.array(found)


@pytest.mark.parametrize("points", [X, X + 0.5 * APART])
def test_bras_is_the_published_definition_pair_by_pair(points):
    masks = [LABELS == 0, LABELS == 1]
    scores = [1 - np.abs(silhouettes_by_pairs(points[mask], SOURCES[mask])).mean() for mask in masks]
    assert bras(points, LABELS, SOURCES) == pytest.approx(np.mean(scores))


def test_explained_variance_is_the_weighted_r_squared_of_a_regression():
    components = principal_components(X + 0.3 * APART, 4)
    design = (SOURCES[:, None] == np.unique(SOURCES)).astype(float)
    r2 = []
    for column in components.coordinates.astype(float).T:
        fitted = design @ np.linalg.lstsq(design, column, rcond=None)[0]
        r2.append(1 - ((column - fitted) ** 2).sum() / ((column - column.mean()) ** 2).sum())
    expected = np.average(r2, weights=components.variance)
    assert pc_regression(components, SOURCES) == pytest.approx(expected, rel=1e-5)
    noise = pc_regression(principal_components(RNG.normal(size=(2000, 20)), 20), RNG.integers(0, 5, 2000))
    assert noise == pytest.approx(4 / 1999, rel=0.5)


def test_leakage_is_a_ridge_classifier_on_unseen_patients():
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


def test_leakage_of_noise_and_of_data_sets_apart():
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


def test_refusals():
    one = np.zeros(240)
    for call in (
        lambda: ilisi(find_neighbours(X, 5), one),
        lambda: bras(X, LABELS, one),
        lambda: pc_regression(principal_components(X), one),
        lambda: pc_regression(principal_components(np.ones((240, 3))), LABELS),
        lambda: source_classifier(X, one, np.arange(240)),
        lambda: source_classifier(X, SOURCES, SOURCES),
    ):
        with pytest.raises(CannotFillError):
            call()


CODES = np.unique(SOURCES, return_inverse=True)[1]
MOVED = permuter(np.arange(240), LABELS)(CODES, 5, np.random.default_rng(1))
TIMES = RNG.poisson(1, (240, 4)).astype(np.uint8)


def test_many_labellings_at_once_are_each_as_one():
    nearest, components = find_neighbours(APART, 60), principal_components(APART)
    found = effective_numbers(nearest, MOVED)
    for at, codes in enumerate(MOVED):
        np.testing.assert_allclose(found[:, at], lisi(nearest, codes))
        assert permuted_bras(APART, LABELS, CODES, MOVED)[at] == pytest.approx(bras(APART, LABELS, codes), abs=1e-5)
        expected = pc_regression(components, codes)
        assert permuted_pc_regression(components, MOVED)[at] == pytest.approx(expected, rel=1e-5)
    assert permuted_bras(APART, LABELS, CODES, MOVED[:0]).shape == (0,)


def test_draws_are_the_numbers_of_the_records_written_out():
    values, components = RNG.normal(size=240), principal_components(APART, 3)
    predicted = np.where(RNG.random(240) < 0.7, CODES, 0)
    tables = weigh_pairs(predicted, CODES, TIMES, (3, 3))
    nearest = find_neighbours(APART, 60)
    np.testing.assert_allclose(
        weighted_lisi(nearest, CODES, np.ones((240, 1))), effective_numbers(nearest, CODES[None])
    )
    halves = np.repeat(values[:, None], 4, axis=1)
    for draw, times in enumerate(TIMES.T):
        written = np.repeat(np.arange(240), times)
        assert weighted_mean(values, TIMES)[draw] == pytest.approx(values[written].mean())
        median = np.quantile(values[written], 0.5, method="inverted_cdf")
        assert weighted_medians(halves, TIMES)[draw] == median
        mixed = bras(APART[written], LABELS[written], CODES[written])
        assert weighted_bras(APART, LABELS, CODES, TIMES)[draw] == pytest.approx(mixed, abs=1e-5)
        expected = balanced_accuracy_score(CODES[written], predicted[written])
        assert balanced_accuracy(tables)[draw] == pytest.approx(expected)
        part = type(components)(components.coordinates[written], components.variance, components.total)
        expected = pc_regression(part, CODES[written])
        assert weighted_pc_regression(components, CODES, TIMES)[draw] == pytest.approx(expected)
    assert np.isnan(weighted_medians(values[:, None], np.zeros((240, 1), dtype=np.uint8)))
    once = balanced_accuracy(count_pairs(predicted[None], CODES, (3, 3)))
    assert once == pytest.approx(balanced_accuracy_score(CODES, predicted))
