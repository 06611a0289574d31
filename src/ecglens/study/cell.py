"""The task of computing one cell: its key, its records and its embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.embeddings import Embeddings, load_embeddings
from ecglens.errors import CannotFillError
from ecglens.files import read_table
from ecglens.sampling import derive_seed


@dataclass(frozen=True)
class CellTask:
    """A cell to compute: embeddings, records and settings.

    Parameters
    ----------
    key
        Key of the cell, as columns of the result: encoder, dataset, task, size, ...
    embeddings
        Folders of stored embeddings, by data set.
    unread
        Records that could not be embedded this time because their files could not be read, by data set.
    sample
        File of the records; ``None`` if the stage needs none.
    inputs
        Files of other cells that this one reads, by name.
    settings
        Settings that the result depends on, as plain data.
    seed
        Seed of the study.
    reason
        Why the cell cannot be filled; empty if it can.
    device
        Device; results do not depend on it.
    """

    key: Mapping[str, str]
    embeddings: Mapping[str, Any]
    unread: Mapping[str, Sequence[str]]
    sample: Path | None
    inputs: Mapping[str, Path]
    settings: Mapping[str, Any]
    seed: int
    reason: str = ""
    device: str | None = None

    def derived_seed(self, purpose: str) -> int:
        """Seed of the cell; it does not depend on the encoder, so all encoders get the same random numbers."""
        return derive_seed(
            self.seed, purpose, *(self.key.get(name, "") for name in ("dataset", "task", "size", "labels"))
        )

    def read_sample(self) -> pd.DataFrame:
        """Read the rows of the sample."""
        if self.sample is None:
            raise ValueError(f"cell {dict(self.key)} has no sample")
        return read_table(self.sample)

    def open_embeddings(self, dataset: str) -> Embeddings:
        """Open the stored embeddings of a data set."""
        return load_embeddings(Path(self.embeddings[dataset]), unread=self.unread.get(dataset, ()))


def cell_matrix(task: CellTask) -> tuple[NDArray[np.float32], list[pd.DataFrame]]:
    """Embeddings of one sample and its rows in every repeat, without records that the encoder excludes."""
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


def joint_matrix(task: CellTask) -> tuple[NDArray[np.float32], pd.DataFrame]:
    """Embeddings and rows of all data sets of a joint sample."""
    sample = task.read_sample()
    matrix: NDArray[np.float32] = np.empty((0, 0), dtype=np.float32)
    rows: list[pd.DataFrame] = []
    filled = 0
    for dataset in sorted(task.embeddings):
        part = sample[sample["dataset"] == dataset]
        x, kept = task.open_embeddings(dataset).take(list(part["record_id"]))
        if not rows:  # One matrix for all: a second copy of large data sets might not fit.
            matrix = np.empty((len(sample), x.shape[1]), dtype=np.float32)
        matrix[filled : filled + len(x)] = x
        filled += len(x)
        rows.append(part[kept])
    if not filled:
        raise CannotFillError(f"the encoder left out all {len(sample)} records")
    return matrix[:filled], pd.concat(rows, ignore_index=True)
