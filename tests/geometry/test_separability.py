import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from ecglens.geometry import separability

RNG = np.random.default_rng(0)
N = 120
LABELS, SOURCES, PATIENTS = np.tile([0, 1], N // 2), np.repeat(["a", "b", "c"], N // 3), np.arange(N)
NOISE = RNG.normal(size=(N, 6))
LABEL_AXIS = 40 * LABELS[:, None] * (np.arange(6) == 0)
SOURCE_AXES = 40 * (SOURCES[:, None] == ["", "a", "b", "c", "", ""])


def value(table, level, metric, stratum="all"):
    kept = table[(table["level"] == level) & (table["metric"] == metric) & (table["stratum"] == stratum)]
    assert len(kept)
    return kept["value"].mean()


@pytest.mark.parametrize(
    ("X", "label", "dataset"), [(NOISE + LABEL_AXIS, 1, 0), (NOISE + SOURCE_AXES, 0, 1), (NOISE, 0, 0)]
)
def test_planted_geometry_is_found_at_its_level_only(X, label, dataset):
    table = separability(X, LABELS, SOURCES, PATIENTS, seeds=[0, 1])
    for metric in ("knn_rescaled", "ari", "ami"):
        assert value(table, "label", metric) == pytest.approx(label, abs=0.12)
        assert value(table, "dataset", metric) == pytest.approx(dataset, abs=0.12)
        assert value(table, "label-within-dataset", metric, "b") == pytest.approx(label, abs=0.25)
        assert value(table, "dataset-within-label", metric, "1") == pytest.approx(dataset, abs=0.25)
    assert value(table, "label-across-datasets", "knn_rescaled") == pytest.approx(label, abs=0.12)


def test_raw_knn_is_that_of_scikit_learn():
    table = separability(NOISE, LABELS, SOURCES, PATIENTS, k=7, seeds=[0])
    nearest = NearestNeighbors(n_neighbors=7).fit(NOISE).kneighbors(return_distance=False)
    assert value(table, "label", "knn_raw") == pytest.approx((LABELS[nearest] == LABELS[:, None]).mean())
    assert value(table, "dataset", "knn_raw") == pytest.approx((SOURCES[nearest] == SOURCES[:, None]).mean())
    inside = NOISE[SOURCES == "c"]
    nearest = NearestNeighbors(n_neighbors=7).fit(inside).kneighbors(return_distance=False)
    labels = LABELS[SOURCES == "c"]
    found = value(table, "label-within-dataset", "knn_raw", "c")
    assert found == pytest.approx((labels[nearest] == labels[:, None]).mean())


def test_across_looks_at_other_data_sets_only():
    X = NOISE + LABEL_AXIS * (SOURCES == "a")[:, None] + SOURCE_AXES
    table = separability(X, LABELS, SOURCES, PATIENTS, seeds=[0])
    hits = []
    for i, own in enumerate(SOURCES):
        legal = np.flatnonzero(~np.isin(SOURCES, own))
        nearest = legal[np.argsort(np.linalg.norm(X[legal] - X[i], axis=1))[:10]]
        hits.append((LABELS[nearest] == LABELS[i]).mean())
    assert value(table, "label-across-datasets", "knn_raw") == pytest.approx(np.mean(hits))


def test_every_question_has_its_rows():
    table = separability(NOISE, LABELS, SOURCES, PATIENTS, seeds=[3, 5])
    counts = table.groupby("level").size().to_dict()
    assert counts == {
        "label": 7,
        "dataset": 7,
        "label-within-dataset": 21,
        "dataset-within-label": 14,
        "label-across-datasets": 3,
    }
    assert set(table.loc[table["metric"] == "ari", "repeat"]) == {3, 5}
    assert table.groupby("level")["n"].first().to_dict()["dataset-within-label"] == N // 2
    assert table["status"].eq("done").all()


def test_standardised_space_forgets_units():
    scale = 10.0 ** np.arange(-3, 3)
    plain, *others = (
        separability(X, LABELS, SOURCES, PATIENTS, seeds=[0], space="standardised")["value"]
        for X in (NOISE, NOISE * scale, np.c_[NOISE, np.ones(N)])
    )
    for other in others:
        np.testing.assert_allclose(other, plain)


def test_what_cannot_be_computed_is_a_row_with_its_reason():
    one_source = separability(NOISE, LABELS, np.full(N, "a"), PATIENTS, seeds=[0])
    failed = one_source[one_source["status"] == "cannot-fill"]
    assert set(failed["level"]) == {"dataset", "dataset-within-label", "label-across-datasets"}
    assert failed["value"].isna().all()
    assert failed["reason"].str.len().gt(20).all()
    assert one_source.loc[one_source["status"] == "done", "value"].notna().all()

    tiny = np.r_[0:40, 40:45]
    table = separability(NOISE[tiny], LABELS[tiny], SOURCES[tiny], PATIENTS[tiny], seeds=[0])
    small = table[(table["level"] == "label-within-dataset") & (table["stratum"] == "b")].set_index("metric")
    assert small.loc["knn_raw", "status"] == "cannot-fill"
    assert small.loc["ari", "status"] == "done"
    assert small["n"].eq(5).all()
