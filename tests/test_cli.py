import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from ecglens.cli import app, main
from ecglens.datasets.simulated import simulate

STUDY = """
name: small
datasets: [{name: simulated-georgia, reader: georgia, root: georgia}]
encoders: [age-sex]
tasks: [af]
sizes: {tiny: 20}
folds: 3
probes: [decision-tree]
attribution: {top_k: 2}
geometry: {seeds: 2}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("cli")
    simulate(root / "georgia", "georgia", 60, 1)
    (root / "study.yaml").write_text(STUDY)
    return root


def invoke(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_run_prints_the_tables_and_writes_the_report(folder) -> None:
    printed = invoke("run", folder / "study.yaml", "--out", folder / "run", "--workers", 1)
    assert "simulated-georgia" in printed
    assert "age-sex" in printed
    assert str(folder / "run" / "report.html") in printed.replace("\n", "")
    assert (folder / "run" / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize(("option", "mark"), [("--csv", ","), ("--latex", r"\toprule"), ("--markdown", "|")])
def test_results_in_every_form(folder, option: str, mark: str) -> None:
    invoke("run", folder / "study.yaml", "--out", folder / "run", "--workers", 1)
    printed = invoke("results", folder / "run", option)
    assert mark in printed
    assert "age-sex" in printed


def test_dry_run_counts_and_writes_nothing(folder) -> None:
    printed = invoke("run", folder / "study.yaml", "--out", folder / "dry", "--dry-run")
    assert "probe fits" in printed
    assert str(2 * 1 * 3) in printed  # true and shuffled labels, one probe, three folds
    assert not (folder / "dry").exists()


def test_facts_are_printed(folder) -> None:
    assert "CODE-15" in invoke("data", "list")
    assert "60 usable of 60" in invoke("data", "check", "georgia", folder / "georgia")
    assert "cd-core" in invoke("tasks", "list")
    assert "164889003" in invoke("tasks", "show", "af")
    assert "random-conv" in invoke("encoders", "list")
    assert "recipe official" in invoke("encoders", "show", "ecg-fm")


def test_the_conformance_check_passes_for_a_built_in_encoder() -> None:
    printed = invoke("encoders", "check", "age-sex")
    assert "pass" in printed
    assert "FAIL" not in printed


def test_the_conformance_check_fails_with_exit_code_1_and_a_remedy(tmp_path, monkeypatch) -> None:
    (tmp_path / "wrong.py").write_text(
        "import numpy as np\n"
        "from ecglens.encoders import EncoderCard, Recipe\n"
        "class Wrong:\n"
        "    card, recipe = EncoderCard('wrong', dim=4), Recipe()\n"
        "    def encode(self, batch):\n"
        "        return np.full((len(batch.signals), 1, 4), np.nan, np.float32)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    result = CliRunner().invoke(app, ["encoders", "check", "wrong:Wrong"])
    assert result.exit_code == 1
    assert "FAIL  finite" in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tasks", "show", "AF"], "ConfigError: unknown task 'AF'"),
        (["data", "check", "georgia", "/no/such/folder"], "DatasetError"),
        (["encoders", "check", "age-sex", "-o", "dim"], "write KEY=VALUE"),
        (["encoders", "check", "age-sex", "-o", "name=x"], "--option name: "),
        (["data", "check", "georgia", ".", "-o", "root=x"], "--option root: "),
        (["data", "check", "georgia", "/no/\x1b[31mfolder"], "/no/\\x1b[31mfolder"),
        (["encoders", "pull", "age-sex"], "no published weights"),
        (["encoders", "check", "ecg-jepa"], "ecglens encoders pull ecg-jepa"),
        (["run", "/no/such/study.yaml", "--out", "never"], "cannot read the study file"),
        (["results", "/no/such/run"], "not a run folder"),
    ],
)
def test_what_is_refused_is_one_clear_message_and_exit_code_2(words, message, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["ecglens", *words])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert "Traceback" not in printed


def test_the_command_is_installed() -> None:
    command = [sys.executable, "-c", "from ecglens.cli import main; main()", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.startswith("ecglens ")


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
    assert "without permuted labels there is no chance" in every.splitlines()[0]
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
    assert abs(levels["dataset"]) < 0.15
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
    assert ends["dataset", 0.0] > 0.8 > 0.2 > abs(ends["dataset", 1.0])
    assert ends["label", 1.0] > 0.8 > 0.2 > abs(ends["label", 0.0])
