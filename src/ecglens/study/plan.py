"""The dry run: a forecast of the work of a study, without writing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecglens.datasets.validate.gate import checked_index
from ecglens.datasets.validate.inspection import try_records
from ecglens.lens import load_lenses
from ecglens.study.config import Study
from ecglens.study.draws import TRUE
from ecglens.study.entries import check
from ecglens.study.folder import check_folder
from ecglens.study.run_state import Records, RunState
from ecglens.study.samples import draw_samples


def dry_run(study: Study, out: Path | None = None) -> dict[str, Any]:
    """Check a study and its run folder, count the work from the record tables, and try a few records of each data set.

    Nothing is written.
    """
    lenses = load_lenses(study.lenses)
    datasets = check(study, lenses)
    if out is not None:
        check_folder(out, [dataset.root for dataset in datasets])
    indexes = {dataset.name: checked_index(dataset) for dataset in datasets}
    records = Records(datasets, {name: index.records for name, index in indexes.items()})
    state = RunState(study, lenses, out or Path(), records)
    state.samples = draw_samples(study, state.tables, state.cards)
    unfilled = [f"{s.dataset}, {s.task}, {s.size}: {s.reason}" for s in state.samples if s.reason and s.labels == TRUE]
    negatives = {f"{s.dataset}, {s.task}: {s.negatives}": None for s in state.samples if s.negatives}
    n_records = sum(map(len, state.tables.values()))
    return {
        "records to read": n_records,
        "embeddings, at most": n_records * len(study.encoders),
        "samples": len(state.samples),
        "samples that cannot be filled": sum(bool(sample.reason) for sample in state.samples),
        **{name: value for lens in lenses for name, value in lens.foresee(state).items()},
        "negatives": list(negatives) or "of all sites",
        "records tried": [f"{dataset.name}: {try_records(dataset, indexes[dataset.name])}" for dataset in datasets],
        "cannot be filled": unfilled or "none",
    }
