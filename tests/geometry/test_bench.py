"""What metrics share: only what a plan needs is computed, once, and as scikit-learn computes it."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from ecglens.errors import CannotFillError
from ecglens.geometry import GeometryPlan, build_index
from ecglens.geometry.bench import permutations, prepare_bench
from ecglens.geometry.levels import ask

RNG = np.random.default_rng(0)
N = 120
LABELS, SOURCES, PATIENTS = np.arange(N) // 2 % 2, np.repeat(["a", "b"], N // 2), np.arange(N) // 2
X = RNG.normal(size=(N, 60)) * np.geomspace(1, 9, 60) + 3
INDEX = build_index(X, PATIENTS, SOURCES)
SOME = np.flatnonzero(RNG.random(N) < 0.6)


def bench(*metrics, **settings):
    return prepare_bench(INDEX, GeometryPlan(**({"metrics": metrics, "k": 5, "seeds": 2} | settings)))


@pytest.mark.parametrize(
    ("metrics", "moments", "spaces"),
    [
        (["knn_purity", "ilisi", "bras"], False, []),
        (["source_classifier"], True, []),
        (["pc_regression"], True, ["embedding"]),
        (["ami"], True, ["embedding", "standardised", "pca50"]),
        (["ari", "v_measure"], True, ["embedding", "standardised", "pca50"]),
    ],
)
def test_components_are_computed_for_metrics_that_use_them(metrics, moments, spaces):
    found = bench(*metrics)
    assert (found.moments is not None, list(found.spaces)) == (moments, spaces)


def test_spaces_are_those_of_scikit_learn():
    spaces = bench("ari").spaces
    scaled = StandardScaler().fit_transform(X)
    for name, points, m in (("embedding", X, 60), ("standardised", scaled, 60), ("pca50", X, 50)):
        expected = PCA(m, svd_solver="full").fit_transform(points)
        found = spaces[name].coordinates
        assert found.shape == (N, m)
        np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=2e-3)
    assert list(bench("ari", spaces=("embedding",)).spaces) == ["embedding"]


def test_neighbours_of_some_records_are_among_these_and_searched_once():
    found = bench("knn_purity")
    nearest = found.nearest(SOME.tobytes(), False)
    order = NearestNeighbors(n_neighbors=len(SOME) - 1).fit(X[SOME]).kneighbors(return_distance=False)
    for row, (near, all_near) in enumerate(zip(nearest.indices, order, strict=True)):
        legal = all_near[PATIENTS[SOME][all_near] != PATIENTS[SOME][row]]
        np.testing.assert_array_equal(near, legal[:5])
    assert found.nearest(SOME.tobytes(), False) is nearest
    apart = found.nearest(SOME.tobytes(), True)
    assert (SOURCES[SOME][apart.indices] != SOURCES[SOME][:, None]).all()
    assert bench("knn_purity", k=3).nearest(SOME.tobytes(), False).k == 3


def test_neighbours_that_there_are_not_are_a_reason():
    with pytest.raises(CannotFillError, match="5 neighbours need 5 records"):
        bench("knn_purity").nearest(np.arange(6).tobytes(), False)


def test_clusters_of_some_records_are_as_tight_as_those_of_scikit_learn_and_made_once():
    found = bench("ari", n_init=5)
    clusters = found.clustered(SOME.tobytes(), "standardised", 3)
    assert clusters.labels.shape == (2, len(SOME))
    Z = StandardScaler().fit_transform(X)[SOME]
    tightest = KMeans(3, n_init=50, random_state=0).fit(Z).inertia_
    for labels in clusters.labels:
        within = sum(np.square(Z[labels == c] - Z[labels == c].mean(axis=0)).sum() for c in range(3))
        assert within == pytest.approx(tightest, rel=0.03)
    assert found.clustered(SOME.tobytes(), "standardised", 3) is clusters
    # The second seed of a plan is the first of the next plan.
    shifted = bench("ari", n_init=5, seed=1).clustered(SOME.tobytes(), "standardised", 3)
    assert adjusted_rand_score(shifted.labels[0], clusters.labels[1]) == 1


def test_every_patient_is_left_out_once_with_all_records():
    weights = bench("knn_purity", bootstraps=7).weights
    assert weights.shape == (N, 7)
    np.testing.assert_array_equal(weights.sum(axis=1), 6)
    np.testing.assert_array_equal(weights[::2], weights[1::2])
    sizes = (weights == 0).sum(axis=0) / 2
    assert sizes.max() - sizes.min() <= 1
    assert bench("knn_purity", bootstraps=0).weights.shape == (N, 0)


def test_permutations_stay_inside_the_other_factor_and_belong_to_a_level_and_a_seed():
    plan = GeometryPlan(permutations=9)
    label, source, *_ = ask(LABELS, SOURCES, strata=False)
    draw = partial(permutations, INDEX.patient)
    for question in (label, source):
        moved = draw(plan, question)
        assert moved.shape == (9, N)
        np.testing.assert_array_equal(moved[:, ::2], moved[:, 1::2])  # patients move as a whole
        assert (moved != question.values).any(axis=1).all()
        np.testing.assert_array_equal(moved, draw(plan, question))
        assert (moved != draw(GeometryPlan(permutations=9, seed=1), question)).any()
    assert (draw(plan, label) != draw(plan, replace(label, level="source"))).any()
    for codes in draw(plan, label):
        for name in "ab":
            assert codes[name == SOURCES].sum() == LABELS[name == SOURCES].sum()
