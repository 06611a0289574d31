"""From matrices alone: what is read, what is refused, and what the overlap of planted features is."""

import subprocess
import sys

import numpy as np
import pytest

from ecglens.attribution.reliability import NO_CEILING
from ecglens.errors import ConfigError
from ecglens.geometry import GeometryPlan, measure_geometry
from ecglens.matrices import describe_geometry, is_leading, leading_purity, overlap_of_matrices
from ecglens.matrix_files import Labelled

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
    (sentence,) = found.answer(5)
    assert sentence.endswith("more than chance.") == (other == FIRST)
    assert f"p = {value(found.table, 'p_permutation'):.3f}" in sentence
    (facts,) = found.describe(5).values()
    assert {"share", "share of groups", "rbo"} <= set(facts)
    assert found.curve()["k"].tolist() == [5, 10]
    assert found.curve()["share"].iloc[0] == value(found.table, "share")
    assert found.inside(5)["dataset"].tolist() == ["a", "b"]
    ceiling = np.sqrt(found.inside(5)["reliability_share"].prod())
    assert value(found.table, "ceiling") == pytest.approx(ceiling)
    assert value(found.table, "ceiling_low") <= value(found.table, "ceiling") <= value(found.table, "ceiling_high") <= 1


@pytest.mark.parametrize(("halves", "sentence"), [(0, NO_CEILING), (2, "cannot tell: the interval of the ceiling")])
def test_what_cannot_be_concluded_is_a_sentence(halves: int, sentence: str) -> None:
    rng = np.random.default_rng(0)
    noise = {name: Labelled(rng.normal(size=(240, 40)), np.tile([0, 1], 120), np.arange(240)) for name in ("a", "b")}
    settings = {"probe": "logistic-regression", "n_folds": 6, "k": 5, "cutoffs": (5,), "halves": halves}
    (facts,) = overlap_of_matrices(noise, **settings).describe(5).values()
    assert facts["corrected"].startswith(sentence)


@pytest.mark.parametrize(("permutations", "words"), [(3, "cannot give p below 0.062"), (4, "are detectable.")])
def test_the_answer_says_what_a_study_could_not_have_shown(permutations: int, words: str) -> None:
    found = overlap_of_matrices(
        {"a": planted(0, FIRST, n=120), "b": planted(1, SECOND, n=120)},
        probe="logistic-regression", n_folds=6, k=5, cutoffs=(5,), halves=0, permutations=permutations,
    )  # fmt: skip
    (sentence,) = found.answer(5)
    assert "cannot tell" in sentence
    assert words in sentence


def test_matrices_of_different_width_are_refused() -> None:
    one, two = planted(0, FIRST), planted(1, FIRST, d=30)
    with pytest.raises(ConfigError, match="the top 30 of 30 features is all of them"):
        overlap_of_matrices({"a": two, "b": two}, k=30)
    with pytest.raises(ConfigError, match="of one encoder"):
        overlap_of_matrices({"a": one, "b": two})


@pytest.mark.parametrize("name", ["math:pi", "sklearn.svm:SVC"])
def test_what_is_no_probe_is_refused(name: str) -> None:
    one = planted(0, FIRST)
    with pytest.raises(ConfigError, match=r"not an ecglens\.probes\.Probe.*Built in: .*xgboost"):
        overlap_of_matrices({"a": one, "b": one}, probe=name, k=5)


def test_a_geometry_in_texts_holds_the_numbers_of_the_table() -> None:
    data, sources = planted(0, FIRST), np.repeat(["a", "b"], 120)
    found = measure_geometry(data.X, {"label": data.y}, sources, data.patients, GeometryPlan(repeats=3, seeds=2))
    leading = found[is_leading(found)].set_index("level")
    assert list(leading.index) == ["label", "source", "alignment"]
    assert leading_purity(found, "label") == tuple(leading.loc["label", ["value", "patient_low", "patient_high"]])
    assert np.isnan(leading_purity(found.iloc[:0], "label").value)
    texts = describe_geometry(found[is_leading(found)])
    assert texts["number"].tolist() == ["knn_rescaled, equal", "knn_rescaled, equal", "knn_index, equal"]
    assert texts["value"].iloc[0].startswith(f"{leading.loc['label', 'value']:.3f} [")
    assert texts["p"].iloc[0] == f"{leading.loc['label', 'p_value']:.3f}"


def test_the_chance_that_is_shown_lies_on_the_side_of_structure() -> None:
    labels, sources = np.tile([0, 1], 60), np.repeat(["chn", "georgia"], 60)
    found = measure_geometry(
        np.random.default_rng(0).normal(size=(120, 4)), {"label": labels}, sources, np.arange(120),
        GeometryPlan(repeats=2, permutations=30, seeds=1),
    )  # fmt: skip
    shown = describe_geometry(found).set_index("number")["chance"]
    for metric, side in {"ilisi": "null_low", "bras": "null_low", "source_classifier": "null_high"}.items():
        assert shown[metric] == f"{found.set_index('metric').loc[metric, side]:.3f}"


COMMANDS = {
    "geometry": ["x.npy", "--labels", "y.npy", "--sources", "s.npy"],
    "overlap": [
        "x.npy", "z.npy", "--labels", "y.npy", "--labels", "y.npy", "--probe", "logistic-regression", "--k", "2",
        "--folds", "3", "--halves", "0", "--permutations", "0",
    ],
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_on_matrices_import_no_engine(command: str, tmp_path) -> None:
    for name, seed in (("x", 0), ("z", 1)):
        np.save(tmp_path / f"{name}.npy", np.random.default_rng(seed).normal(size=(60, 4)))
    np.save(tmp_path / "y.npy", np.tile([0, 1], 30))
    np.save(tmp_path / "s.npy", np.repeat([0, 1], 30))
    code = (
        f"import sys, ecglens.cli; ecglens.cli.app({[command, *COMMANDS[command]]!r}, standalone_mode=False); "
        "print('\\n'.join(sys.modules))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    loaded = {name for name in printed.stdout.split() if name.startswith("ecglens.")}
    assert "ecglens.matrices" in loaded
    assert not {name for name in loaded if name.split(".")[1] in ("study", "report", "lenses")}
