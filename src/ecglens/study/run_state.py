"""The state of one run and its plan file."""

from __future__ import annotations

import platform
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ecglens.datasets import Dataset, DatasetCard
from ecglens.embeddings.read import digest
from ecglens.errors import WriteError
from ecglens.files import is_whole, write_json
from ecglens.lens import LENSES, Lens
from ecglens.study.config import Study
from ecglens.study.executors import Executor, InProcess
from ecglens.study.executors.base import Job
from ecglens.study.progress import Progress, Silent
from ecglens.study.results import DefectRow, beside, environment, read_cells, write_frame
from ecglens.study.samples import Sample, common_size


@dataclass
class Records:
    """The data sets as they were read: record tables, their files, and what is known of them, by name."""

    datasets: list[Dataset]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    summaries: dict[str, Any] = field(default_factory=dict)


@dataclass
class Stores:
    """The embeddings: facts about encoders; folders, and records not read this time, by encoder and data set.

    `unwanted` are the data sets of which no record is in any sample.
    """

    encoders: dict[str, Any] = field(default_factory=dict)
    folders: dict[tuple[str, str], str] = field(default_factory=dict)
    unread: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    unwanted: set[str] = field(default_factory=set)


@dataclass
class RunState:
    """The state of a run, from which lenses plan their cells.

    Parameters
    ----------
    study, lenses
        Study and its lenses.
    out
        The run folder.
    only_cached
        Whether jobs are left undone.
    records, samples, joint_samples, stores
        Results of the steps before the lenses: record tables; samples of every data set, task, size and labels; further
        records by lens and name; embeddings.
    cells
        Files of every table, relative to the run folder, as the plan file lists them.
    made, sample_files
        File of every cell by stage and key, and of every sample by its name.
    defects, failures
        Records left out, and jobs that raised.
    executor, progress
        Where jobs run, and who watches.
    """

    study: Study
    lenses: tuple[Lens, ...]
    out: Path
    records: Records
    only_cached: bool = False
    samples: list[Sample] = field(default_factory=list)
    joint_samples: dict[str, dict[str, pd.DataFrame]] = field(default_factory=dict)
    stores: Stores = field(default_factory=Stores)
    cells: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    made: dict[tuple[str, ...], Path] = field(default_factory=dict)
    sample_files: dict[str, Path] = field(default_factory=dict)
    defects: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    executor: Executor = field(default_factory=InProcess)
    progress: Progress = field(default_factory=Silent)

    @cached_property
    def versions(self) -> dict[str, str]:
        """Versions of what computes the numbers."""
        return environment()

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Record tables by data set."""
        return self.records.tables

    @property
    def cards(self) -> dict[str, DatasetCard]:
        """The cards of the data sets, by the names the study gives them."""
        return {dataset.name: dataset.card for dataset in self.records.datasets}

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names of the study's tasks."""
        return self.study.task_names

    @property
    def common_sizes(self) -> dict[str, str | None]:
        """Task to the largest size that every data set fills which fills any."""
        return {task: common_size(self.study, self.samples, task) for task in self.tasks}

    def file(self, stage: str, key: Iterable[str], table: str = "") -> Path | None:
        """The file of a cell, or another of its tables; ``None`` if there is none."""
        path = self.made.get((stage, *key))
        path = beside(path, table or stage) if path else None
        return path if path and path.exists() else None

    def rows(self, stage: str) -> pd.DataFrame:
        """Rows of all finished cells of a stage."""
        kinds = {name: row for lens in self.lenses for each in lens.stages for name, row in each.tables.items()}
        return read_cells(self.out, kinds[stage], self.cells[stage])

    def sample_file(self, slug: str, records: pd.DataFrame) -> Path:
        """The file of some records, written unless it is there; its name changes with the content."""
        if slug not in self.sample_files:
            rows = pd.util.hash_pandas_object(records.astype("string"), index=False)
            path = self.out / "samples" / f"{slug}__{digest({'rows': rows.to_list()}, 8)}.parquet"
            if not is_whole(path):
                write_frame(path, records)
            self.sample_files[slug] = path
        return self.sample_files[slug]

    def joint_files(self, lens: str) -> dict[str, Path]:
        """Files of a lens's own records, by name."""
        samples = self.joint_samples.get(lens, {})
        slugs = {name: f"joint__{name}" if name else "joint" for name in samples}
        return {name: self.sample_file(slugs[name], sample) for name, sample in samples.items()}

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
            The jobs that succeeded, each with its value, in the order of `jobs`, whichever ended first; none if only
            stored results are wanted.

        Raises
        ------
        WriteError
            The disk is full, or takes nothing for another reason.
        """
        if self.only_cached:
            return []
        self.progress.stage(stage, len(jobs) if total is None else total)
        tick = (lambda: self.progress.advance(measure())) if measure else (lambda: None)
        outcomes = {}
        for ended, outcome in enumerate(self.executor.run(jobs, tick), start=1):
            if outcome.unwritable:
                raise WriteError(outcome.unwritable)
            outcomes[id(outcome.job)] = outcome
            self.progress.advance(measure() if measure else ended)
        in_order = [outcomes[id(job)] for job in jobs]
        failed: dict[str, str] = {}
        for outcome in in_order:
            if outcome.error:
                failed.setdefault(outcome.job.slug, outcome.error)  # of the shards of a data set, the first
        self.failures += [{"stage": stage, "cell": slug, "error": error} for slug, error in failed.items()]
        return [(outcome.job, outcome.value) for outcome in in_order if not outcome.error]

    def add_embeddings(self, encoder: str, dataset: str, made: Mapping[str, Any]) -> None:
        """Note what `embed.unite_shards` tells of one encoder on one data set."""
        self.stores.folders[encoder, dataset] = made["store"]
        about = self.stores.encoders.setdefault(
            encoder, {"card": made["card"], "recipe": made["recipe"], "embeddings": {}}
        )
        about["embeddings"][dataset] = {"windows": made["windows"], **made["provenance"]}
        self.stores.unread[encoder, dataset] = list(made["unread"])
        left_out = [*made["defects"], *made["unread"].values()]
        self.defects += [{"dataset": dataset, **defect, "encoder": encoder} for defect in left_out]
        self.note_unread("embed", f"{encoder}__{dataset}", list(made["unread"].values()))

    def note_unread(self, stage: str, cell: str, defects: Sequence[Mapping[str, str]]) -> None:
        """Count as a failure that records could not be read this time, or not as they were indexed."""
        if defects:
            first = "{record_id}: {reason}: {detail}".format(**defects[0])
            error = f"{len(defects)} records could not be read. The next run tries them again. The first: {first}"
            self.failures.append({"stage": stage, "cell": f"{cell} (unread records)", "error": error})

    def write_plan(self) -> None:
        """Everything but the cells' numbers, in one file that is always whole."""
        study = self.study.model_dump(mode="json")
        provenance = {
            "versions": self.versions,
            "platform": platform.platform(),
            "study": digest(study),
            "encoders": self.stores.encoders,
        }
        facts = {
            "study": study,
            "lenses": self.study.lenses or LENSES.names(),
            "provenance": provenance,
            "records": self.records.summaries,
            "samples": [sample.describe() for sample in self.samples],
            "joint_samples": [row for samples in self.joint_samples.values() for row in describe_joint(samples)],
            "cells": self.cells,
            "failures": self.failures,
        }
        write_frame(
            self.out / "defects.parquet", pd.DataFrame(self.defects, columns=list(DefectRow.columns()), dtype="str")
        )
        write_json(self.out / "plan.json", facts)


def describe_joint(samples: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Counts of every joint sample that has labels, by data set: rows as in `ecglens.study.results.JointRow`."""
    return [
        {"task": task, "dataset": dataset, "n": len(part), "n_positive": int(part["label"].sum()), "drawn": drawn}
        for task, sample in samples.items()
        if "label" in sample
        for (dataset, drawn), part in sample.groupby(["dataset", "drawn"])
    ]
