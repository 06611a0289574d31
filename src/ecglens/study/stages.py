"""What a worker does: one function per stage, plain data in, one file out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from traceback import format_exception
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.datasets.validate.inspection import inspect_records, summarise
from ecglens.embeddings import Embeddings, extract_poolings
from ecglens.embeddings.read import digest
from ecglens.embeddings.windows import count_windows
from ecglens.errors import CannotFillError
from ecglens.files import read_table, write_atomically, write_json
from ecglens.probes import cross_validate, fold_metrics
from ecglens.study import comparison, geometry, importance
from ecglens.study.cell import CellTask, cell_matrix
from ecglens.study.entries import load_entry, load_probe, open_entry
from ecglens.study.fields import DatasetEntry, EncoderEntry, ProbeEntry
from ecglens.study.results import write_frame
from ecglens.study.samples import derive_seed, draws_of


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
        name = digest({"encoder": self.encoders[0].name, "dataset": self.dataset.name})
        return self.out / "embeddings" / f".{name}.done"


def embed(task: EmbedTask) -> dict[str, dict[str, Any]]:
    """Fill the stores; returns, by encoder, the facts about it and the records that are left out or unread."""
    dataset, encoder = open_entry(task.dataset), load_entry(task.encoders[0])
    records = read_table(task.records).loc[list(task.ids)]

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
        "unread": {record: asdict(defect) for record, defect in found.unread.items()},
    }


def probe(task: CellTask) -> None:
    """Cross-validated metrics of every probe and draw of one sample; the predictions behind them, too.

    A probe that fails takes no other with it: its one row holds the traceback. Where all fail, the cell does.
    """
    task.run("probe", _probe_rows)


def _probe_rows(task: CellTask) -> pd.DataFrame:
    x, repeats = cell_matrix(task)
    metrics, predictions, failed = [], [], []
    for settings in task.settings["probes"]:
        entry = ProbeEntry.model_validate(settings["entry"])
        try:
            scored = list(_score(task, entry, x, repeats))
        except (CannotFillError, MemoryError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - anybody's classifier may raise anything
            failed.append(error)
            row = {"probe": entry.name, "status": "failed", "reason": "".join(format_exception(error))}
            metrics.append(pd.DataFrame([row]))
            continue
        metrics += [rows.assign(status="done", reason="") for rows, _ in scored]
        predictions += [predicted for _, predicted in scored]
    if not predictions:
        raise failed[0]
    task.write_raw("prediction", pd.concat(predictions, ignore_index=True))
    return pd.concat(metrics, ignore_index=True)


def _score(
    task: CellTask, entry: ProbeEntry, x: NDArray[np.float32], repeats: Sequence[pd.DataFrame]
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Metrics and predictions of every repeat and draw of one probe."""
    chosen = load_probe(entry)
    fits = [
        (repeat, number, train)
        for repeat, sample in enumerate(repeats)
        for number, train in enumerate(draws_of(sample, chosen.random))
    ]
    for repeat, number, train in fits:
        sample = repeats[repeat]
        y, folds = sample["label"].to_numpy(), sample["fold"].to_numpy()
        names = ([f"repeat {repeat}"] if repeat else []) + ([str(number)] if number else [])
        seed = derive_seed(task.derived_seed("probe"), *names) if names else task.derived_seed("probe")
        found = cross_validate(x, y, folds, chosen, seed, train=train, engine=task.settings["engine"])
        place: dict[str, Any] = {"probe": entry.name, "draw": number, "repeat": repeat}
        rows = fold_metrics(y, found.probability, folds, train=train, calibrated=chosen.calibrated)
        warned = _warnings_by_fold(found.warnings, sample["fold"])
        predicted = sample[["record_id", "patient_id", "label", "fold"]].assign(probability=found.probability)
        yield pd.concat([rows, warned]).assign(**place), predicted.assign(**place)


def _warnings_by_fold(warnings: tuple[str, ...], folds: pd.Series[int]) -> pd.DataFrame:
    """How often the fit of each fold warned; a warning begins with its fold."""
    warned = [message.split(":")[0] for message in warnings]
    rows = [{"fold": fold, "metric": "n_warnings", "value": warned.count(f"fold {fold}")} for fold in set(folds)]
    return pd.DataFrame(rows)


CELLS: Mapping[str, Callable[[CellTask], None]] = {
    "probe": probe,
    "comparison": comparison.compare_encoders,
    "attribution": importance.attribution,
    "overlap": importance.overlap,
    "geometry": geometry.geometry,
}
