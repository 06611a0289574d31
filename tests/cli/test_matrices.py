"""The commands on matrices of embeddings: answers, tables, and files that cannot be written."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from ecglens.cli import app


def invoke(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def matrices(tmp_path_factory):
    """Two data sets whose first three features follow the label."""
    root, rng = tmp_path_factory.mktemp("matrices"), np.random.default_rng(0)
    y = np.tile([0, 1], 60)
    for name in ("one", "two"):
        np.save(root / f"{name}.npy", rng.normal(size=(120, 12)) + 4 * y[:, None] * (np.arange(12) < 3))
    np.save(root / "both.npy", np.concatenate([np.load(root / f"{name}.npy") for name in ("one", "two")]))
    (root / "labels.txt").write_text("\n".join(map(str, y)))
    (root / "all.txt").write_text("\n".join(map(str, [*y, *y])))
    (root / "sources.txt").write_text("\n".join(["one"] * 120 + ["two"] * 120))
    return root


def test_overlap_from_matrices(matrices) -> None:
    labels = ["--labels", matrices / "labels.txt"] * 2
    settings = ["--probe", "logistic-regression", "--k", 3, "--folds", 5, "--csv", matrices / "numbers.csv"]
    printed = invoke("overlap", matrices / "one.npy", matrices / "two.npy", *labels, *settings)
    assert printed.startswith("one and two share 1.00 of the top 3 features, permuted labels ")
    assert "more than chance." in printed.splitlines()[0]
    assert "Share of the top over its size" not in printed
    quick = ["--permutations", 0, "--halves", 0, "--all"]
    every = invoke("overlap", matrices / "one.npy", matrices / "two.npy", *labels, *settings, *quick)
    assert "without permutations there is no chance level" in every.splitlines()[0]
    assert "Share of the top over its size" in every
    table = pd.read_csv(matrices / "numbers.csv")
    share = table[(table["metric"] == "share") & (table["k"] == 3) & (table["unit"] == "feature")]
    assert share["value"].tolist() == [1.0]


def test_geometry_from_a_matrix(matrices) -> None:
    files = ["--labels", matrices / "all.txt", "--sources", matrices / "sources.txt"]
    printed = invoke("geometry", matrices / "both.npy", *files, "--csv", matrices / "geometry.csv")
    assert "knn_index" in printed
    assert printed.startswith("both.npy: follows the label. Label kNN 1.00 [")
    assert "v_measure" not in printed
    assert "v_measure" in invoke("geometry", matrices / "both.npy", *files, "--all")
    table = pd.read_csv(matrices / "geometry.csv").query("metric == 'knn_rescaled' and counts == 'natural'")
    levels = table[table["stratum"] == "all"].set_index("level")["value"]
    assert levels["label"] > 0.8
    assert abs(levels["source"]) < 0.15
    cosine = matrices / "cosine.csv"
    invoke("geometry", matrices / "both.npy", *files, "--metric", "cosine", "--csv", cosine)
    assert pd.read_csv(cosine)["value"].tolist() != pd.read_csv(matrices / "geometry.csv")["value"].tolist()


def test_a_geometry_of_which_nothing_can_be_measured_fails(matrices) -> None:
    (matrices / "alone.txt").write_text("\n".join(map(str, range(240))))
    files = ["--labels", matrices / "all.txt", "--sources", matrices / "alone.txt"]
    result = CliRunner().invoke(app, list(map(str, ["geometry", matrices / "both.npy", *files])))
    assert result.exit_code == 1
    assert result.stdout.startswith("both.npy: not measured.")


def test_the_reference_scale_runs_from_the_source_to_the_label(matrices) -> None:
    picture, numbers = matrices / "dial.svg", matrices / "dial.csv"
    printed = invoke("reference-scale", "--records", 60, "--picture", picture, "--csv", numbers)
    assert printed.startswith("Label ARI jumps from")
    assert invoke("calibrate", "--records", 60) == printed
    assert "<svg" in picture.read_text()
    table = pd.read_csv(numbers).query("metric == 'knn_rescaled' and counts == 'natural'")
    ends = table[table["stratum"] == "all"].set_index(["level", "dial"])["value"]
    assert ends["source", 0.0] > 0.8 > 0.2 > abs(ends["source", 1.0])
    assert ends["label", 1.0] > 0.8 > 0.2 > abs(ends["label", 0.0])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["reference-scale", "--csv", "{}"], "is a folder"),
        (["reference-scale", "--csv", "{}/no/numbers.csv"], "there is no folder"),
        (["reference-scale", "--picture", "{}/dial.txt"], "pictures end in .svg, .png, .pdf"),
        (["geometry", "{}/both.npy", "--labels", "{}/all.txt"], "--sources"),
        (["reference-scale", "--prevalence", "0.9"], "--prevalence"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_work(matrices, words, message, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    result = CliRunner().invoke(app, [word.format(matrices) for word in words])
    assert result.exit_code == 2
    assert message in result.stderr
