from itertools import combinations
from math import factorial

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from ecglens.attribution import permutation_by_fold, permutation_shap
from ecglens.attribution.shap import permutation
from ecglens.attribution.shap.explain import explain
from ecglens.errors import EcgLensError
from ecglens.probes import cross_validate, custom_probe

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 4))
Y = (X[:, 0] + X[:, 1] * X[:, 2] + 0.3 * RNG.normal(size=120) > 0).astype(int)
BACKGROUND = X[:6]


class Planted:
    """A classifier whose decision value is known."""

    def __init__(self, value):
        self.decision_function = value


def exact_shapley(value, background, row):
    """The definition: a weighted mean over all coalitions, absent features taken from the background."""
    d = len(row)

    def worth(present):
        rows = background.copy()
        rows[:, list(present)] = row[list(present)]
        return value(rows).mean()

    found = np.zeros(d)
    for feature in range(d):
        others = [other for other in range(d) if other != feature]
        for size in range(d):
            weight = factorial(size) * factorial(d - size - 1) / factorial(d)
            for present in combinations(others, size):
                found[feature] += weight * (worth((*present, feature)) - worth(present))
    return found


def test_one_pass_is_exact_where_two_features_interact():
    def value(rows):
        return 2 * rows[:, 0] - rows[:, 1] * rows[:, 2] + rows[:, 2] * rows[:, 3]

    found = permutation_shap(Planted(value), BACKGROUND, X[:5], seed=0)
    np.testing.assert_allclose(found, [exact_shapley(value, BACKGROUND, row) for row in X[:5]], atol=1e-10)


@pytest.mark.parametrize("model", [SVC(), ExtraTreesClassifier(20, max_depth=4, random_state=0)], ids=["svm", "trees"])
def test_many_passes_come_near_the_exact_values(model):
    def value(rows):
        if isinstance(model, SVC):
            return model.decision_function(rows)
        probability = model.predict_proba(rows)[:, 1]
        return np.log(probability / (1 - probability))

    model.fit(X, Y)
    expected = np.array([exact_shapley(value, BACKGROUND, row) for row in X[:4]])
    found = permutation_shap(model, BACKGROUND, X[:4], seed=0, n_passes=60)
    np.testing.assert_allclose(found, expected, atol=0.05 * np.abs(expected).max())


def test_logistic_regression_agrees_with_its_closed_form():
    model = LogisticRegression().fit(X, Y)
    np.testing.assert_allclose(
        permutation_shap(model, BACKGROUND, X, 0), explain(model, BACKGROUND, X).values, atol=1e-10
    )


def test_probabilities_of_0_and_1_are_clipped():
    model = KNeighborsClassifier(1).fit(X, Y)
    found = permutation_shap(model, BACKGROUND, X, seed=0).sum(axis=1)
    clipped = np.log(999) * (2 * Y - 1)
    np.testing.assert_allclose(found, clipped - clipped[:6].mean(), atol=1e-10)


def test_the_seed_repeats_and_numpys_own_state_is_left_alone():
    model = SVC().fit(X, Y)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again, other = (permutation_shap(model, BACKGROUND, X[:3], seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_a_model_that_answers_differently_each_time_does_not_add_up():
    noise = np.random.default_rng(0)
    with pytest.raises(EcgLensError, match="Planted miss the model's output by up to"):
        permutation_shap(Planted(lambda rows: noise.normal(size=len(rows))), BACKGROUND, X[:3], seed=0)


def test_folds_are_explained_on_as_many_held_out_rows_each(monkeypatch):
    numbered, folds = np.arange(120.0)[:, None], np.arange(120) % 3
    explained, backgrounds = [], []

    def watch(model, background, rows, seed):
        explained.extend(rows[:, 0])
        backgrounds.append(background[:, 0])
        assert set(rows[:, 0] % 3) == {model}
        return np.full_like(rows, -1.0 - model)

    monkeypatch.setattr(permutation, "permutation_shap", watch)
    found, n = permutation_by_fold([0, 1, 2], numbered, folds, n_rows=12, n_background=5)
    assert found.tolist() == [[1], [2], [3]]
    assert n.tolist() == [4, 4, 4]
    assert len(set(explained)) == len(explained) == 12
    assert [len(rows) for rows in backgrounds] == [5, 5, 5]
    assert not any((rows % 3 == fold).any() for fold, rows in enumerate(backgrounds))
    _, least = permutation_by_fold([0, 1, 2], numbered, folds, n_rows=1)
    assert least.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("sizes", "n_rows", "expected"),
    [([9] * 15, 29, [2] * 14 + [1]), ([1, 5, 9], 10, [1, 5, 4]), ([2, 2], 30, [2, 2]), ([4, 4, 4], 2, [1, 1, 1])],
)
def test_all_rows_asked_for_are_explained_where_there_are_so_many(sizes, n_rows, expected):
    assert permutation._share_rows(np.array(sizes), n_rows).tolist() == expected


def test_a_feature_that_does_nothing_matters_least():
    folds = np.arange(120) % 3
    models = cross_validate(X, Y, folds, custom_probe("svm", "sklearn.svm.SVC", {})).models
    found, _ = permutation_by_fold(models, X, folds, n_rows=60)
    assert found.mean(axis=0).argmin() == 3
