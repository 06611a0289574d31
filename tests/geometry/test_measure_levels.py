"""Numbers of each level are those of scikit-learn, of plain loops, and of the functions of single metrics."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import NearestNeighbors
from tests.made_up.geometry import FAST, lead, measure

from ecglens.geometry import Alignment, GeometryPlan, build_index, find_neighbours, knn_purity, measure_geometry

N = 120
LABELS, SOURCES, PATIENTS = np.tile([0, 1], N // 2), np.repeat(["a", "b", "c"], N // 3), np.arange(N)
NOISE = np.random.default_rng(0).normal(size=(N, 6))
LABEL_AXIS = 40 * LABELS[:, None] * (np.arange(6) == 0)
SOURCE_AXES = 40 * (SOURCES[:, None] == ["", "a", "b", "c", "", ""])


def test_numbers_are_those_of_the_single_functions():
    rng = np.random.default_rng(1)
    n = 300
    labels, sources = rng.integers(0, 2, n), rng.choice(["chn", "georgia"], n, p=[0.3, 0.7])
    patients = rng.integers(0, 200, n)
    X = rng.normal(size=(n, 5)) + labels[:, None] * [2, 0, 0, 0, 0] + (sources == "chn")[:, None] * [0, 2, 0, 0, 0]
    table = measure(X, labels, sources, patients=patients)
    for level, values in (("label", labels), ("source", sources)):
        expected = knn_purity(find_neighbours(X, 10, patients), values, patients)
        assert lead(table, level, "knn_raw", "natural")["value"] == pytest.approx(expected.raw)
        assert lead(table, level, counts="natural")["value"] == pytest.approx(expected.rescaled)
    for stratum, mask in (("chn", sources == "chn"), ("georgia", sources == "georgia")):
        expected = knn_purity(find_neighbours(X[mask], 10, patients[mask]), labels[mask], patients[mask])
        found = lead(table, "label-within-source", counts="natural", stratum=stratum)
        assert found["value"] == pytest.approx(expected.rescaled)
        assert found["n"] == mask.sum()
    expected = knn_purity(find_neighbours(X, 10, patients, apart=sources), labels, sources)
    assert lead(table, "label-across-sources", "knn_raw", "natural")["value"] == pytest.approx(expected.raw)
    per_class = knn_purity(find_neighbours(X, 10, patients), labels, patients).per_class
    assert lead(table, "label", "knn_class:1", "natural")["value"] == pytest.approx(per_class[1])
    label, dataset = lead(table, "label"), lead(table, "source")
    index = lead(table, "alignment", "knn_index")
    assert index["value"] == pytest.approx(Alignment(label["value"], dataset["value"]).index)
    assert index["low"] <= index["value"] <= index["high"]
    assert index["patient_low"] < index["value"] < index["patient_high"]


def test_raw_knn_is_that_of_scikit_learn():
    plan = GeometryPlan(**(vars(FAST) | {"k": 7}))
    table = measure(NOISE, LABELS, SOURCES, plan)
    inside = SOURCES == "c"
    for level, stratum, kept, values in (
        ("label", "all", np.ones(N, dtype=bool), LABELS),
        ("source", "all", np.ones(N, dtype=bool), SOURCES),
        ("label-within-source", "c", inside, LABELS),
    ):
        nearest = NearestNeighbors(n_neighbors=7).fit(NOISE[kept]).kneighbors(return_distance=False)
        expected = (values[kept][nearest] == values[kept][:, None]).mean()
        assert lead(table, level, "knn_raw", "natural", stratum)["value"] == pytest.approx(expected)


def test_across_looks_at_other_data_sets_only():
    X = NOISE + LABEL_AXIS * (SOURCES == "a")[:, None] + SOURCE_AXES
    hits = []
    for i, own in enumerate(SOURCES):
        legal = np.flatnonzero(~np.isin(SOURCES, own))
        nearest = legal[np.argsort(np.linalg.norm(X[legal] - X[i], axis=1))[:10]]
        hits.append((LABELS[nearest] == LABELS[i]).mean())
    found = lead(measure(X, LABELS, SOURCES), "label-across-sources", "knn_raw", "natural")
    assert found["value"] == pytest.approx(np.mean(hits))


@pytest.mark.parametrize(
    ("X", "label", "dataset"), [(NOISE + LABEL_AXIS, 1, 0), (NOISE + SOURCE_AXES, 0, 1), (NOISE, 0, 0)]
)
def test_planted_geometry_is_found_at_its_level_only(X, label, dataset):
    table = measure(X, LABELS, SOURCES)
    for metric in ("knn_rescaled", "ari", "ami"):
        assert lead(table, "label", metric, "natural")["value"] == pytest.approx(label, abs=0.12)
        assert lead(table, "source", metric, "natural")["value"] == pytest.approx(dataset, abs=0.12)
        within = lead(table, "label-within-source", metric, "natural", "b")["value"]
        assert within == pytest.approx(label, abs=0.25)
    assert lead(table, "label-across-sources")["value"] == pytest.approx(label, abs=0.12)


def test_without_a_task_the_data_set_level_stands_alone():
    X = NOISE + SOURCE_AXES
    table = measure_geometry(X, {}, SOURCES, PATIENTS, FAST)
    assert set(table["level"]) == {"source", "mixing"}
    assert set(table["task"]) == {""}
    natural = lead(measure(X, LABELS, SOURCES), "source", counts="natural")
    assert lead(table, "source", counts="natural")["value"] == natural["value"]
    assert lead(table, "source")["n"] == N


def test_a_search_that_is_known_is_not_made_again(monkeypatch):
    index = build_index(NOISE, PATIENTS, SOURCES)
    expected = measure(NOISE, LABELS, SOURCES)
    monkeypatch.setattr("ecglens.geometry.measure.build_index", None)
    found = measure_geometry(NOISE, {"af": LABELS}, SOURCES, PATIENTS, FAST, index=index)
    pd.testing.assert_frame_equal(found, expected)


def test_what_was_averaged_stands_beside_the_mean():
    table = measure(NOISE + LABEL_AXIS, LABELS, SOURCES)
    averaged = table[table["repeats"].notna()]
    assert {"label", "source", "alignment", "label-within-source"} <= set(averaged["level"])
    for row in averaged.itertuples():
        assert np.mean(row.repeats) == pytest.approx(row.value)
        assert len(row.repeats) == row.n_repeats
        assert (row.low, row.high) == pytest.approx(tuple(np.quantile(row.repeats, [0.025, 0.975])))


def test_cosine_looks_at_directions_in_every_number():
    lengths = np.random.default_rng(1).uniform(0.5, 50, N)[:, None]
    cosine = GeometryPlan(**(vars(FAST) | {"metric": "cosine"}))
    points = NOISE + LABEL_AXIS / 5 + 1
    found, expected = (measure(X, LABELS, SOURCES, cosine) for X in (points * lengths, points))
    np.testing.assert_allclose(found["value"], expected["value"], atol=1e-5)
    euclidean = measure(points * lengths, LABELS, SOURCES)
    assert lead(euclidean, "label", "ari")["value"] < lead(found, "label", "ari")["value"] - 0.2


def test_an_index_of_something_else_is_refused():
    with pytest.raises(ValueError, match="120 records under euclidean distance, asked for are 60 under euclidean"):
        measure_geometry(NOISE[:60], {}, SOURCES[:60], PATIENTS[:60], FAST, index=build_index(NOISE, PATIENTS, SOURCES))
