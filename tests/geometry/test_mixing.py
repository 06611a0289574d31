"""Rows of mixing against scikit-learn and plain loops: values, intervals' replicates, and nulls."""

from functools import partial

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.metrics import balanced_accuracy_score
from sklearn.neighbors import NearestNeighbors

from ecglens.geometry import GeometryPlan, bras, build_index, lisi
from ecglens.geometry.bench import permutations, prepare_bench
from ecglens.geometry.levels import ask, ask_sources
from ecglens.geometry.metrics.source_classifier import patient_folds, predict_linear
from ecglens.geometry.mixing import LISI_NEIGHBOURS, REFIT, label_mixing, source_mixing
from ecglens.geometry.neighbours.knn import Neighbours

RNG = np.random.default_rng(0)
N = 160
LABELS, SOURCES, PATIENTS = np.arange(N) % 2, np.repeat([0, 1], [60, 100]), np.arange(N)
X = RNG.normal(size=(N, 70)) + 0.4 * SOURCES[:, None] + 0.3 * LABELS[:, None]
PLAN = GeometryPlan(permutations=20, bootstraps=8, seeds=1)
MIXING = ("bras", "pc_regression", "ilisi", "source_classifier")


def prepared(x=X, sources=SOURCES, patients=PATIENTS, metrics=MIXING, labels=LABELS):
    """A bench, and the questions at label and source level, each with its permutations."""
    plan = GeometryPlan(**(vars(PLAN) | {"metrics": metrics}))
    bench = prepare_bench(build_index(x, patients, sources), plan)
    label, source, *_ = ask(labels, sources, strata=False)
    alone = ask_sources(sources)
    return bench, *((each, partial(permutations, patients, plan, each)) for each in (label, source, alone))


@pytest.fixture(scope="module")
def of_labels():
    bench, label, source, _ = prepared()
    return bench, label, source, {row["metric"]: row for row in label_mixing(bench, label, source)}


@pytest.fixture(scope="module")
def of_sources():
    bench, _, _, alone = prepared()
    return bench, alone, {row["metric"]: row for row in source_mixing(bench, alone)}


def explained(groups, kept=slice(None)):
    """Sum of squares between groups over that of all, on scikit-learn's first 50 components of all records."""
    Z, groups = PCA(50, svd_solver="full").fit_transform(X)[kept], groups[kept]
    Z = Z - Z.mean(axis=0)
    between = sum((groups == g).sum() * np.square(Z[groups == g].mean(axis=0)).sum() for g in np.unique(groups))
    return between / np.square(Z).sum()


@pytest.mark.parametrize("level", ["label", "source"])
def test_explained_variance_is_that_of_the_first_50_components(of_labels, of_sources, level):
    bench, (question, moved), row = {
        "label": (of_labels[0], of_labels[1], of_labels[-1]["pc_regression_label"]),
        "source": (of_sources[0], of_sources[1], of_sources[-1]["pc_regression_source"]),
    }[level]
    assert row["value"] == pytest.approx(explained(question.values), rel=1e-4)
    assert row["null"] == pytest.approx([explained(codes) for codes in moved()], rel=1e-3)
    kept = [explained(question.values, weights == 1) for weights in bench.weights.T]
    assert row["replicates"] == pytest.approx(kept, rel=1e-3)


def test_bras_moves_data_sets_inside_the_labels(of_labels):
    bench, _, (_, moved), rows = of_labels
    assert rows["bras"]["value"] == pytest.approx(bras(X, LABELS, SOURCES))
    assert rows["bras"]["null"] == pytest.approx([bras(X, LABELS, codes) for codes in moved()], abs=1e-5)
    kept = [bras(X[weights == 1], LABELS[weights == 1], SOURCES[weights == 1]) for weights in bench.weights.T]
    assert rows["bras"]["replicates"] == pytest.approx(kept, abs=1e-5)


def test_ilisi_has_the_neighbourhood_it_was_published_with(of_sources):
    distances, indices = NearestNeighbors(n_neighbors=LISI_NEIGHBOURS).fit(X).kneighbors()
    nearest = Neighbours(indices, distances)
    _, (_, moved), rows = of_sources

    def scaled(codes):
        return np.median(lisi(nearest, codes, perplexity=30)) - 1

    assert rows["ilisi"]["value"] == pytest.approx(scaled(SOURCES), abs=1e-4)
    assert rows["ilisi"]["null"] == pytest.approx([scaled(codes) for codes in moved()], abs=1e-4)
    # Structure lowers it: here no permutation is as low.
    assert rows["ilisi"]["p_value"] == pytest.approx(1 / (1 + PLAN.permutations))


def test_ilisi_of_few_records_takes_the_neighbours_there_are():
    few = np.r_[:20, 60:80]
    bench, _, _, alone = prepared(X[few], SOURCES[few], np.arange(40) // 2, metrics=("ilisi",))
    (row,) = source_mixing(bench, alone)
    assert row["value"] == pytest.approx(np.median(lisi(bench.index.nearest(38), SOURCES[few])) - 1, abs=1e-6)


def test_the_classifier_is_judged_by_balanced_accuracy_and_spread_as_if_refitted(of_sources):
    bench, (_, moved), rows = of_sources
    row = rows["source_classifier"]
    found = predict_linear(X, SOURCES, patient_folds(SOURCES, PATIENTS, seed=PLAN.seed))
    value = balanced_accuracy_score(SOURCES, found)
    assert row["value"] == pytest.approx(value)
    fixed = [balanced_accuracy_score(SOURCES[kept == 1], found[kept == 1]) for kept in bench.weights.T]
    np.testing.assert_allclose(row["replicates"] - value, np.sqrt(REFIT) * (np.array(fixed) - value))
    null = np.array([balanced_accuracy_score(codes, found) for codes in moved()])
    assert row["null"].mean() == pytest.approx(null.mean())
    assert np.var(row["null"]) == pytest.approx(REFIT * np.var(null))


def test_rows_are_those_that_the_plan_names_over_all_records():
    for metrics, of_label, of_source in (
        (MIXING, ["bras", "pc_regression_label"], ["ilisi", "pc_regression_source", "source_classifier"]),
        (("bras", "ilisi"), ["bras"], ["ilisi"]),
        (("knn_purity", "ari"), [], []),
    ):
        bench, label, source, alone = prepared(metrics=metrics)
        rows = label_mixing(bench, label, source), source_mixing(bench, alone)
        assert [[row["metric"] for row in part] for part in rows] == [of_label, of_source]
        for row in (*rows[0], *rows[1]):
            place = ("mixing", "all", "natural", N, "done", "")
            assert tuple(row[name] for name in ("level", "stratum", "counts", "n", "status", "reason")) == place


def test_what_one_class_leaves_undefined_has_a_reason_and_the_rest_is_measured():
    bench, label, source, _ = prepared(labels=np.zeros(N, dtype=int))
    rows = {row["metric"]: row for row in label_mixing(bench, label, source)}
    assert rows["bras"]["status"] == "done"
    assert rows["pc_regression_label"]["reason"] == "there is one label only: 0"
    bench, label, source, alone = prepared(sources=np.zeros(N, dtype=int))
    rows = [*label_mixing(bench, label, source), *source_mixing(bench, alone)]
    done = {row["metric"] for row in rows if row["status"] == "done"}
    assert done == {"pc_regression_label"}
    for row in rows:
        if row["status"] != "done":
            assert (row["status"], row["reason"]) == ("cannot-fill", "there is one data set only: 0")
            assert np.isnan(row["value"])


def test_too_few_patients_stop_the_classifier_only():
    few = np.r_[:4, 60:160]
    bench, _, _, alone = prepared(X[few], SOURCES[few], np.arange(104))
    rows = {row["metric"]: row for row in source_mixing(bench, alone)}
    assert rows["source_classifier"]["reason"] == "5 folds need as many patients in every data set, one has 4"
    assert {name for name, row in rows.items() if row["status"] == "done"} == {"ilisi", "pc_regression_source"}
