"""Cells of the records lens."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pandas as pd

from ecglens.lens import Cell
from ecglens.lenses.records.shortcuts import above_chance, test_facts
from ecglens.records import sites
from ecglens.sampling import derive_seed
from ecglens.study.draws import TRUE
from ecglens.study.run_state import RunState
from ecglens.study.sites import labelled, without_codes


def shortcut_cells(state: RunState) -> Iterator[Cell]:
    """One cell per data set and task: the records of the largest filled size, or all labelled records."""
    for dataset, task in product(state.tables, state.tasks):
        drawn, records = tested_records(state, dataset, task)
        file = state.sample_file(f"shortcut__{dataset}__{task}", records)
        reason = without_codes(state.study.task(task), state.cards[dataset].vocabulary, dataset)
        yield Cell(key={"dataset": dataset, "task": task}, sample=file, settings={"drawn": drawn}, reason=reason)


def tested_records(state: RunState, dataset: str, task: str) -> tuple[str, pd.DataFrame]:
    """The size, or ``natural``, and its records with the columns that `FACTS` need."""
    place = (dataset, task, TRUE, "")
    filled = [
        sample for sample in state.samples if (sample.dataset, sample.task, sample.labels, sample.reason) == place
    ]
    table = state.tables[dataset]
    if filled:
        drawn, chosen = filled[-1].size, filled[-1].tested
    else:
        vocabulary = state.cards[dataset].vocabulary
        drawn, chosen = "natural", labelled(table, state.study.task(task), vocabulary, state.study.negatives)[0]
    known = table.loc[chosen["record_id"], ["fs", "n_samples", "age", "sex"]].reset_index(drop=True)
    site = sites(table).loc[chosen["record_id"]].reset_index(drop=True).rename("site")
    return drawn, pd.concat([chosen[["record_id", "patient_id", "label"]].reset_index(drop=True), known, site], axis=1)


def foresee_shortcuts(state: RunState) -> dict[str, Any]:
    """Sentences on shortcuts, for the dry run."""
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
