"""What a worker does before any lens: read a data set, embed records; plain data in, files out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ecglens.datasets.validate.inspection import inspect_records, summarise
from ecglens.embeddings import Embeddings, extract_poolings
from ecglens.embeddings.read import digest
from ecglens.embeddings.windows import count_windows
from ecglens.files import read_table, write_atomically, write_json
from ecglens.study.entries import load_entry, open_entry
from ecglens.study.fields import DatasetEntry, EncoderEntry
from ecglens.study.results import write_frame


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
