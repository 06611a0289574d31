"""Shortcuts: what predicts a label without a look at the signal, on the records that probes are tested on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.datasets import DatasetCard
from ecglens.records import sites
from ecglens.stats import holm
from ecglens.stats.shortcuts import LEVEL, cut, predict_label
from ecglens.study.config import Study
from ecglens.study.results import SHORTCUT_COLUMNS
from ecglens.study.samples import TRUE, Sample, derive_seed
from ecglens.study.sites import labelled, without_codes


def _codes(values: pd.Series[Any]) -> NDArray[np.int64]:
    return np.asarray(pd.factorize(values, sort=True)[0])


def _numbers(values: pd.Series[Any]) -> NDArray[np.int64]:
    return cut(values.to_numpy(dtype=np.float64, na_value=np.nan).round(2))


FACTS: Mapping[str, Callable[[pd.DataFrame], NDArray[np.int64]]] = {
    "site": lambda records: _codes(sites(records)),
    "sampling rate": lambda records: _numbers(records["fs"]),
    "length": lambda records: _numbers(records["n_samples"] / records["fs"]),
    "missing age": lambda records: _codes(records["age"].isna()),
    "missing sex": lambda records: _codes(records["sex"].isna()),
}
"""What is known of a record beside its signal: codes of the values that may give a label away."""


def find_shortcuts(
    study: Study, samples: list[Sample], records: Mapping[str, pd.DataFrame], cards: Mapping[str, DatasetCard]
) -> pd.DataFrame:
    """Test, for every data set and task, whether a fact about the records predicts the label.

    The records are those of the largest size that could be filled, or all labelled ones if there is none; of each
    patient, one. p-values are adjusted by Holm's method over the facts of a data set and task.

    Returns
    -------
    pd.DataFrame
        Columns as in `SHORTCUT_COLUMNS`: one row per data set, task and fact. ``drawn`` is the size, or ``natural``;
        ``status`` is ``cannot-fill``, with a reason, where a fact cannot be tested.
    """
    rows: list[dict[str, Any]] = []
    for dataset, table in records.items():
        for task in study.task_names:
            vocabulary, place = cards[dataset].vocabulary, {"dataset": dataset, "task": task}
            if reason := without_codes(study.task(task), vocabulary, dataset):
                gap = {"drawn": "natural", "n": 0, "n_positive": 0, "status": "cannot-fill", "reason": reason}
                rows += [place | gap | {"fact": fact} for fact in FACTS]
                continue
            filled = [s for s in samples if (s.dataset, s.task, s.labels, s.reason) == (dataset, task, TRUE, "")]
            if filled:
                drawn, chosen = filled[-1].size, filled[-1].records
            else:
                drawn, chosen = "natural", labelled(table, study.task(task), vocabulary, study.negatives)[0]
            place["drawn"] = drawn
            rows += [place | row for row in _of_task(chosen, table, derive_seed(study.seed, "shortcut", dataset, task))]
    return pd.DataFrame(rows, columns=SHORTCUT_COLUMNS)


def _of_task(chosen: pd.DataFrame, table: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    shuffled = chosen.sort_values("record_id").sample(frac=1, random_state=seed)
    people = shuffled.drop_duplicates("patient_id")
    label, known = people["label"].to_numpy(), table.loc[people["record_id"]]
    facts = {name: fact(known) for name, fact in FACTS.items()}
    n_tested = sum(len(np.unique(codes)) > 1 for codes in facts.values())
    rows: list[dict[str, Any]] = []
    for name, codes in facts.items():
        n_values = len(np.unique(codes))
        row = {"fact": name, "n": len(label), "n_positive": int(label.sum()), "n_values": n_values}
        found = predict_label(label, codes, seed, LEVEL / max(1, n_tested))
        if found is None:
            reason = "the same in all records" if n_values < 2 else "fewer than two patients of a class"
            rows.append(row | {"status": "cannot-fill", "reason": reason})
        else:
            rows.append(row | vars(found) | {"status": "done", "reason": ""})
    adjusted = holm([row.get("p_value", np.nan) for row in rows])
    return [row | {"p_holm": p} for row, p in zip(rows, adjusted.tolist(), strict=True)]


def above_chance(shortcuts: pd.DataFrame) -> pd.DataFrame:
    """Rows of facts that predict the label above chance."""
    return shortcuts[shortcuts["p_holm"] <= LEVEL]
