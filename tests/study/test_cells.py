"""The name of a cell's file changes with everything that its numbers depend on, and with nothing else."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from ecglens.lens import Cell, Row, Stage
from ecglens.study.cell_job import compute_cell
from ecglens.study.cells import cell_job
from ecglens.study.run_state import RunState, Stores


class LengthRow(Row):
    encoder: str
    dataset: str
    value: float


def compute(_):
    return pd.DataFrame({"value": [0.5]})


def compute_elsewhere(_):
    return pd.DataFrame({"value": [0.25]})


STAGE = Stage(name="length", row=LengthRow, cells=list, compute=compute)
CELL = Cell(
    key={"encoder": "e", "dataset": "a"},
    sample=Path("samples/s__1.parquet"),
    settings={"k": 5},
    inputs={"probe": Path("results/probe/p__1.parquet")},
)


def state(out: Path, **changes) -> RunState:
    cards = {"datasets": [SimpleNamespace(name=name, card=None) for name in "ab"], "tables": {"a": None, "b": None}}
    stores = Stores({}, {("e", name): f"embeddings/{name}1" for name in "ab"}, {("e", name): [] for name in "ab"})
    made = RunState(SimpleNamespace(seed=0), (), out, SimpleNamespace(**cards), stores=stores)
    made.__dict__["versions"] = {"numpy": "2.0"}
    for name, value in changes.items():
        made.__dict__[name] = value
    return made


def name_of(made: RunState, cell: Cell = CELL, stage: Stage = STAGE) -> str:
    job = cell_job(made, stage, cell)
    assert job
    return job.argument.output.name


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {"k": 6}},
        {"sample": Path("samples/s__2.parquet")},
        {"sample": None},
        {"inputs": {"probe": Path("results/probe/p__2.parquet")}},
        {"inputs": {"prediction": Path("results/probe/p__1.parquet")}},
        {"reason": "too few"},
        {"key": {"encoder": "e", "dataset": "b"}},
    ],
    ids=str,
)
def test_everything_that_a_cell_depends_on_is_in_its_name(tmp_path, change) -> None:
    assert name_of(state(tmp_path), replace(CELL, **change)) != name_of(state(tmp_path))


def test_seed_versions_embeddings_and_code_are_in_its_name(tmp_path, monkeypatch) -> None:
    before = name_of(state(tmp_path))
    other = Stores({}, {("e", name): f"embeddings/{name}2" for name in "ab"}, {("e", name): [] for name in "ab"})
    unread = Stores({}, {("e", name): f"embeddings/{name}1" for name in "ab"}, {("e", name): ["r1"] for name in "ab"})
    changes = [
        {"study": SimpleNamespace(seed=1)},
        {"versions": {"numpy": "2.1"}},
        {"stores": other},
        {"stores": unread},
    ]
    names = [name_of(state(tmp_path, **change)) for change in changes]
    monkeypatch.setattr("ecglens.study.cells.code_digest", lambda function: function.__name__)
    names += [name_of(state(tmp_path)), name_of(state(tmp_path), stage=replace(STAGE, compute=compute_elsewhere))]
    assert len({before, *names}) == 7


def test_a_file_begins_with_the_names_of_its_cell(tmp_path) -> None:
    assert re.fullmatch(r"e__a__[0-9a-f]{8}\.parquet", name_of(state(tmp_path)))
    alone = replace(CELL, key={})
    assert re.fullmatch(r"all__[0-9a-f]{8}\.parquet", name_of(state(tmp_path), alone))


def test_cells_of_the_same_names_differ_by_what_the_names_are_of(tmp_path) -> None:
    names = [name_of(state(tmp_path), replace(CELL, key={kind: "a"})) for kind in ("dataset", "task")]
    assert names[0] != names[1]
    assert cell_job(state(tmp_path), STAGE, replace(CELL, key={"dataset": "a"})).argument.task.embeddings == {}


def test_neither_the_folder_nor_the_device_is_in_its_name(tmp_path) -> None:
    before = name_of(state(tmp_path))
    assert name_of(state(tmp_path / "other")) == before
    assert name_of(state(tmp_path), replace(CELL, device="cuda")) == before


def test_a_cell_needs_the_embeddings_of_its_data_sets(tmp_path) -> None:
    joint = replace(CELL, key={"encoder": "e"}, datasets=("a", "b"))
    assert cell_job(state(tmp_path), STAGE, joint).argument.task.embeddings.keys() == {"a", "b"}
    everything = replace(joint, datasets=None)
    assert cell_job(state(tmp_path), STAGE, everything).argument.task.embeddings.keys() == {"a", "b"}
    one = cell_job(state(tmp_path), STAGE, CELL)
    assert one.argument.task.embeddings == {"a": "embeddings/a1"}
    lacking = Stores({}, {("e", "a"): "embeddings/a1"}, {("e", "a"): []})
    assert cell_job(state(tmp_path, stores=lacking), STAGE, joint) is None
    assert cell_job(state(tmp_path, stores=lacking), STAGE, replace(joint, reason="no labels")) is not None
    assert cell_job(state(tmp_path, stores=lacking), STAGE, CELL) is not None


def test_a_whole_file_is_kept_and_a_damaged_one_is_made_again(tmp_path) -> None:
    job = cell_job(state(tmp_path), STAGE, replace(CELL, inputs={}))
    compute_cell(job.argument)
    output = job.argument.output
    made = state(tmp_path)
    assert cell_job(made, STAGE, replace(CELL, inputs={})) is None
    assert made.cells == {"length": [str(output.relative_to(tmp_path))]}
    assert made.file("length", ("e", "a")) == output
    assert cell_job(state(tmp_path), STAGE, replace(CELL, inputs={}), recompute=True) is not None
    assert not output.exists()
    compute_cell(job.argument)
    output.write_bytes(output.read_bytes()[:-10])
    assert cell_job(state(tmp_path), STAGE, replace(CELL, inputs={})) is not None
    assert not output.exists()
