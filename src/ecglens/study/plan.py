"""From a study to its samples and cells: what will be computed, from which records, at which cost."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ecglens.datasets import DatasetCard
from ecglens.errors import CannotFillError
from ecglens.sampling import assign_folds, draw, shuffle_labels
from ecglens.study.config import Study
from ecglens.study.entries import check
from ecglens.tasks import get_task, labels

TRUE, SHUFFLED = "true", "shuffled"

PROBE_SECONDS: Mapping[str, tuple[float, float]] = {
    "logistic-regression": (0.0, 2.9),
    "decision-tree": (0.0, 11.0),
    "random-forest": (1.0, 32.0),
    "xgboost": (20.0, 134.0),
    "mlp": (0.0, 30.0),
}
"""CPU seconds of 15 folds at 768 features: a + b * n / 1,000, read off a measured table. For rough estimates only."""


@dataclass(frozen=True)
class Sample:
    """The records of one data set, task and size, with labels and folds; or why there are none.

    Parameters
    ----------
    dataset, task, size, labels
        Which sample; `labels` is ``true`` or ``shuffled``.
    records
        Columns record_id, patient_id, label (0/1), fold; empty where the size cannot be filled.
    reason
        Empty where it could be filled.
    """

    dataset: str
    task: str
    size: str
    labels: str
    records: pd.DataFrame
    reason: str = ""

    @property
    def slug(self) -> str:
        """Its name as a file."""
        return "__".join((self.dataset, self.task, self.size, self.labels))

    def describe(self) -> dict[str, Any]:
        """Counts and the reason, as results show them."""
        return {
            "dataset": self.dataset,
            "task": self.task,
            "size": self.size,
            "labels": self.labels,
            "n": len(self.records),
            "n_positive": int(self.records["label"].sum()),
            "n_patients": int(self.records["patient_id"].nunique()),
            "reason": self.reason,
        }


def derive_seed(seed: int, *parts: str) -> int:
    """A seed of its own for every stage and cell, the same on any machine."""
    text = "\x1f".join((str(seed), *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")


def labelled(records: pd.DataFrame, task: str, vocabulary: str) -> pd.DataFrame:
    """Records that the task calls positive or negative: columns record_id, patient_id, label."""
    label = labels(get_task(task), records["codes"], vocabulary)
    kept = records.loc[label.notna().to_numpy(), ["patient_id"]].reset_index()
    return kept.assign(label=label.dropna().to_numpy(dtype="int64"))


def draw_samples(study: Study, records: Mapping[str, pd.DataFrame], cards: Mapping[str, DatasetCard]) -> list[Sample]:
    """Every sample of the study: data set x task x size, with true and, where asked for, shuffled labels."""
    samples = []
    for dataset, table in records.items():
        for task in study.tasks:
            pool = labelled(table, task, cards[dataset].vocabulary)
            for size in study.sizes:
                true = _draw_one(study, dataset, task, size, pool)
                samples.append(true)
                if study.shuffled_encoders:
                    samples.append(_shuffle(study, true))
    return samples


def _draw_one(study: Study, dataset: str, task: str, size: str, pool: pd.DataFrame) -> Sample:
    number = study.sizes[size]
    balance = study.balance if number else "natural"
    try:
        rows = draw(pool["label"].to_numpy(), number, balance, derive_seed(study.seed, "draw", dataset, task))
        chosen = pool.iloc[rows].reset_index(drop=True)
        return Sample(dataset, task, size, TRUE, _with_folds(study, chosen, dataset, task, size, TRUE))
    except CannotFillError as error:
        return Sample(dataset, task, size, TRUE, pool.iloc[:0].assign(fold=pd.Series(dtype="int64")), str(error))


def _shuffle(study: Study, true: Sample) -> Sample:
    where = (true.dataset, true.task, true.size, SHUFFLED)
    if true.reason:
        return Sample(*where, true.records, true.reason)
    label = shuffle_labels(true.records["label"].to_numpy(), derive_seed(study.seed, "shuffle", *where))
    try:
        return Sample(*where, _with_folds(study, true.records.assign(label=label), *where))
    except CannotFillError as error:
        return Sample(*where, true.records.iloc[:0], str(error))


def _with_folds(study: Study, records: pd.DataFrame, *where: str) -> pd.DataFrame:
    folds = assign_folds(
        records["label"].to_numpy(),
        records["patient_id"].to_numpy(),
        study.folds,
        derive_seed(study.seed, "folds", *where),
    )
    return records.assign(fold=folds)


def common_size(study: Study, samples: list[Sample], task: str) -> str | None:
    """The largest size that every data set fills which fills any: where data sets are compared with each other."""
    filled = {(s.dataset, s.size) for s in samples if s.task == task and s.labels == TRUE and not s.reason}
    datasets = {dataset for dataset, _ in filled}
    common = [size for size in study.sizes if datasets and all((dataset, size) in filled for dataset in datasets)]
    return common[-1] if common else None


def geometry_pool(
    study: Study,
    samples: list[Sample],
    records: Mapping[str, pd.DataFrame],
    cards: Mapping[str, DatasetCard],
    task: str,
) -> pd.DataFrame:
    """Records of all data sets whose geometry is compared under one task.

    A data set gives its sample of the common size; one that fills no size gives all its labelled records, up to the
    study's ``geometry.max_records``, at natural prevalence.

    Returns
    -------
    pd.DataFrame
        Columns record_id, patient_id (unique over data sets), label, dataset, drawn (the size, or ``natural``).
    """
    size = common_size(study, samples, task)
    parts = []
    for dataset, table in records.items():
        sample = next(
            (s for s in samples if (s.dataset, s.task, s.size, s.labels) == (dataset, task, size, TRUE)), None
        )
        if sample and not sample.reason:
            part = sample.records.drop(columns="fold").assign(drawn=size)
        else:
            pool = labelled(table, task, cards[dataset].vocabulary)
            most = study.geometry.max_records
            part = pool.sample(min(len(pool), most), random_state=derive_seed(study.seed, "pool", dataset, task))
            part = part.sort_index().assign(drawn="natural")
        # Two copies of a data set hold the same patients: under the publisher's name they are never neighbours.
        parts.append(part.assign(dataset=dataset, patient_id=cards[dataset].name + "/" + part["patient_id"]))
    return pd.concat(parts, ignore_index=True)


def cost(study: Study, samples: list[Sample], records: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """What a study will compute, counted; the CPU time is a rough estimate at 768 features."""
    filled = [sample for sample in samples if not sample.reason]
    cells = [(sample, entry.name) for sample in filled for entry in study.encoders if _runs(study, sample, entry.name)]
    seconds = sum(
        (a + b * len(sample.records) / 1000) * study.folds / 15
        for sample, _ in cells
        for a, b in (PROBE_SECONDS.get(probe, (0.0, 30.0)) for probe in study.probes)
    )
    return {
        "records to read": sum(len(table) for table in records.values()),
        "embeddings, at most": sum(len(table) for table in records.values()) * len(study.encoders),
        "samples": len(samples),
        "samples that cannot be filled": len(samples) - len(filled),
        "probe cells": len(cells),
        "probe fits": len(cells) * len(study.probes) * study.folds,
        "attribution cells": len({(s.dataset, s.task) for s in filled if s.labels == TRUE}) * len(study.encoders),
        "geometry cells": len(study.encoders) * len(study.tasks),
        "rough CPU minutes of probing": round(seconds / 60, 1),
    }


def dry_run(study: Study) -> dict[str, Any]:
    """Check a study and count its work from the record tables alone; no signal is read, nothing is written."""
    datasets = check(study)
    records = {dataset.name: dataset.index().records for dataset in datasets}
    samples = draw_samples(study, records, {dataset.name: dataset.card for dataset in datasets})
    unfilled = [f"{s.dataset}, {s.task}, {s.size}: {s.reason}" for s in samples if s.reason and s.labels == TRUE]
    return cost(study, samples, records) | {"cannot be filled": unfilled or "none"}


def _runs(study: Study, sample: Sample, encoder: str) -> bool:
    return sample.labels == TRUE or encoder in study.shuffled_encoders
