"""What an edit of the code voids: the results whose numbers the edited code makes, and nothing else."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

import ecglens
from ecglens.closure import import_closure
from ecglens.lens import load_lenses

pytestmark = pytest.mark.slow

SETTINGS = {
    "encoders": ["age-sex", {"name": "random-conv", "dim": 16}],
    "sizes": {"tiny": 20},
    "draws": 1,
    "probes": ["logistic-regression", "decision-tree"],
    "shuffled": "none",
    "attribution": {"seeds": 1, "halves": 1, "permutations": 0, "top_k": 2, "cutoffs": [2]},
    "geometry": {"k": 5, "seeds": 1, "repeats": 2, "permutations": 5, "bootstraps": 5},
}
RUN = "import sys, json; from ecglens.study import Study, run_study; s = Study.model_validate(json.loads(sys.argv[1]))"
RUN += "; f = run_study(s, sys.argv[2]).failures; print(f.to_string()); sys.exit(len(f))"
GEOMETRY = {"results/geometry", "results/projection", "results/resample", "results/neighbourhood"}
LAST = "\nEXTRA = 1\n"
LENSES = ("scores", "overlap", "separability")


@dataclass(frozen=True)
class Copy:
    """A copy of the package, and a study that it runs into one folder."""

    root: Path
    study: str

    @property
    def out(self) -> Path:
        return self.root / "run"

    def run(self) -> dict[str, int]:
        """Run the study; time of the last change of every file that holds numbers."""
        environment = {**os.environ, "PYTHONPATH": str(self.root / "src")}
        command = [sys.executable, "-c", RUN, self.study, str(self.out)]
        done = subprocess.run(command, env=environment, cwd=self.root, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        files = [path for path in self.out.rglob("*") if path.is_file() and path.parent != self.out]
        return {str(path.relative_to(self.out)): path.stat().st_mtime_ns for path in files}

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.root / "src/ecglens" / file
        content = path.read_text()
        assert old in content, file
        path.write_text(content.replace(old, new, 1))

    def add(self, files: Iterable[str], content: str) -> None:
        for file in files:
            path = self.root / "src/ecglens" / file
            path.parent.mkdir(exist_ok=True)
            path.write_text((path.read_text() if path.exists() else '"""New."""\n') + content)

    def numbers(self, stage: str) -> pd.DataFrame:
        """Rows of the cells of a stage in the latest plan."""
        files = json.loads((self.out / "plan.json").read_text())["cells"][stage]
        return pd.concat([pd.read_parquet(self.out / file) for file in files], ignore_index=True)


def fresh(before: dict[str, int], after: dict[str, int]) -> set[str]:
    """Files that are new; all older ones are as they were."""
    assert {file: after.get(file) for file in before} == before
    return after.keys() - before.keys()


def folders(files: Iterable[str]) -> set[str]:
    return {str(Path(file).parent) for file in files}


def names(files: Iterable[str], folder: str) -> set[str]:
    """Cells that some files of a folder hold."""
    return {Path(file).stem.rpartition("__")[0] for file in files if str(Path(file).parent) == folder}


@pytest.fixture(scope="module")
def copy(tmp_path_factory, data_of, study_of) -> Copy:
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(Path(ecglens.__file__).parent, root / "src/ecglens")
    data = data_of(root / "data", n_records=60, prevalence_af=0.5)
    study = study_of(data, **SETTINGS).model_dump(mode="json", exclude_unset=True)
    return Copy(root, json.dumps(study))


def test_exactly_what_edited_code_makes_is_computed_again(copy) -> None:
    first = copy.run()
    values = copy.numbers("geometry").set_index(["encoder", "task", "level", "stratum", "counts", "space", "metric"])
    assert (values.xs("knn_raw", level="metric")["value"].dropna() > 0).all()

    copy.edit("encoders/baselines/age_sex.py", "    def encode(self", "    # A comment.\n\n    def encode(self")
    copy.edit(
        "datasets/quality.py", "WRONG_ORDER, RIGHT_ORDER = 0.03, 0.003", "WRONG_ORDER, RIGHT_ORDER = (0.03, 0.003)"
    )
    copy.edit("probes/linear.py", '"""', '"""Another docstring. ')
    siblings = (
        "encoders",
        "encoders/baselines",
        "datasets",
        "geometry/metrics",
        "probes",
        "signals",
        "lenses",
        "lenses/brand_new",
    )
    copy.add([f"{place}/brand_new.py" for place in siblings], "class BrandNew: ...\n")
    copy.edit(
        "encoders/__init__.py",
        '"age-sex":',
        '"brand-new": "ecglens.encoders.baselines.brand_new:BrandNew",\n"age-sex":',
    )
    copy.edit("lens.py", '        "scores":', '        "brand-new": "ecglens.lenses.scores:LENS",\n        "scores":')
    engine = ("report/table.py", "report/section.py", "study/run.py", "study/results.py", "study/run_state.py")
    words = [
        f"lenses/{lens}/{part}.py" for lens in ("scores", "overlap", "separability") for part in ("tables", "sections")
    ]
    copy.add([*engine, *words, "study/config.py", "study/samples.py", "output.py"], LAST)
    copy.edit("geometry/metrics/knn_purity.py", "raw=float(share.mean())", "raw=0.0")
    second = copy.run()
    assert folders(fresh(first, second)) == GEOMETRY
    assert names(fresh(first, second), "results/geometry") == names(first, "results/geometry")
    edited = copy.numbers("geometry").set_index(values.index.names)
    assert set(edited.query("metric == 'knn_raw' and level == 'label' and stratum == 'all'")["value"]) == {0.0}
    for metric in ("ari", "ilisi"):
        one, two = (table.xs(metric, level="metric")["value"] for table in (values, edited))
        pd.testing.assert_series_equal(one, two)

    copy.edit("encoders/baselines/age_sex.py", "age / 100", "age / 50")
    copy.add(["probes/trees.py"], LAST)
    third = copy.run()
    made = fresh(second, third)
    stores = {part.split("/")[1] for part in made if part.startswith("embeddings/")}
    classes = {
        json.loads((copy.out / "embeddings" / store / "provenance.json").read_text())["encoder"]["name"]
        for store in stores
    }
    assert classes == {"age-sex"}
    assert folders(made) - {f"embeddings/{store}" for store in stores} == GEOMETRY | {
        f"results/{name}" for name in ("probe", "prediction", "comparison", "attribution", "replicate", "overlap")
    }
    assert names(made, "results/probe") == names(first, "results/probe")
    for stage in ("attribution", "overlap"):
        kept = names(first, f"results/{stage}") - names(made, f"results/{stage}")
        assert kept
        assert all(cell.startswith("random-conv") and cell.endswith("logistic-regression") for cell in kept)
        again = names(made, f"results/{stage}")
        assert all(cell.startswith("age-sex") or cell.endswith("decision-tree") for cell in again)
    assert all(cell.startswith("age-sex") for cell in names(made, "results/geometry"))

    copy.edit("datasets/quality.py", "PLAUSIBLE_MV = (0.02, 20.0)", "PLAUSIBLE_MV = (0.02, 19.0)")
    fourth = copy.run()
    assert folders(fresh(third, fourth)) == {"records"}
    assert names(fresh(third, fourth), "records") == names(first, "records") != set()


FOREIGN = ("ecglens.report", "ecglens.cli", "ecglens.datasets", "ecglens.encoders", "ecglens.tasks", "ecglens.closure")
ENGINE = (
    "cell_job",
    "cells",
    "config",
    "entries",
    "executors",
    "results",
    "run",
    "run_state",
    "samples",
    "steps",
    "stages",
)
"""Modules of the study engine that make no numbers of a cell."""


@pytest.mark.parametrize(
    "stage", [stage for lens in load_lenses() for stage in lens.stages], ids=lambda stage: stage.name
)
def test_the_code_of_a_stage_is_what_makes_its_numbers(stage) -> None:
    modules = import_closure([stage.compute.__module__], Path(ecglens.__file__).parents[1])
    assert stage.compute.__module__ in modules
    engine = {f"ecglens.study.{name}" for name in ENGINE}
    foreign = [name for name in modules if name.startswith(FOREIGN) or name in engine or name == "ecglens.lens"]
    words = [name for name in modules if name.endswith(("tables", "figures", "sections", "summary", "verdicts"))]
    assert foreign + words == []


def test_the_code_of_an_embedding_holds_no_reader_and_no_rule_of_signals() -> None:
    modules = import_closure(["ecglens.embeddings.chunks"], Path(ecglens.__file__).parents[1])
    assert not [name for name in modules if name.startswith(("ecglens.datasets", "ecglens.study", "ecglens.lenses"))]
