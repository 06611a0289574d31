"""Shortcuts: what predicts a label without a look at the signal, on the records that probes are tested on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.lens import Cell, Row
from ecglens.records import sites
from ecglens.sampling import derive_seed
from ecglens.stats import holm
from ecglens.stats.shortcuts import LEVEL, cut, predict_label
from ecglens.study.cell import CellTask
from ecglens.study.draws import TRUE
from ecglens.study.run_state import RunState
from ecglens.study.sites import labelled, without_codes


class ShortcutRow(Row):
    """How well one fact predicts the label of one task in one data set."""

    dataset: str
    task: str
    drawn: str
    fact: str
    n: int
    n_positive: int
    n_values: int
    value: float
    low: float
    high: float
    p_value: float
    p_holm: float
    detectable: float


def _codes(values: pd.Series[Any]) -> NDArray[np.int64]:
    return np.asarray(pd.factorize(values, sort=True)[0])


def _numbers(values: pd.Series[Any]) -> NDArray[np.int64]:
    return cut(values.to_numpy(dtype=np.float64, na_value=np.nan).round(2))


FACTS: Mapping[str, Callable[[pd.DataFrame], NDArray[np.int64]]] = {
    "site": lambda records: _codes(records["site"]),
    "sampling rate": lambda records: _numbers(records["fs"]),
    "length": lambda records: _numbers(records["n_samples"] / records["fs"]),
    "missing age": lambda records: _codes(records["age"].isna()),
    "missing sex": lambda records: _codes(records["sex"].isna()),
}
"""What is known of a record beside its signal: codes of the values that may give a label away."""


def shortcut_cells(state: RunState) -> Iterator[Cell]:
    """One cell per data set and task: the records of the largest size that could be filled, or all labelled ones."""
    for dataset, task in product(state.tables, state.tasks):
        drawn, records = tested_records(state, dataset, task)
        file = state.sample_file(f"shortcut__{dataset}__{task}", records)
        reason = without_codes(state.study.task(task), state.cards[dataset].vocabulary, dataset)
        yield Cell(key={"dataset": dataset, "task": task}, sample=file, settings={"drawn": drawn}, reason=reason)


def tested_records(state: RunState, dataset: str, task: str) -> tuple[str, pd.DataFrame]:
    """The size, or ``natural``, and its records with all that `FACTS` look at."""
    place = (dataset, task, TRUE, "")
    filled = [
        sample for sample in state.samples if (sample.dataset, sample.task, sample.labels, sample.reason) == place
    ]
    table = state.tables[dataset]
    if filled:
        drawn, chosen = filled[-1].size, filled[-1].records
    else:
        vocabulary = state.cards[dataset].vocabulary
        drawn, chosen = "natural", labelled(table, state.study.task(task), vocabulary, state.study.negatives)[0]
    known = table.loc[chosen["record_id"], ["fs", "n_samples", "age", "sex"]].reset_index(drop=True)
    site = sites(table).loc[chosen["record_id"]].reset_index(drop=True)
    return drawn, pd.concat([chosen[["record_id", "patient_id", "label"]].reset_index(drop=True), known, site], axis=1)


def compute_shortcuts(task: CellTask) -> pd.DataFrame:
    """Test whether facts about records predict the label of one task in one data set, with one record of each patient.

    p-values are adjusted by Holm's method over the facts. ``drawn`` is the size, or ``natural``; ``status`` is
    ``cannot-fill``, with a reason, if a fact cannot be tested.
    """
    seed = derive_seed(task.seed, "shortcut", task.key["dataset"], task.key["task"])
    return test_facts(task.read_sample(), seed).assign(drawn=task.settings["drawn"])


def test_facts(records: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Test every fact of `FACTS` on records with patient_id and label; one row per fact."""
    shuffled = records.sort_values("record_id").sample(frac=1, random_state=seed)
    people = shuffled.drop_duplicates("patient_id")
    label = people["label"].to_numpy()
    facts = {name: fact(people) for name, fact in FACTS.items()}
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
    return pd.DataFrame([row | {"p_holm": p} for row, p in zip(rows, adjusted.tolist(), strict=True)])


def above_chance(shortcuts: pd.DataFrame) -> pd.DataFrame:
    """Rows of facts that predict the label above chance."""
    return shortcuts[shortcuts["p_holm"] <= LEVEL]


def foresee_shortcuts(state: RunState) -> dict[str, Any]:
    """Sentences on facts that predict a label without the signal."""
    found = [
        f"{dataset}, {task}: {row.fact} predicts the label with a balanced accuracy of {row.value:.2f} "
        f"[{row.low:.2f}, {row.high:.2f}]"
        for dataset, task in product(state.tables, state.tasks)
        for row in above_chance(_test(state, dataset, task)).itertuples()
    ]
    return {"shortcuts": found or "none found"}


def _test(state: RunState, dataset: str, task: str) -> pd.DataFrame:
    _, records = tested_records(state, dataset, task)
    return test_facts(records, derive_seed(state.study.seed, "shortcut", dataset, task))
