"""Samples of records: nested sizes that are tested on the same folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from ecglens.datasets import DatasetCard
from ecglens.errors import CannotFillError
from ecglens.sampling import assign_folds, derive_seed, draw, shuffle_labels
from ecglens.study.config import Study
from ecglens.study.draws import DRAW, SHUFFLED, TRUE, draws
from ecglens.study.sites import labelled, without_codes

Balance = Literal["equal", "natural"]


@dataclass(frozen=True)
class Sample:
    """The records of one data set, task and size, with labels, folds and draws; or why there are none.

    All sizes of a data set and task are tested on the same records in the same folds, those of the largest size that
    can be filled; a smaller size trains on a part of them.

    Parameters
    ----------
    dataset, task, size, labels
        Key of the sample; `labels` is ``true`` or ``shuffled``.
    records
        Columns record_id, patient_id, label (0/1), repeat, fold, and one column of booleans per draw; empty where the
        size cannot be filled. Every record has a row in each repeat of the cross-validation. Folds are numbered on
        from one repeat to the next.
    reason
        Reason why the sample cannot be filled; empty if it can.
    negatives
        Sites that give negatives; empty if all do.
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
        """Name of the sample in file names."""
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


def draw_samples(study: Study, records: Mapping[str, pd.DataFrame], cards: Mapping[str, DatasetCard]) -> list[Sample]:
    """Draw all samples of the study: data set x task x size, with true and, if requested, shuffled labels."""
    samples = []
    for dataset, table in records.items():
        for task in study.task_names:
            candidates, found = labelled(table, study.task(task), cards[dataset].vocabulary, study.negatives)
            reason = without_codes(study.task(task), cards[dataset].vocabulary, dataset)
            place = (study, dataset, task, candidates)
            for made in _unfilled(*place, reason) if reason else _ladders(*place):
                sample = replace(made, negatives=str(found), reason=found.explain(made.reason, candidates["label"]))
                samples.append(sample)
                if study.shuffled_encoders:
                    samples.append(replace(_shuffle(study, sample), negatives=sample.negatives))
    return samples


def _unfilled(study: Study, dataset: str, task: str, candidates: pd.DataFrame, reason: str) -> list[Sample]:
    """Samples of all sizes without any record."""
    empty = candidates.iloc[:0].assign(repeat=0, fold=0)
    return [Sample(dataset, task, size, TRUE, empty, reason) for size in study.sizes]


def _ladders(study: Study, dataset: str, task: str, candidates: pd.DataFrame) -> list[Sample]:
    """Samples of all sizes; sizes of equal class balance share their records."""
    by_balance: dict[Balance, list[str]] = {}
    for size, number in study.sizes.items():
        by_balance.setdefault(study.balance if number else "natural", []).append(size)
    found = {
        sample.size: sample
        for balance, sizes in by_balance.items()
        for sample in _ladder(study, dataset, task, candidates, sizes, balance)
    }
    return [found[size] for size in study.sizes]


def _ladder(
    study: Study, dataset: str, task: str, candidates: pd.DataFrame, sizes: Sequence[str], balance: Balance
) -> list[Sample]:
    """The largest size that can be filled, with its folds, and the smaller ones as parts of it."""
    empty, reasons = candidates.iloc[:0].assign(repeat=0, fold=0), {}
    base = empty
    for size in reversed(sizes):
        seed = derive_seed(study.seed, "draw", dataset, task)
        try:
            rows = draw(candidates["label"].to_numpy(), study.sizes[size], balance, seed)
            base = _with_folds(study, candidates.iloc[rows].reset_index(drop=True), dataset, task, balance)
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
        marked.append(pd.concat([part, pd.DataFrame(columns, index=part.index)], axis=1))
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
