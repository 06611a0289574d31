"""The state of one run: what is known so far, where it lies, and the plan file that says it."""

from __future__ import annotations

import platform
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from ecglens.datasets import Dataset, DatasetCard
from ecglens.embeddings.read import digest
from ecglens.errors import WriteError
from ecglens.files import remove, write_json
from ecglens.study import stages
from ecglens.study.cell import CellTask
from ecglens.study.config import Study
from ecglens.study.executors import Executor
from ecglens.study.jobs import Job
from ecglens.study.references import Reference
from ecglens.study.results import DEFECT_COLUMNS, beside, environment, is_finished, write_frame
from ecglens.study.samples import Sample


class Progress(Protocol):
    """What a run tells its caller while it works."""

    def stage(self, name: str, total: int) -> None:
        """A stage begins; `total` pieces of work lie before it."""
        ...

    def advance(self, done: int) -> None:
        """Report the number of finished pieces of the stage."""
        ...


class Silent:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int) -> None:
        """Say nothing."""

    def advance(self, done: int) -> None:
        """Say nothing."""


@dataclass
class Ledger:
    """Everything a run knows. Steps of the run fill it from top to bottom."""

    study: Study
    out: Path
    executor: Executor
    progress: Progress
    datasets: list[Dataset]
    versions: dict[str, str] = field(default_factory=environment)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    table_files: dict[str, Path] = field(default_factory=dict)
    summaries: dict[str, Any] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    pools: dict[str, pd.DataFrame] = field(default_factory=dict)
    shortcuts: pd.DataFrame = field(default_factory=pd.DataFrame)
    encoders: dict[str, Any] = field(default_factory=dict)
    folders: dict[tuple[str, str], str] = field(default_factory=dict)
    unread: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    cells: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    files: dict[tuple[str, ...], Path] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    defects: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)

    @property
    def cards(self) -> dict[str, DatasetCard]:
        """The cards of the data sets, by the names the study gives them."""
        return {dataset.name: dataset.card for dataset in self.datasets}

    def execute(
        self, stage: str, jobs: Sequence[Job], total: int | None = None, measure: Callable[[], int] | None = None
    ) -> list[tuple[Job, Any]]:
        """Run the jobs of a stage; a failure is recorded and stops nothing, but for a full disk.

        Parameters
        ----------
        stage, jobs
            What to run.
        total, measure
            Size of the work and a function that tells how much is done; by default jobs are counted.

        Returns
        -------
        list
            The jobs that succeeded, each with its value, in the order of `jobs`, whichever ended first.

        Raises
        ------
        WriteError
            The disk is full, or takes nothing for another reason.
        """
        self.progress.stage(stage, len(jobs) if total is None else total)
        tick = (lambda: self.progress.advance(measure())) if measure else (lambda: None)
        outcomes = {}
        for ended, outcome in enumerate(self.executor.run(jobs, tick), start=1):
            if outcome.unwritable:
                raise WriteError(outcome.unwritable)
            outcomes[id(outcome.job)] = outcome
            self.progress.advance(measure() if measure else ended)
        in_order = [outcomes[id(job)] for job in jobs]
        self.failures += [
            {"stage": stage, "cell": outcome.job.slug, "error": outcome.error} for outcome in in_order if outcome.error
        ]
        return [(outcome.job, outcome.value) for outcome in in_order if not outcome.error]

    def add_embeddings(self, encoder: str, dataset: str, made: Mapping[str, Any]) -> None:
        """Note what `stages.embed` tells of one encoder on one data set."""
        self.folders[encoder, dataset] = made["folder"]
        about = self.encoders.setdefault(encoder, {"card": made["card"], "recipe": made["recipe"], "embeddings": {}})
        about["embeddings"][dataset] = {"windows": made["windows"], **made["provenance"]}
        self.unread[encoder, dataset] = list(made["unread"])
        left_out = [*made["defects"], *made["unread"].values()]
        self.defects += [{"dataset": dataset, **defect, "encoder": encoder} for defect in left_out]
        self.note_unread("embed", f"{encoder}__{dataset}", list(made["unread"].values()))

    def note_unread(self, stage: str, cell: str, defects: Sequence[Mapping[str, str]]) -> None:
        """Count as a failure that records could not be read this time, or not as they were indexed."""
        if defects:
            first = "{record_id}: {reason}: {detail}".format(**defects[0])
            error = f"{len(defects)} records could not be read. The next run tries them again. The first: {first}"
            self.failures.append({"stage": stage, "cell": f"{cell} (unread records)", "error": error})

    def cell_job(
        self,
        stage: str,
        key: Mapping[str, str],
        sample: Path | None,
        settings: Mapping[str, Any],
        reason: str = "",
        inputs: Mapping[str, Path] | None = None,
        writes: Sequence[str] = (),
        device: str | None = None,
    ) -> Job | None:
        """The job of a cell; ``None`` where its files are whole already or its embeddings could not be made.

        Parameters
        ----------
        stage, key
            The cell's place in the study.
        sample
            Where its records are written.
        settings, inputs
            What else its numbers depend on: plain data, and files of other cells.
        reason
            Why it cannot be filled.
        writes
            Further stages whose rows come with the cell's own.
        device
            Where it runs; no part of what it is.
        """
        inputs = dict(inputs or {})
        names = [key["dataset"]] if "dataset" in key else self._pooled(key.get("task"))
        encoder = key.get("encoder")
        folders = {name: self.folders[encoder, name] for name in names if encoder and (encoder, name) in self.folders}
        if encoder and (not names or len(folders) < len(names)) and not reason:
            return None
        unread = {name: self.unread[encoder, name] for name in folders if encoder and self.unread[encoder, name]}
        identity = {
            "key": key,
            "embeddings": {name: Path(folder).name for name, folder in folders.items()},
            "unread": unread,
            "sample": sample.stem if sample else "",
            "inputs": {name: path.name for name, path in inputs.items()},
            "settings": settings,
            "seed": self.study.seed,
            "reason": reason,
            "versions": self.versions,
        }
        slug = "__".join(key.values()) or "all"
        output = self.out / "results" / stage / f"{slug}__{digest(identity, 8)}.parquet"
        for name in (stage, *writes):
            self.cells[name].append(str(beside(output, name).relative_to(self.out)))
        self.files[stage, *key.values()] = output
        if is_finished(output, stage):
            return None
        remove(output)
        seed = self.study.seed
        task = CellTask(key, folders, unread, sample, inputs, settings, seed, reason, output, identity, device)
        return Job(stage, slug, stages.CELLS[stage], task)

    def _pooled(self, task: str | None) -> list[str]:
        """Data sets with records in the pool of a task, or of any task, in the study's order."""
        found = {name for key, pool in self.pools.items() if task in (None, key) for name in pool["dataset"]}
        return [dataset.name for dataset in self.datasets if dataset.name in found]

    def made_file(self, stage: str, key: Sequence[str], raw: str = "") -> Path | None:
        """The file of a cell, or the one with the values behind it; ``None`` where there is none."""
        path = self.files.get((stage, *key))
        path = beside(path, raw or stage) if path else None
        return path if path and path.exists() else None

    def sample_file(self, slug: str, records: pd.DataFrame) -> Path:
        """Where a sample or pool is written; the name changes with its content."""
        rows = pd.util.hash_pandas_object(records.astype("string"), index=False)
        return self.out / "samples" / f"{slug}__{digest({'rows': rows.to_list()}, 8)}.parquet"

    def write_plan(self) -> None:
        """Everything but the cells' numbers, in one file that is always whole."""
        study = self.study.model_dump(mode="json")
        provenance = {
            "versions": self.versions,
            "platform": platform.platform(),
            "study": digest(study),
            "encoders": self.encoders,
        }
        facts = {
            "study": study,
            "provenance": provenance,
            "records": self.summaries,
            "samples": [sample.describe() for sample in self.samples],
            "pools": [row for task, pool in self.pools.items() for row in _describe_pool(task, pool)],
            "shortcuts": self.shortcuts.astype(object).where(self.shortcuts.notna(), None).to_dict("records"),
            "cells": self.cells,
            "failures": self.failures,
        }
        write_frame(self.out / "defects.parquet", pd.DataFrame(self.defects, columns=DEFECT_COLUMNS, dtype="str"))
        write_json(self.out / "plan.json", facts)


def _describe_pool(task: str, pool: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {"task": task, "dataset": dataset, "n": len(part), "n_positive": int(part["label"].sum()), "drawn": drawn}
        for (dataset, drawn), part in pool.groupby(["dataset", "drawn"])
    ]
