"""Which records a cell sees: the ladder of sizes on one set of test folds, and the pools of the geometry."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.datasets import DatasetCard
from ecglens.errors import CannotFillError
from ecglens.sampling import assign_folds, draw, shuffle_labels
from ecglens.study.config import Study
from ecglens.study.sites import labelled, with_sites, without_codes

Balance = Literal["equal", "natural"]
TRUE, SHUFFLED = "true", "shuffled"
DRAW = "draw_"
"""Columns ``draw_0``, ``draw_1``, ...: true where that draw may train on the record."""


@dataclass(frozen=True)
class Sample:
    """The records of one data set, task and size, with labels, folds and draws; or why there are none.

    All sizes of a data set and task are tested on the same records in the same folds, those of the largest size that
    can be filled; a smaller size trains on a part of them.

    Parameters
    ----------
    dataset, task, size, labels
        Which sample; `labels` is ``true`` or ``shuffled``.
    records
        Columns record_id, patient_id, label (0/1), repeat, fold, and one column of booleans per draw; empty where the
        size cannot be filled. Every record has a row in each repeat of the cross-validation. Folds are numbered on
        from one repeat to the next.
    reason
        Empty where it could be filled.
    negatives
        Which sites give negatives; empty where all do.
    """

    dataset: str
    task: str
    size: str
    labels: str
    records: pd.DataFrame
    reason: str = ""
    negatives: str = ""

    @property
    def slug(self) -> str:
        """Its name as a file."""
        return "__".join((self.dataset, self.task, self.size, self.labels))

    @property
    def members(self) -> pd.DataFrame:
        """The records of the first draw."""
        return self.tested if self.reason else self.tested[self.tested[f"{DRAW}0"]]

    @property
    def tested(self) -> pd.DataFrame:
        """All records, each once."""
        return self.records[self.records["repeat"] == 0]

    def describe(self) -> dict[str, Any]:
        """Counts and the reason, as results show them."""
        return {
            "dataset": self.dataset,
            "task": self.task,
            "size": self.size,
            "labels": self.labels,
            "n": len(self.members),
            "n_positive": int(self.members["label"].sum()),
            "n_patients": int(self.members["patient_id"].nunique()),
            "n_tested": len(self.tested),
            "n_draws": len(draws(self.records)),
            "reason": self.reason,
            "negatives": self.negatives,
        }


def draws(records: pd.DataFrame) -> list[NDArray[np.bool_]]:
    """Who may be trained on, ``[n]`` per draw."""
    return [records[name].to_numpy(dtype=bool) for name in records.columns if name.startswith(DRAW)]


def draws_of(records: pd.DataFrame, random: bool) -> list[NDArray[np.bool_]]:
    """The draws that a probe is fitted on: of the largest size, whose draws are all alike, one if it has no seed."""
    found = draws(records)
    return found[:1] if not random and found and found[0].all() else found


def derive_seed(seed: int, *parts: str) -> int:
    """A seed of its own for every stage and cell, the same on any machine."""
    text = "\x1f".join((str(seed), *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")


def draw_samples(study: Study, records: Mapping[str, pd.DataFrame], cards: Mapping[str, DatasetCard]) -> list[Sample]:
    """Every sample of the study: data set x task x size, with true and, where asked for, shuffled labels."""
    samples = []
    for dataset, table in records.items():
        for task in study.task_names:
            pool, found = labelled(table, study.task(task), cards[dataset].vocabulary, study.negatives)
            reason = without_codes(study.task(task), cards[dataset].vocabulary, dataset)
            for made in (
                _unfilled(study, dataset, task, pool, reason) if reason else _ladders(study, dataset, task, pool)
            ):
                sample = replace(made, negatives=str(found), reason=found.explain(made.reason, pool["label"]))
                samples.append(sample)
                if study.shuffled_encoders:
                    samples.append(replace(_shuffle(study, sample), negatives=sample.negatives))
    return samples


def _unfilled(study: Study, dataset: str, task: str, pool: pd.DataFrame, reason: str) -> list[Sample]:
    """Samples of all sizes without any record."""
    empty = pool.iloc[:0].assign(repeat=0, fold=0)
    return [Sample(dataset, task, size, TRUE, empty, reason) for size in study.sizes]


def _ladders(study: Study, dataset: str, task: str, pool: pd.DataFrame) -> list[Sample]:
    """Samples of all sizes; sizes of equal class balance share their records."""
    by_balance: dict[Balance, list[str]] = {}
    for size, number in study.sizes.items():
        by_balance.setdefault(study.balance if number else "natural", []).append(size)
    found = {
        sample.size: sample
        for balance, sizes in by_balance.items()
        for sample in _ladder(study, dataset, task, pool, sizes, balance)
    }
    return [found[size] for size in study.sizes]


def _ladder(
    study: Study, dataset: str, task: str, pool: pd.DataFrame, sizes: Sequence[str], balance: Balance
) -> list[Sample]:
    """The largest size that can be filled, with its folds, and the smaller ones as parts of it."""
    empty, reasons = pool.iloc[:0].assign(repeat=0, fold=0), {}
    base = empty
    for size in reversed(sizes):
        seed = derive_seed(study.seed, "draw", dataset, task)
        try:
            rows = draw(pool["label"].to_numpy(), study.sizes[size], balance, seed)
            base = _with_folds(study, pool.iloc[rows].reset_index(drop=True), dataset, task, balance)
            break
        except CannotFillError as error:
            reasons[size] = str(error)
    return [
        Sample(dataset, task, size, TRUE, empty, reasons[size])
        if size in reasons
        else Sample(dataset, task, size, TRUE, _with_draws(study, base, dataset, task, size, balance))
        for size in sizes
    ]


def _with_folds(study: Study, records: pd.DataFrame, *where: str) -> pd.DataFrame:
    """The records once per repeat, each time in other folds."""
    label, patient = records["label"].to_numpy(), records["patient_id"].to_numpy()
    parts = []
    for repeat in range(study.repeats):
        seed = derive_seed(study.seed, "folds", *where, *([f"repeat {repeat}"] if repeat else []))
        folds = assign_folds(label, patient, study.folds, seed) + repeat * study.folds
        parts.append(records.assign(repeat=repeat, fold=folds))
    return pd.concat(parts, ignore_index=True)


def _with_draws(study: Study, base: pd.DataFrame, dataset: str, task: str, size: str, balance: Balance) -> pd.DataFrame:
    """Mark who may be trained on: a draw is nested in the draw of the same number of every larger size.

    All draws of the largest size hold all of its records: they differ in the seed of the probe.
    """
    number = study.sizes[size]
    marked = []
    for _, part in base.groupby("repeat"):
        y, columns = part["label"].to_numpy(), {}
        for which in range(study.draws):
            seed = derive_seed(study.seed, "draw", dataset, task, str(which))
            everyone = number is None or number == len(part)
            columns[f"{DRAW}{which}"] = everyone or np.isin(np.arange(len(y)), draw(y, number, balance, seed))
        marked.append(part.assign(**columns))
    return pd.concat(marked, ignore_index=True)


def _shuffle(study: Study, true: Sample) -> Sample:
    """Tested on the same records in the same folds; labels are permuted inside each fold, anew in every repeat.

    Draws are balanced by the permuted labels.
    """
    where = (true.dataset, true.task, true.size, SHUFFLED)
    if true.reason:
        return Sample(*where, true.records, true.reason)
    balance: Balance = study.balance if study.sizes[true.size] else "natural"
    base = true.records.loc[:, ["record_id", "patient_id", "label", "repeat", "fold"]]
    seed = derive_seed(study.seed, "shuffle", true.dataset, true.task, balance)
    base = base.assign(label=shuffle_labels(base["label"].to_numpy(), seed, within=base["fold"].to_numpy()))
    return Sample(*where, _with_draws(study, base, true.dataset, true.task, true.size, balance))


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
    study's ``geometry.max_records``, at natural prevalence. One for whose vocabulary the task has no codes gives none.

    Returns
    -------
    pd.DataFrame
        Columns record_id, patient_id (unique over data sets), label, dataset, drawn (the size, or ``natural``);
        sorted by data set and record. Where a data set names sites, the column site, too.
    """
    size = common_size(study, samples, task)
    parts = []
    for dataset, table in records.items():
        sample = next(
            (s for s in samples if (s.dataset, s.task, s.size, s.labels) == (dataset, task, size, TRUE)), None
        )
        if sample and not sample.reason:
            part = sample.members[["record_id", "patient_id", "label"]].assign(drawn=size)
        else:
            pool, _ = labelled(table, study.task(task), cards[dataset].vocabulary, study.negatives)
            most = study.geometry.max_records
            part = pool.sample(min(len(pool), most), random_state=derive_seed(study.seed, "pool", dataset, task))
            part = part.sort_index().assign(drawn="natural")
        # Two copies of a data set hold the same patients: under the publisher's name they are never neighbours.
        parts.append(part.assign(dataset=dataset, patient_id=cards[dataset].name + "/" + part["patient_id"]))
    return with_sites(_ordered(pd.concat(parts, ignore_index=True)), records)


def unite_pools(pools: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Records of all tasks' pools, each once: columns record_id, patient_id, dataset and, where there is one, site."""
    together = pd.concat(pools.values(), ignore_index=True).drop(columns=["label", "drawn"])
    return _ordered(together.drop_duplicates(["record_id", "dataset"]))


def _ordered(pool: pd.DataFrame) -> pd.DataFrame:
    """One order, whatever the order of data sets and tasks in the study: subsamples and ties depend on it."""
    return pool.sort_values(["dataset", "record_id"], ignore_index=True)
