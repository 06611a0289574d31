"""A run of lenses on made-up records and embeddings: cells are planned, computed and written as in every run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints
from unittest.mock import patch

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray
from tests.conftest import make_state

from ecglens.datasets import DATASETS
from ecglens.lens import Row, Stage
from ecglens.study import Study
from ecglens.study.cell import CellTask
from ecglens.study.cells import run_lens
from ecglens.study.results import STATE, beside
from ecglens.study.run_state import RunState

SINUS, AF = "426783006", "164889003"
DATA, DIM, N = ("chn", "georgia"), 4, 40
STUDY = {
    "name": "made up",
    "datasets": DATA,
    "encoders": ["conv", "noise"],
    "tasks": ["af"],
    "sizes": {"tiny": 12, "small": 24, "huge": 5000},
    "draws": 2,
    "folds": 4,
    "probes": ["decision-tree", "logistic-regression"],
    "shuffled": "all",
    "attribution": {"top_k": 2, "cutoffs": [1], "seeds": 1, "halves": 2, "permutations": 2},
    "geometry": {"k": 3, "seeds": 2, "repeats": 2, "permutations": 5, "bootstraps": 5, "most_per_cell": 12},
}


def records(seed: int) -> pd.DataFrame:
    """A record table: half of the records are positive, ages and sexes are partly missing."""
    rng = np.random.default_rng(seed)
    table = {
        "patient_id": [f"p{row}" for row in range(N)],
        "codes": [[AF] if row % 2 else [SINUS] for row in range(N)],
        "site": rng.choice(["one", "two"], N),
        "fs": rng.choice([250.0, 500.0], N),
        "n_samples": rng.integers(2500, 5001, N),
        "age": np.where(rng.random(N) < 0.3, np.nan, 60.0),
        "sex": np.where(rng.random(N) < 0.3, None, "F"),
    }
    return pd.DataFrame(table, index=pd.Index([f"r{row:02}" for row in range(N)], name="record_id"))


class MadeUp:
    """Embeddings; the first feature of the encoder `conv` tells the label."""

    def __init__(self, encoder: str, dataset: str) -> None:
        self.gain = 2 * (encoder == "conv")
        self.seed = [len(encoder), DATA.index(dataset)]

    def take(self, ids: list[str]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        matrix = np.random.default_rng(self.seed).normal(size=(N, DIM)).astype(np.float32)
        matrix[:, 0] += self.gain * (np.arange(N) % 2)
        return matrix[[int(name[1:]) for name in ids]], np.ones(len(ids), dtype=bool)


def make_run(out: Path, **changes: Any) -> RunState:
    """A run whose samples are drawn and whose embeddings are there."""
    study = Study.model_validate(STUDY | changes)
    cards = {name: DATASETS.load(name).card for name in DATA}
    state = make_state(study, {name: records(seed) for seed, name in enumerate(DATA)}, cards, out)
    state.joint_samples = {lens.name: dict(lens.records(state)) for lens in state.lenses}
    for entry in study.encoders:
        state.stores.folders |= {(entry.name, name): str(out / "embeddings" / name) for name in DATA}
        state.stores.unread |= {(entry.name, name): [] for name in DATA}
    return state


def run_lenses(out: Path, **changes: Any) -> RunState:
    """The run after all of its lenses."""
    state = make_run(out, **changes)
    with patch.object(CellTask, "open_embeddings", lambda task, dataset: MadeUp(task.key["encoder"], dataset)):
        for lens in state.lenses:
            run_lens(state, lens)
    assert state.failures == [], state.failures
    return state


def written(state: RunState, stage: Stage, table: str) -> list[Path]:
    """Files of a table of a stage."""
    paths = [beside(path, table) for (name, *_), path in state.made.items() if name == stage.name]
    return [path for path in paths if path.exists()]


def faults(state: RunState, stage: Stage, table: str, row: type[Row]) -> Iterator[str]:
    """What the files of a table have that its row type does not say, and the other way round."""
    own = [*row.columns(), *(() if table in stage.raw else STATE)]
    filled = set()
    for path in written(state, stage, table):
        schema, frame = pq.read_schema(path), pd.read_parquet(path)
        if schema.names != own:
            yield f"{path.name}: {schema.names}"
        texts = {name for name in schema.names if str(schema.field(name).type) in ("string", "large_string")}
        if texts != row.texts() | set(own[len(row.columns()) :]):
            yield f"{path.name}: text: {sorted(texts ^ row.texts())}"
        whole = [name for name in row.columns() if frame[name].notna().all() and frame[name].dtype.kind == "f"]
        if wrong := [name for name in whole if get_type_hints(row)[name] is int]:
            yield f"{path.name}: not whole: {wrong}"
        filled |= set(frame.columns[frame.notna().any()])
    if missing := set(own) - filled:
        yield f"never filled: {sorted(missing)}"
