"""Geometry cells of a small study, computed again from embeddings and from the values behind them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from ecglens.embeddings import load_embeddings
from ecglens.study import run_study

K = 7


@pytest.fixture(scope="module")
def finished(data_of, study_of, tmp_path_factory):
    root = tmp_path_factory.mktemp("geometry")
    data = data_of(root / "data", ("georgia", "chn"), 70, prevalence_af=0.5)
    study = study_of(
        data,
        encoders=[{"name": "random-conv", "dim": 32}],
        sizes={"small": 40},
        probes=["logistic-regression"],
        shuffled="none",
        attribution={"halves": 0, "seeds": 1, "top_k": 5},
        geometry={"k": K, "seeds": 2, "repeats": 3, "permutations": 40, "bootstraps": 40},
        projection={"n_neighbors": 8},
    )
    results = run_study(study, root / "run")
    assert results.failures.empty
    return results, root / "run"


def raw(out, stage: str) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(path) for path in sorted((out / "results" / stage).iterdir())])


def rows_of(results, **place) -> pd.DataFrame:
    rows = results.geometry
    for name, value in place.items():
        rows = rows[rows[name] == value]
    return rows


@pytest.fixture(scope="module")
def embedded(finished):
    """Embeddings of the pool, in the order of the per-record table."""
    records = raw(finished[1], "neighbourhood").reset_index(drop=True)
    stores = [load_embeddings(path.parent) for path in (finished[1] / "embeddings").glob("*/matrix.npy")]
    parts = [store.take(list(records["record_id"])) for store in stores]
    x = np.zeros((len(records), 32), dtype=np.float32)
    for matrix, kept in parts:
        x[kept] = matrix
    assert sum(kept for _, kept in parts).tolist() == [1] * len(records)
    assert records["patient_id"].is_unique
    return x, records


@pytest.mark.parametrize(("level", "classes"), [("label", "label"), ("source", "dataset")])
def test_raw_purity_is_that_of_scikit_learn_and_of_the_records(finished, embedded, level: str, classes: str) -> None:
    x, records = embedded
    classes = records[classes].to_numpy()
    nearest = NearestNeighbors(n_neighbors=K).fit(x).kneighbors(return_distance=False)
    expected = (classes[nearest] == classes[:, None]).mean(axis=1)
    np.testing.assert_allclose(records[f"same_{level}"], expected)
    found = rows_of(finished[0], task="af", level=level, stratum="all", metric="knn_raw")
    assert found["value"].item() == pytest.approx(expected.mean())


def test_means_are_those_of_the_values_behind_them(finished) -> None:
    values = raw(finished[1], "resample")
    place = ["task", "level", "stratum", "counts", "space", "metric"]
    known = rows_of(finished[0]).fillna({"space": ""}).set_index(place)
    for key, part in values.fillna({"space": ""}).groupby(place):
        row = known.loc[key]
        assert part["value"].mean() == pytest.approx(row["value"])
        assert (len(part), set(part["repeat"])) == (row["n_repeats"], set(range(len(part))))
    assert {"label", "source", "alignment"} <= set(values["level"])


@pytest.mark.parametrize("method", ["umap", "pca"])
def test_pictures_are_as_faithful_as_scikit_learn_says(finished, embedded, method: str) -> None:
    x, records = embedded
    points = finished[0].projection.query("method == @method").set_index(["dataset", "record_id"])
    plane = points.loc[list(zip(records["dataset"], records["record_id"], strict=True)), ["x", "y"]].to_numpy()
    numbers = rows_of(finished[0], level="picture", space=method).set_index("metric")["value"]
    assert numbers["trustworthiness"] == pytest.approx(trustworthiness(x, plane, n_neighbors=15), abs=1e-6)
    assert numbers["continuity"] == pytest.approx(trustworthiness(plane, x, n_neighbors=15), abs=1e-6)
    clusters = rows_of(finished[0], metric="ari", space=method, task="af")
    assert set(clusters["level"]) == {"label", "source"}


def test_one_cell_more_tells_what_the_embedding_shows_of_its_source(finished) -> None:
    rows = rows_of(finished[0], task="")
    assert set(rows["level"]) == {"source", "mixing"}
    assert set(rows.loc[rows["level"] == "mixing", "metric"]) == {"ilisi", "source_classifier", "pc_regression_source"}
    assert rows["status"].eq("done").all()
    own = rows_of(finished[0], task="af")
    assert {"bras", "pc_regression_label"} == set(own.loc[own["level"] == "mixing", "metric"])


def test_standardised_features_forget_units(finished, study_of, tmp_path) -> None:
    """The embedding of features of unit variance is what scikit-learn's scaler gives."""
    from sklearn.preprocessing import StandardScaler

    results, out = finished
    study = results.study | {"geometry": results.study["geometry"] | {"features": "standardised"}}
    found = run_study(type(study_of(out.parent / "data")).model_validate(study), tmp_path)
    records = raw(tmp_path, "neighbourhood").reset_index(drop=True)
    stores = [load_embeddings(path.parent) for path in (tmp_path / "embeddings").glob("*/matrix.npy")]
    x = np.zeros((len(records), 32), dtype=np.float32)
    for matrix, kept in (store.take(list(records["record_id"])) for store in stores):
        x[kept] = matrix
    scaled = StandardScaler().fit_transform(x)
    nearest = NearestNeighbors(n_neighbors=K).fit(scaled).kneighbors(return_distance=False)
    labels = records["label"].to_numpy()
    expected = (labels[nearest] == labels[:, None]).mean()
    raw_knn = rows_of(found, task="af", level="label", stratum="all", metric="knn_raw")["value"].item()
    assert raw_knn == pytest.approx(expected)
