"""What a worker does: one function per stage, plain data in, one file out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.attribution import mean_absolute_shap
from ecglens.datasets.verify import inspect_records, summarise
from ecglens.embeddings import Embeddings, extract_poolings, load_embeddings
from ecglens.embeddings.windows import count_windows
from ecglens.errors import CannotFillError
from ecglens.geometry import project_pca, project_umap, separability
from ecglens.probes import PROBES, cross_validate, fold_metrics
from ecglens.study.config import DatasetEntry, EncoderEntry
from ecglens.study.entries import load_entry, open_entry
from ecglens.study.plan import derive_seed
from ecglens.study.results import cannot_fill_frame, cell_frame, write_atomically, write_frame, write_json


@dataclass(frozen=True)
class IndexTask:
    """Read every record of a data set once: who is usable, who is not and why."""

    dataset: DatasetEntry
    output: Path


def index(task: IndexTask) -> None:
    """Write the usable records as Parquet and, first, the summary and the defects as JSON beside them."""
    dataset = open_entry(task.dataset)
    inspection = inspect_records(dataset)
    facts = {
        "card": asdict(dataset.card),
        "summary": asdict(summarise(inspection, dataset)),
        "defects": [asdict(defect) for defect in inspection.defects],
    }
    write_json(task.output.with_suffix(".json"), facts)
    write_frame(task.output, inspection.records)


@dataclass(frozen=True)
class EmbedTask:
    """Embed records of one data set with one network; `encoders` differ in name and pooling only."""

    dataset: DatasetEntry
    encoders: tuple[EncoderEntry, ...]
    records: Path
    ids: tuple[str, ...]
    out: Path

    @property
    def ticket(self) -> Path:
        """A small file that tells, while the work goes on, how many records are done."""
        return self.out / "embeddings" / f".{self.encoders[0].name}__{self.dataset.name}.done"


def embed(task: EmbedTask) -> dict[str, dict[str, Any]]:
    """Fill the stores; returns, by encoder: folder, card, recipe, provenance, windows and the records left out."""
    dataset, encoder = open_entry(task.dataset), load_entry(task.encoders[0])
    records = pd.read_parquet(task.records).loc[list(task.ids)]

    def show(done: int, _: int) -> None:
        write_atomically(task.ticket, str(done).encode())

    found = extract_poolings(
        dataset,
        records,
        encoder,
        task.out / "embeddings",
        [entry.pooling for entry in task.encoders],
        options=task.encoders[0].options,
        on_progress=show,
    )
    about = {"card": asdict(encoder.card), "recipe": str(encoder.recipe)}
    windows = count_windows(records, encoder.recipe)
    return {entry.name: about | {"windows": windows, **_describe(found[entry.pooling])} for entry in task.encoders}


def _describe(found: Embeddings) -> dict[str, Any]:
    return {
        "folder": str(found.folder),
        "provenance": dict(found.provenance),
        "defects": [asdict(defect) for defect in found.defects],
    }


@dataclass(frozen=True)
class CellTask:
    """One cell: which embeddings, which sample, which settings.

    Parameters
    ----------
    key
        The cell's place in the study, as the result's columns: encoder, dataset, task, size, ...
    embeddings
        Data set to folder of its stored embeddings.
    sample
        Parquet file with record_id, patient_id, label and, per stage, fold or dataset.
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
    """

    key: Mapping[str, str]
    embeddings: Mapping[str, str]
    sample: Path
    settings: Mapping[str, Any]
    seed: int
    reason: str
    output: Path
    provenance: Mapping[str, Any]

    def derived_seed(self, stage: str) -> int:
        """The cell's own seed; the encoder has no part in it, so all encoders meet the same randomness."""
        return derive_seed(
            self.seed, stage, *(self.key.get(name, "") for name in ("dataset", "task", "size", "labels"))
        )

    def write(self, stage: str, frame: pd.DataFrame) -> None:
        """Write the cell's rows to its file."""
        write_frame(self.output, frame, {**self.provenance, "stage": stage, "key": dict(self.key), "seed": self.seed})


def probe(task: CellTask) -> None:
    """Cross-validated metrics of every probe on one sample."""
    task.write("probe", _or_reason("probe", task, _probe_rows))


def _probe_rows(task: CellTask) -> pd.DataFrame:
    x, sample = _cell_matrix(task)
    y, folds = sample["label"].to_numpy(), sample["fold"].to_numpy()
    parts = []
    for name in task.settings["probes"]:
        found = cross_validate(x, y, folds, PROBES.load(name), task.derived_seed("probe"))
        warned = [message.split(":")[0] for message in found.warnings]
        counts = [{"fold": fold, "metric": "n_warnings", "value": warned.count(f"fold {fold}")} for fold in set(folds)]
        parts += [part.assign(probe=name) for part in (fold_metrics(y, found.probability, folds), pd.DataFrame(counts))]
    return pd.concat(parts, ignore_index=True)


def attribution(task: CellTask) -> None:
    """Mean absolute SHAP value of every feature on held-out rows, by the encoder's best probe."""
    task.write("attribution", _or_reason("attribution", task, _attribution_rows))


def _attribution_rows(task: CellTask) -> pd.DataFrame:
    x, sample = _cell_matrix(task)
    y, folds = sample["label"].to_numpy(), sample["fold"].to_numpy()
    models = cross_validate(x, y, folds, PROBES.load(task.key["probe"]), task.derived_seed("probe")).models
    value = mean_absolute_shap(models, x, folds, seed=task.derived_seed("background"))
    return pd.DataFrame({"feature": np.arange(len(value)), "value": value})


def geometry(task: CellTask) -> None:
    """Label-level and dataset-level separability of all data sets' records under one task."""
    task.write("geometry", _or_reason("geometry", task, _geometry_rows))


def _geometry_rows(task: CellTask) -> pd.DataFrame:
    x, pool = _pool_matrix(task)
    seeds = [derive_seed(task.seed, "k-means", str(repeat)) for repeat in range(task.settings["seeds"])]
    patients = pool["patient_id"].to_numpy(dtype=str)
    sources = pool["dataset"].to_numpy(dtype=str)
    k, space = task.settings["k"], task.settings["space"]
    return separability(x, pool["label"].to_numpy(), sources, patients, k=k, seeds=seeds, space=space).assign(
        space=space
    )


def projection(task: CellTask) -> None:
    """UMAP and PCA coordinates of all data sets' records under one task."""
    task.write("projection", _or_reason("projection", task, _projection_rows))


def _projection_rows(task: CellTask) -> pd.DataFrame:
    x, pool = _pool_matrix(task)
    methods = {"umap": project_umap(x, task.derived_seed("umap"), **task.settings), "pca": project_pca(x)}
    place = pool[["record_id", "dataset", "label"]]
    return pd.concat([place.assign(method=name, x=xy[:, 0], y=xy[:, 1]) for name, xy in methods.items()])


def _or_reason(stage: str, task: CellTask, rows: Callable[[CellTask], pd.DataFrame]) -> pd.DataFrame:
    """The cell's rows, or the one row that says why the data cannot fill it."""
    try:
        if task.reason:
            raise CannotFillError(task.reason)
        return cell_frame(stage, task.key, rows(task))
    except CannotFillError as error:
        return cannot_fill_frame(stage, task.key, str(error))


def _cell_matrix(task: CellTask) -> tuple[NDArray[np.float32], pd.DataFrame]:
    """Embeddings and rows of one sample; records that the encoder left out are dropped from both."""
    sample = pd.read_parquet(task.sample)
    (folder,) = task.embeddings.values()
    x, kept = load_embeddings(Path(folder)).take(list(sample["record_id"]))
    folds = set(sample["fold"])
    sample = sample[kept].reset_index(drop=True)
    left_out = f"the encoder left out {(~kept).sum()} of {len(kept)} records"
    if set(sample["fold"]) != folds:
        raise CannotFillError(f"{left_out}; {len(folds - set(sample['fold']))} folds hold none")
    for fold, part in sample.groupby("fold"):
        if part["label"].nunique() < 2:
            raise CannotFillError(f"{left_out}; fold {fold} holds one class only")
    return x, sample


def _pool_matrix(task: CellTask) -> tuple[NDArray[np.float32], pd.DataFrame]:
    """Embeddings and rows of all data sets of a pool."""
    pool = pd.read_parquet(task.sample)
    parts, rows = [], []
    for dataset, folder in task.embeddings.items():
        part = pool[pool["dataset"] == dataset]
        x, kept = load_embeddings(Path(folder)).take(list(part["record_id"]))
        parts.append(x)
        rows.append(part[kept])
    kept_rows = pd.concat(rows, ignore_index=True)
    if kept_rows.empty:
        raise CannotFillError(f"the encoder left out all {len(pool)} records")
    return np.concatenate(parts), kept_rows


CELLS: Mapping[str, Callable[[CellTask], None]] = {
    "probe": probe,
    "attribution": attribution,
    "geometry": geometry,
    "projection": projection,
}
