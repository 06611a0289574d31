"""A cell of a study: what it is made from, and how its rows come to lie in a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.embeddings import Embeddings, load_embeddings
from ecglens.errors import CannotFillError
from ecglens.files import read_sealed, read_table
from ecglens.study.results import RAW, STAGES, beside, cannot_fill_frame, cell_frame, write_frame
from ecglens.study.samples import derive_seed


@dataclass(frozen=True)
class CellTask:
    """One cell: which embeddings, which sample, which settings.

    Parameters
    ----------
    key
        The cell's place in the study, as the result's columns: encoder, dataset, task, size, ...
    embeddings
        Data set to folder of its stored embeddings.
    unread
        Data set to the records that could not be embedded this time, because their files could not be read.
    sample
        Parquet file with record_id, patient_id, label and, per stage, fold or dataset; ``None`` where a stage needs
        none.
    inputs
        Files of other cells that this one reads, by what they are.
    settings
        What the stage's numbers depend on beside the data.
    seed
        The study's seed.
    reason
        Why the cell cannot be filled; empty where it can.
    output
        The result file.
    provenance
        Goes into the result file.
    device
        Where it runs, for a stage whose numbers do not depend on it.
    """

    key: Mapping[str, str]
    embeddings: Mapping[str, str]
    unread: Mapping[str, Sequence[str]]
    sample: Path | None
    inputs: Mapping[str, Path]
    settings: Mapping[str, Any]
    seed: int
    reason: str
    output: Path
    provenance: Mapping[str, Any]
    device: str | None = None

    def derived_seed(self, stage: str) -> int:
        """The cell's own seed; the encoder has no part in it, so all encoders meet the same randomness."""
        return derive_seed(
            self.seed, stage, *(self.key.get(name, "") for name in ("dataset", "task", "size", "labels"))
        )

    def read_sample(self) -> pd.DataFrame:
        """The rows of the sample."""
        if self.sample is None:
            raise ValueError(f"cell {dict(self.key)} has no sample")
        return read_table(self.sample)

    def open_embeddings(self, dataset: str) -> Embeddings:
        """The stored embeddings of a data set."""
        return load_embeddings(Path(self.embeddings[dataset]), unread=self.unread.get(dataset, ()))

    def run(self, stage: str, rows: Callable[[CellTask], pd.DataFrame]) -> None:
        """Compute the cell and write it, or the one row that says why the data cannot fill it.

        Files of other cells are verified first: whatever reads them may trust them.
        """
        for path in self.inputs.values():
            read_sealed(path)
        try:
            if self.reason:
                raise CannotFillError(self.reason)
            frame = cell_frame(stage, self.key, rows(self))
        except CannotFillError as error:
            frame = cannot_fill_frame(stage, self.key, str(error))
        made = [name for name in (*RAW, *STAGES) if name != stage and beside(self.output, name).exists()]
        self._write(stage, self.output, frame, {"beside": made})

    def write_raw(self, stage: str, rows: pd.DataFrame) -> None:
        """Write the values behind the cell's numbers, under the same name in a folder of their own."""
        frame = rows.assign(**self.key).reindex(columns=list(RAW[stage]))
        self._write(stage, beside(self.output, stage), frame)

    def write_beside(self, stage: str, rows: pd.DataFrame) -> None:
        """Write rows of another stage that came with the cell's own."""
        self._write(stage, beside(self.output, stage), cell_frame(stage, self.key, rows))

    def _write(self, stage: str, path: Path, frame: pd.DataFrame, more: Mapping[str, Any] | None = None) -> None:
        place = {"stage": stage, "key": dict(self.key), "seed": self.seed}
        write_frame(path, frame, {**self.provenance, **place, **(more or {})})


def cell_matrix(task: CellTask) -> tuple[NDArray[np.float32], list[pd.DataFrame]]:
    """Embeddings of one sample, and its rows in every repeat; records that the encoder left out are dropped."""
    repeats = [part.reset_index(drop=True) for _, part in task.read_sample().groupby("repeat")]
    (dataset,) = task.embeddings
    x, kept = task.open_embeddings(dataset).take(list(repeats[0]["record_id"]))
    return x, [_kept_rows(part, kept) for part in repeats]


def _kept_rows(sample: pd.DataFrame, kept: NDArray[np.bool_]) -> pd.DataFrame:
    folds = set(sample["fold"])
    sample = sample[kept].reset_index(drop=True)
    left_out = f"the encoder left out {(~kept).sum()} of {len(kept)} records"
    if set(sample["fold"]) != folds:
        raise CannotFillError(f"{left_out}; {len(folds - set(sample['fold']))} folds hold none")
    for fold, part in sample.groupby("fold"):
        if part["label"].nunique() < 2:
            raise CannotFillError(f"{left_out}; fold {fold} holds one class only")
    return sample


def pool_matrix(task: CellTask) -> tuple[NDArray[np.float32], pd.DataFrame]:
    """Embeddings and rows of all data sets of a pool."""
    pool = task.read_sample()
    matrix: NDArray[np.float32] = np.empty((0, 0), dtype=np.float32)
    rows: list[pd.DataFrame] = []
    filled = 0
    for dataset in sorted(task.embeddings):
        part = pool[pool["dataset"] == dataset]
        x, kept = task.open_embeddings(dataset).take(list(part["record_id"]))
        if not rows:  # One matrix for all: a second copy of large data sets might not fit.
            matrix = np.empty((len(pool), x.shape[1]), dtype=np.float32)
        matrix[filled : filled + len(x)] = x
        filled += len(x)
        rows.append(part[kept])
    if not filled:
        raise CannotFillError(f"the encoder left out all {len(pool)} records")
    return matrix[:filled], pd.concat(rows, ignore_index=True)
