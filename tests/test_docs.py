"""What the documentation shows works as it is shown."""

import re
import shlex
import sqlite3
from importlib import import_module
from pathlib import Path
from textwrap import dedent

import pandas as pd
import pytest
import typer
import yaml
from sklearn.metrics import f1_score

from ecglens.cli import app
from ecglens.datasets.simulated import simulate
from ecglens.files import read_json
from ecglens.lenses.scores.nested import NESTED
from ecglens.lenses.scores.summary import Scores
from ecglens.report import summarise
from ecglens.study import Study, load_results, load_study, run_study

ROOT = Path(__file__).parents[1]
PATHS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = {str(path.relative_to(ROOT)): path.read_text() for path in PATHS}
PLACE = ["encoder", "dataset", "task", "size", "probe"]


def blocks(language: str) -> list[tuple[str, str]]:
    """Page and text of every block of code in a language."""
    return [
        (page, dedent(text))
        for page, content in PAGES.items()
        for text in re.findall(rf"^ *```{language}\n(.*?)^ *```", content, flags=re.DOTALL | re.MULTILINE)
    ]


TESTED_ELSEWHERE = {
    "class MyEncoder": "README.md: tests/test_readme.py runs the conformance check on it",
    "ecglens.embed(": "docs/python.md: tests/test_public_api.py runs it",
    "class MyRecords": "docs/data.md: a part of examples/my_reader.py, see below",
}
HOW_TO = "docs/how-to/"  # tests/how_to installs and runs these pages
PYTHON = [
    text
    for page, text in blocks("python")
    if not page.startswith(HOW_TO) and not any(part in text for part in TESTED_ELSEWHERE)
]
(SQL,) = [text for _, text in blocks("sql")]


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """A folder ``runs/first`` that also holds the cells of an earlier study."""
    place = tmp_path_factory.mktemp("docs")
    simulate(place / "georgia", "georgia", 40, 3)
    settings = {
        "name": "small",
        "datasets": [{"name": "georgia", "root": place / "georgia"}],
        "encoders": ["signal-features"],
        "tasks": ["cd", "af"],
        "sizes": {"T": 16, "too-many": 5000},
        "draws": 2,
        "repeats": 2,
        "folds": 4,
        "probes": ["logistic-regression", "decision-tree"],
        "attribution": {"top_k": 2, "cutoffs": [2], "seeds": 1, "halves": 0},
        "geometry": {"k": 3, "seeds": 1, "repeats": 2, "permutations": 5, "bootstraps": 5},
    }
    for seed in (1, 2):
        run_study(Study.model_validate(settings | {"seed": seed}), place / "runs" / "first")
    return place / "runs" / "first"


@pytest.fixture(scope="module")
def right(run) -> pd.Series:
    """Mean F1 of every probe, from the summary of the report."""
    scores = summarise(load_results(run)).of(Scores).scores
    true = scores[(scores["labels"] == "true") & (scores["metric"] == "f1") & (scores["probe"] != NESTED)]
    return true.set_index(PLACE)["mean"].sort_index()


def run_in(run: Path, text: str) -> dict:
    """Names that a block of Python leaves, run beside the folder ``runs``."""
    names: dict = {"__name__": "docs"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(run.parents[1])
        exec(text, names)  # noqa: S102
    return names


def same(found: pd.Series, right: pd.Series) -> None:
    pd.testing.assert_series_equal(found.sort_index(), right, check_names=False, rtol=1e-12)


def test_the_right_values_are_those_of_the_predictions(run, right) -> None:
    """F1 by scikit-learn, from the stored probabilities."""
    cells = [run / name for name in read_json(run / "plan.json")["cells"]["probe"]]
    beside = [path.parents[1] / "prediction" / path.name for path in cells]
    rows = pd.concat([pd.read_parquet(path) for path in beside if path.exists()])
    rows = rows[rows["labels"] == "true"]
    fits = rows.groupby([*PLACE, "draw", "fold"])[["label", "probability"]].apply(
        lambda fold: f1_score(fold["label"], fold["probability"] > 0.5, zero_division=0)
    )
    same(fits.groupby([*PLACE, "fold"]).mean().groupby(PLACE).mean(), right)


@pytest.mark.parametrize("text", PYTHON, ids=lambda text: text.strip().splitlines()[-1][:40])
def test_python_runs(text, run, right) -> None:
    names = run_in(run, text)
    if "scores" in names:
        same(names["scores"]["mean"], right)
        assert (names["scores"]["std"] >= 0).all()
    elif "probe" in names:
        mine = names["probe"].sort_values(list(names["probe"]), ignore_index=True)
        ours = load_results(run).probe.sort_values(list(names["probe"]), ignore_index=True)
        pd.testing.assert_frame_equal(mine, ours)


def test_sql_gives_the_right_values(run, right) -> None:
    text = next(text for text in PYTHON if "plan.json" in text)
    with sqlite3.connect(":memory:") as database:
        run_in(run, text)["probe"].to_sql("probe", database, index=False)
        same(pd.read_sql(SQL, database).set_index(PLACE)["f1"], right)


def test_an_unfiltered_read_gives_others(run, right) -> None:
    """Else the tests above could not tell a wrong example from a right one."""
    everything = pd.read_parquet(run / "results" / "probe")
    true = everything[(everything["labels"] == "true") & (everything["metric"] == "f1")]
    probe = load_results(run).probe
    for rows in (true, probe[probe["metric"] == "f1"]):
        found = rows[rows["status"] == "done"].groupby(PLACE).value.mean().reindex(right.index)
        assert (found - right).abs().max() > 0.01


def test_the_reader_of_the_page_is_the_example() -> None:
    (text,) = [text for _, text in blocks("python") if "class MyRecords" in text]
    assert text in (ROOT / "examples" / "my_reader.py").read_text()


def test_the_folder_holds_what_its_table_lists(run) -> None:
    patterns = re.findall(r"^\| `([^`]+)` \|", PAGES["docs/run-folder.md"].split("## Reading")[0], flags=re.MULTILINE)
    patterns = [re.sub("<.*?>", "*", pattern) for pattern in patterns if pattern != "report.html"]
    assert len(patterns) > 10
    assert [pattern for pattern in patterns if not list(run.glob(pattern))] == []
    listed = {pattern.split("/")[1] for pattern in patterns if pattern.startswith("results/")}
    assert {path.name for path in (run / "results").iterdir()} == listed


@pytest.mark.parametrize(("page", "text"), [block for block in blocks("yaml") if "\nname:" not in "\n" + block[1]])
def test_parts_of_study_files_are_valid(page, text, tmp_path) -> None:
    (tmp_path / "my_finetuned.pt").touch()
    whole = {"name": "x", "data": ".", "datasets": ["georgia"], "encoders": ["age-sex"]} | yaml.safe_load(text)
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(whole))
    load_study(tmp_path / "study.yaml")


def commands() -> list[str]:
    shown = [line for page, text in blocks("sh") if not page.startswith(HOW_TO) for line in text.splitlines()]
    inline = [part for content in PAGES.values() for part in re.findall(r"`(ecglens [^`]+)`", content)]
    return sorted({line.split("#")[0].strip() for line in shown + inline if line.startswith("ecglens ")})


@pytest.mark.parametrize("line", commands())
def test_commands_have_these_arguments(line) -> None:
    """Parsed without being run; text that only names a command may leave out its arguments."""
    command, words = typer.main.get_command(app), shlex.split(line)[1:]
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    assert not hasattr(command, "commands"), f"{words} is no command"
    try:
        command.make_context(line, list(words))
    except Exception as error:
        if words or type(error).__name__ != "MissingParameter":
            raise


def test_files_and_make_targets_exist() -> None:
    everything = "\n".join(PAGES.values())
    scripts = set(re.findall(r"\b((?:benchmarks|examples|tests)/[\w/]+\.py)", everything))
    tools = {f"torture/{name}.py" for name in re.findall(r"`torture (\w+)`", everything)}
    assert len(scripts) > 10
    assert len(tools) > 4
    assert [name for name in scripts | tools if not (ROOT / name).is_file()] == []
    targets = set(re.findall(r"(?:^|`)make ([\w-]+)", everything, flags=re.MULTILINE))
    assert targets >= {"demo", "test"}
    assert targets <= set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


def test_links_lead_to_pages_and_headings() -> None:
    def anchor(heading: str) -> str:
        return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")

    broken = []
    for page, content in PAGES.items():
        for target in re.findall(r"\]\((?!https?:)([^)]+)\)", content):
            name, _, part = target.partition("#")
            path = (ROOT / page).parent / name if name else ROOT / page
            headings = re.findall(r"^#+ (.*)$", path.read_text(), flags=re.MULTILINE) if path.is_file() else []
            if not path.exists() or (part and part not in map(anchor, headings)):
                broken.append((page, target))
    assert broken == []


def test_names_of_the_code_exist() -> None:
    content = "\n".join(PAGES.values())
    others = {"ecglens.seal", *re.findall(r'entry-points\."([\w.]+)"', content)}  # metadata, groups of entry points
    names = set(re.findall(r"`(ecglens(?:\.\w+)+)`", content)) - others
    assert len(names) > 3
    for name in names:
        try:
            import_module(name)
        except ModuleNotFoundError:
            module, _, attribute = name.rpartition(".")
            assert hasattr(import_module(module), attribute), name
