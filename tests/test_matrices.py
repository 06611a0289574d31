"""From matrices alone: what is read, what is refused, and what the overlap of planted features is."""

import numpy as np
import pytest

from ecglens.attribution.reliability import NO_CEILING, TOO_LOW
from ecglens.errors import ConfigError
from ecglens.matrices import Labelled, overlap_of_matrices, read_column, read_labelled, read_labels, read_matrix

FIRST, SECOND = range(5), range(20, 25)


def planted(seed: int, features: range, n: int = 240, d: int = 40) -> Labelled:
    rng = np.random.default_rng(seed)
    y = np.tile([0, 1], n // 2)
    x = rng.normal(size=(n, d))
    x[:, list(features)] += 1.5 * y[:, None]
    return Labelled(x, y, np.arange(n) // 2 * 2 + y)


def value(table, metric: str, k: int | None = 5) -> float:
    rows = table[(table["metric"] == metric) & (table["unit"] == "feature") & (table["dataset"] != table["other"])]
    return rows.loc[rows["k"] == k, "value"].item() if k else rows["value"].item()


@pytest.mark.parametrize(("other", "low", "high"), [(FIRST, 0.95, 1.0), (SECOND, 0.0, 0.2)])
def test_planted_features_are_shared_or_not(other: range, low: float, high: float) -> None:
    found = overlap_of_matrices(
        {"a": planted(0, FIRST), "b": planted(1, other)},
        probe="logistic-regression", n_folds=6, k=5, cutoffs=(5, 10),
    )  # fmt: skip
    assert set(found.f1) == {"a", "b"}
    assert min(found.f1.values()) > 0.8
    assert low <= value(found.table, "share") <= high
    assert value(found.table, "chance") == pytest.approx(5 / 40)
    assert value(found.table, "ceiling") > 0.9
    assert low <= value(found.table, "corrected") + 0.2 <= high + 0.2
    assert value(found.table, "dim", None) == 40
    (facts,) = found.describe(5).values()
    assert {"share", "share of groups", "rbo"} <= set(facts)
    assert found.curve()["k"].tolist() == [5, 10]
    assert found.curve()["share"].iloc[0] == value(found.table, "share")
    assert found.inside(5)["dataset"].tolist() == ["a", "b"]
    ceiling = np.sqrt(found.inside(5)["reliability_share"].prod())
    assert value(found.table, "ceiling") == pytest.approx(ceiling)


@pytest.mark.parametrize(("halves", "sentence"), [(0, NO_CEILING), (2, TOO_LOW[:40])])
def test_what_cannot_be_concluded_is_a_sentence(halves: int, sentence: str) -> None:
    rng = np.random.default_rng(0)
    noise = {name: Labelled(rng.normal(size=(240, 40)), np.tile([0, 1], 120), np.arange(240)) for name in ("a", "b")}
    settings = {"probe": "logistic-regression", "n_folds": 6, "k": 5, "cutoffs": (5,), "halves": halves}
    (facts,) = overlap_of_matrices(noise, **settings).describe(5).values()
    assert facts["corrected"].startswith(sentence)


def test_files_become_data_sets(tmp_path) -> None:
    for name in ("one", "two"):
        np.save(tmp_path / f"{name}.npy", np.eye(3, dtype=np.float32))
    (tmp_path / "labels.txt").write_text("0\n1\n1\n")
    np.save(tmp_path / "patients.npy", np.array(["a", "a", "b"]))
    matrices = [tmp_path / "one.npy", tmp_path / "two.npy"]
    found = read_labelled(matrices, [tmp_path / "labels.txt"] * 2, [tmp_path / "patients.npy"] * 2)
    assert list(found) == ["one", "two"]
    assert found["one"].y.tolist() == [0, 1, 1]
    assert found["two"].patients.tolist() == ["a", "a", "b"]
    assert read_labelled(matrices, [tmp_path / "labels.txt"] * 2, None)["one"].patients.tolist() == [0, 1, 2]
    with pytest.raises(ConfigError, match="2 matrices and 1 files of labels"):
        read_labelled(matrices, [tmp_path / "labels.txt"], None)
    with pytest.raises(ConfigError, match="its own name"):
        read_labelled([matrices[0]] * 2, [tmp_path / "labels.txt"] * 2, None)


def test_what_is_no_matrix_is_refused_and_nothing_in_it_is_run(tmp_path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ConfigError, match=r"x\.npy"):
        read_matrix(path)
    np.save(path, np.zeros(4))
    with pytest.raises(ConfigError, match=r"float64 \(4,\).*\[n, d\]"):
        read_matrix(path)
    np.save(path, np.array([[0.0, 1.0], [np.nan, 2.0]]))
    with pytest.raises(ConfigError, match="the first is row 1"):
        read_matrix(path)
    with pytest.raises(ConfigError, match="no-such"):
        read_matrix(tmp_path / "no-such.npy")


def test_columns_have_a_value_per_row(tmp_path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("0\n1\n2\n")
    with pytest.raises(ConfigError, match=r"row 2 holds '2'"):
        read_labels(path, 3)
    with pytest.raises(ConfigError, match="holds 3 values, the matrix has 5 rows"):
        read_column(path, 5)
    with pytest.raises(ConfigError, match="the matrix has 2 rows"):
        read_column(path, 2)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_column(tmp_path / "no-such.csv", 2)


def test_matrices_of_different_width_are_refused() -> None:
    one, two = planted(0, FIRST), planted(1, FIRST, d=30)
    with pytest.raises(ConfigError, match="the top 30 of 30 features is all of them"):
        overlap_of_matrices({"a": two, "b": two}, k=30)
    with pytest.raises(ConfigError, match="under one encoder"):
        overlap_of_matrices({"a": one, "b": two})
