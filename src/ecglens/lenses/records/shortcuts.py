"""Shortcuts: facts that predict a label without the signal, on the records that probes are tested on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.sampling import derive_seed
from ecglens.stats import holm
from ecglens.stats.shortcuts import LEVEL, cut, predict_label
from ecglens.status import CANNOT_FILL, DONE
from ecglens.study.cell import CellTask


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
"""Facts about a record other than its signal, as codes of their values."""


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
            rows.append(row | {"status": CANNOT_FILL, "reason": reason})
        else:
            rows.append(row | vars(found) | {"status": DONE, "reason": ""})
    adjusted = holm([row.get("p_value", np.nan) for row in rows])
    return pd.DataFrame([row | {"p_holm": p} for row, p in zip(rows, adjusted.tolist(), strict=True)])


def above_chance(shortcuts: pd.DataFrame) -> pd.DataFrame:
    """Rows of facts that predict the label above chance."""
    return shortcuts[shortcuts["p_holm"] <= LEVEL]
