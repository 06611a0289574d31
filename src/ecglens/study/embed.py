"""Embedding jobs: one per network, data set and shard of records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from ecglens.embeddings import Embeddings, extract_poolings
from ecglens.embeddings.extract import find_poolings
from ecglens.embeddings.read import digest
from ecglens.embeddings.shards import list_shards, shard_bounds, shared_facts
from ecglens.embeddings.windows import count_windows
from ecglens.errors import StoreError
from ecglens.files import is_whole, read_json, read_table, write_atomically, write_json
from ecglens.study.entries import load_entry, open_entry
from ecglens.study.executors.base import Job
from ecglens.study.executors.execution import keep
from ecglens.study.fields import DatasetEntry, EncoderEntry


@dataclass(frozen=True)
class EmbedTask:
    """Embed a shard of the records of one data set with one network.

    Parameters
    ----------
    dataset, encoders
        Data set and encoders; the encoders differ only in name and pooling.
    records
        The record table of the data set.
    wanted
        The file of the ids of all records to embed; see `write_wanted`.
    start, stop
        First and end position of the shard in that file.
    out
        The run folder.
    """

    dataset: DatasetEntry
    encoders: tuple[EncoderEntry, ...]
    records: Path
    wanted: Path
    start: int
    stop: int
    out: Path

    @property
    def ticket(self) -> Path:
        """A small file with the number of finished records of the shard, for progress."""
        name = digest({"encoder": self.encoders[0].name, "dataset": self.dataset.name, "start": self.start})
        return self.out / "embeddings" / f".{name}.done"

    @property
    def done(self) -> int:
        """Number of finished records of the shard, for progress."""
        return int(self.ticket.read_text()) if self.ticket.exists() else 0


def write_wanted(folder: Path, dataset: str, ids: Sequence[str]) -> Path:
    """Write the ids of the records to embed; the file name depends on the content."""
    facts = {"record_ids": list(ids)}
    path = folder / f"embed__{dataset}__{digest(facts, 8)}.json"
    if not is_whole(path):
        write_json(path, facts)
    return path


def embed_jobs(
    encoders: tuple[EncoderEntry, ...], dataset: DatasetEntry, records: Path, wanted: Path, n: int, out: Path
) -> list[Job]:
    """Jobs that embed `n` records; the parameters are those of `EmbedTask`."""
    slug = f"{'+'.join(encoder.name for encoder in encoders)}__{dataset.name}"
    tasks = [EmbedTask(dataset, encoders, records, wanted, start, stop, out) for start, stop in shard_bounds(n)]
    return [Job("embed", slug, embed, task) for task in tasks]


def embed(task: EmbedTask) -> dict[str, dict[str, Any]]:
    """Fill the stores of a shard; returns, by encoder, facts about it and the records that are left out or unread.

    Encoder, data set and tables are kept for the next shard.
    """

    def show(done: int, _: int) -> None:
        write_atomically(task.ticket, str(done).encode())

    return _with_stores(task, partial(extract_poolings, on_progress=show))


def find_embedded(jobs: Sequence[Job]) -> list[tuple[Job, dict[str, dict[str, Any]]]]:
    """Find the results of embedding jobs in the store, without computing or writing anything."""
    found = []
    for job in jobs:
        with suppress(StoreError):
            found.append((job, _with_stores(job.argument, find_poolings)))
    return found


def _with_stores(task: EmbedTask, make: Callable[..., dict[str, Embeddings]]) -> dict[str, dict[str, Any]]:
    entry = task.encoders[0]
    dataset = keep("embed", "dataset", task.dataset.model_dump_json(), lambda: open_entry(task.dataset))
    encoder = keep("embed", "encoder", entry.model_dump_json(), lambda: load_entry(entry))
    wanted = keep("embed", "wanted", task.wanted, lambda: read_json(task.wanted)["record_ids"])
    table: pd.DataFrame = keep("embed", "records", task.records, lambda: read_table(task.records))
    records = table.loc[wanted[task.start : task.stop]]
    poolings = [each.pooling for each in task.encoders]
    found = make(dataset, records, encoder, task.out / "embeddings", poolings, options=entry.options)
    about = {"card": asdict(encoder.card), "recipe": str(encoder.recipe)}
    windows = count_windows(records, encoder.recipe)
    return {each.name: about | {"windows": windows, **_describe(found[each.pooling])} for each in task.encoders}


def _describe(found: Embeddings) -> dict[str, Any]:
    return {
        "folders": [str(folder) for folder in found.folders],
        "provenance": found.provenance,
        "defects": [asdict(defect) for defect in found.defects],
        "unread": {record: asdict(defect) for record, defect in found.unread.items()},
    }


def unite_shards(made: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What `embed` returned of one encoder for all shards of a data set, as one; ``store`` is the path to them all."""
    windows: Counter[str] = sum((Counter(each["windows"]) for each in made), Counter())
    return {
        "card": made[0]["card"],
        "recipe": made[0]["recipe"],
        "store": str(list_shards([Path(folder) for each in made for folder in each["folders"]])),
        "windows": dict(windows.most_common()),
        "provenance": shared_facts([each["provenance"] for each in made]),
        "defects": [defect for each in made for defect in each["defects"]],
        "unread": {record: defect for each in made for record, defect in each["unread"].items()},
    }
