import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from ecglens.geometry import (
    Alignment,
    GeometryPlan,
    build_index,
    find_neighbours,
    knn_purity,
    measure_geometry,
)

FAST = GeometryPlan(repeats=4, permutations=40, bootstraps=40, seeds=2, n_init=3)


def lead(table, level, metric="knn_rescaled", counts="equal", stratum="all"):
    chosen = table[(table["level"] == level) & (table["metric"] == metric) & (table["counts"] == counts)]
    chosen = chosen[(chosen["stratum"] == stratum) & chosen["space"].astype(object).fillna("").isin(["", "embedding"])]
    assert len(chosen) == 1
    return chosen.iloc[0]


def measure(X, labels, sources, plan=FAST, patients=None):
    patients = np.arange(len(X)) if patients is None else patients
    return measure_geometry(X, {"af": labels}, sources, patients, plan)


@pytest.mark.parametrize("prevalence", [0.02, 0.1, 0.5])
def test_noise_is_zero_within_its_intervals_and_not_significant(prevalence):
    rng = np.random.default_rng(8)
    n = 2000
    labels = (rng.permutation(n) < prevalence * n).astype(int)
    table = measure(rng.normal(size=(n, 8)), labels, rng.integers(0, 3, n), FAST)
    raw = lead(table, "label", "knn_raw", "natural")["value"]
    assert raw == pytest.approx(prevalence**2 + (1 - prevalence) ** 2, abs=0.02)
    for level in ("label", "source"):
        natural = lead(table, level, counts="natural")
        assert natural["patient_low"] < 0 < natural["patient_high"]
        assert natural["value"] < natural["null_high"] + 0.02
        assert abs(natural["null_mean"]) < 0.02
        assert natural["p_value"] > 1 / 41
        equal = lead(table, level)
        assert equal["patient_low"] - 0.02 < 0 < equal["patient_high"]
        assert abs(lead(table, level, "ari")["value"]) < 0.05


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


def test_equal_counts_take_the_prevalence_out_of_the_data_set_level():
    """Two data sets differ in prevalence only; neighbours follow the label, and so seem to follow the data set."""
    rng = np.random.default_rng(2)
    sources = np.repeat([0, 1], 600)
    labels = (rng.random(1200) < np.where(sources == 0, 0.1, 0.9)).astype(int)
    table = measure(rng.normal(size=(1200, 4)) + 20 * labels[:, None], labels, sources)
    assert lead(table, "source", counts="natural")["value"] > 0.5
    assert abs(lead(table, "source")["value"]) < 0.05
    # Its null moves data sets inside each label only, and knows it.
    assert lead(table, "source", counts="natural")["null_mean"] > 0.5
    assert lead(table, "label")["value"] == pytest.approx(1, abs=0.01)


def test_what_cannot_be_said_is_a_row_with_its_reason():
    rng = np.random.default_rng(3)
    X, labels = rng.normal(size=(100, 3)), np.arange(100) % 2
    one_source = measure(X, labels, np.zeros(100))
    failed = one_source[one_source["status"] == "cannot-fill"]
    assert {"source", "label-across-sources", "source-within-label", "alignment", "mixing"} == set(failed["level"])
    assert failed["value"].isna().all()
    assert failed["reason"].str.len().gt(15).all()
    done = one_source[one_source["status"] == "done"]
    assert done["value"].notna().all()
    assert {"label", "label-within-source"} <= set(done["level"])


def test_same_input_same_output_and_other_seed_other_subsamples():
    rng = np.random.default_rng(4)
    arguments = rng.normal(size=(200, 6)), rng.integers(0, 2, 200), rng.integers(0, 2, 200)
    first, second = measure(*arguments), measure(*arguments)
    pd.testing.assert_frame_equal(first, second)
    moved = measure(*arguments, GeometryPlan(**(vars(FAST) | {"seed": 1})))
    assert lead(moved, "label")["value"] != lead(first, "label")["value"]
    assert lead(moved, "label", "knn_raw", "natural")["value"] == lead(first, "label", "knn_raw", "natural")["value"]


def test_a_plan_leaves_out_what_it_does_not_ask_for():
    rng = np.random.default_rng(5)
    plan = GeometryPlan(metrics=("knn_purity",), repeats=0, permutations=0, bootstraps=0, strata=False, sources=False)
    table = measure(rng.normal(size=(90, 3)), np.arange(90) % 2, np.arange(90) // 45, plan)
    assert set(table["level"]) == {"label", "source", "label-across-sources", "alignment"}
    assert table[["p_value", "patient_low", "n_repeats"]].isna().all(axis=None)
    graph = measure(
        rng.normal(size=(90, 3)) + 30 * (np.arange(90) % 2)[:, None], np.arange(90) % 2, np.arange(90) // 45,
        GeometryPlan(**(vars(FAST) | {"spectral_up_to": 90})),
    )  # fmt: skip
    found = graph[(graph["space"] == "neighbour graph") & (graph["level"] == "label") & (graph["metric"] == "ari")]
    assert found["value"].item() == pytest.approx(1)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000), n=st.integers(2, 90), d=st.integers(1, 8), n_classes=st.integers(1, 3),
    n_sources=st.integers(1, 3), rare=st.booleans(), duplicates=st.booleans(), k=st.integers(1, 12),
)  # fmt: skip
def test_any_shape_gives_numbers_in_range_or_a_reason(seed, n, d, n_classes, n_sources, rare, duplicates, k):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    X[:, -1] = 1  # a constant feature
    if duplicates:
        X = X[rng.integers(0, max(1, n // 3), n)]
    labels = rng.integers(0, n_classes, n)
    if rare:
        labels = np.where(np.arange(n) < 2, labels, 0)
    sources, patients = rng.integers(0, n_sources, n), rng.integers(0, n, n)
    plan = GeometryPlan(k=k, repeats=2, permutations=4, bootstraps=4, seeds=1, n_init=2)
    table = measure(X, labels, sources, plan, patients)
    failed = table["status"] == "cannot-fill"
    assert table.loc[failed, "value"].isna().all()
    assert table.loc[failed, "reason"].str.len().gt(10).all()
    done = table[~failed]
    assert done["value"].notna().all()
    # Below chance there is no end: where chance is 0.9, none is -9.
    rescaled = done["metric"].isin(["knn_rescaled", "knn_index"])
    assert np.isfinite(done.loc[rescaled, "value"]).all()
    assert (done.loc[done["metric"] == "knn_rescaled", "value"] <= 1 + 1e-9).all()
    assert done.loc[~rescaled, "value"].between(-2, 2).all()
    shares = done[
        done["metric"].str.startswith(
            ("knn_raw", "knn_macro", "knn_class", "bras", "source_classifier", "pc_regression")
        )
    ]
    assert shares["value"].between(-1e-9, 1 + 1e-9).all()
    assert done["p_value"].dropna().between(1 / 5 - 1e-9, 1).all()
    assert (done["low"].fillna(0) <= done["high"].fillna(0)).all()


def test_not_finite_is_refused_with_its_rows():
    X = np.ones((20, 2))
    X[[4, 9]] = np.inf
    with pytest.raises(ValueError, match="rows 4, 9"):
        measure(X, np.arange(20) % 2, np.zeros(20))


N = 120
LABELS, SOURCES, PATIENTS = np.tile([0, 1], N // 2), np.repeat(["a", "b", "c"], N // 3), np.arange(N)
NOISE = np.random.default_rng(0).normal(size=(N, 6))
LABEL_AXIS = 40 * LABELS[:, None] * (np.arange(6) == 0)
SOURCE_AXES = 40 * (SOURCES[:, None] == ["", "a", "b", "c", "", ""])


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
