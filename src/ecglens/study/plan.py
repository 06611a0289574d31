"""What a study will compute, from how many records, at which cost; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ecglens.datasets.validate.gate import checked_index
from ecglens.datasets.validate.inspection import try_records
from ecglens.study.config import Study
from ecglens.study.entries import check, load_probe
from ecglens.study.folder import check_folder
from ecglens.study.samples import TRUE, Sample, draw_samples, draws_of
from ecglens.study.shortcuts import above_chance, find_shortcuts

PROBE_SECONDS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "reference": {
        "logistic-regression": (0.0, 2.9),
        "decision-tree": (0.0, 11.0),
        "random-forest": (1.0, 32.0),
        "xgboost": (20.0, 134.0),
        "mlp": (0.0, 30.0),
    },
    "fast": {
        "logistic-regression": (0.0, 0.25),
        "decision-tree": (0.0, 0.9),
        "random-forest": (0.2, 2.6),
        "xgboost": (0.5, 5.5),
        "mlp": (0.3, 4.2),
    },
}
"""By engine: CPU seconds of 15 folds at 768 features, a + b * n / 1,000, read off measured ones. Rough."""


def cost(study: Study, samples: list[Sample], records: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """What a study will compute, counted; the CPU time is a rough estimate at 768 features."""
    filled = [sample for sample in samples if not sample.reason]
    random = {entry.name: load_probe(entry).random for entry in study.probes}
    cells = [(sample, entry.name) for sample in filled for entry in study.encoders if _runs(study, sample, entry.name)]

    def n_fits(sample: Sample, seeded: bool) -> int:
        return study.repeats * len(draws_of(sample.records, seeded))

    seconds = sum(
        (a + b * len(sample.members) / 1000) * study.folds / 15 * n_fits(sample, random[probe.name])
        for sample, _ in cells
        for probe in study.probes
        for a, b in (PROBE_SECONDS[study.engine].get(probe.name, (0.0, 30.0)),)
    )
    n_explained = len(study.probes) if study.attribution.probes == "all" else 1
    return {
        "records to read": sum(len(table) for table in records.values()),
        "embeddings, at most": sum(len(table) for table in records.values()) * len(study.encoders),
        "samples": len(samples),
        "samples that cannot be filled": len(samples) - len(filled),
        "probe cells": len(cells),
        "probe fits": study.folds * sum(n_fits(sample, seeded) for sample, _ in cells for seeded in random.values()),
        "attribution cells": len({(s.dataset, s.task) for s in filled})
        * (len(study.encoders) + len(study.shuffled_encoders))
        * n_explained,
        "geometry cells": len(study.encoders) * (len(study.tasks) + 1),
        "rough CPU minutes of probing": round(seconds / 60, 1),
    }


def dry_run(study: Study, out: Path | None = None) -> dict[str, Any]:
    """Check a study and its run folder, count the work from the record tables, and try a few records of each data set.

    Nothing is written.
    """
    datasets = check(study)
    if out is not None:
        check_folder(out, [dataset.root for dataset in datasets])
    indexes = {dataset.name: checked_index(dataset) for dataset in datasets}
    records = {name: index.records for name, index in indexes.items()}
    cards = {dataset.name: dataset.card for dataset in datasets}
    samples = draw_samples(study, records, cards)
    unfilled = [f"{s.dataset}, {s.task}, {s.size}: {s.reason}" for s in samples if s.reason and s.labels == TRUE]
    negatives = {f"{s.dataset}, {s.task}: {s.negatives}": None for s in samples if s.negatives}
    shortcuts = [
        f"{row.dataset}, {row.task}: {row.fact} predicts the label with a balanced accuracy of {row.value:.2f} "
        f"[{row.low:.2f}, {row.high:.2f}]"
        for row in above_chance(find_shortcuts(study, samples, records, cards)).itertuples()
    ]
    return cost(study, samples, records) | {
        "negatives": list(negatives) or "of all sites",
        "shortcuts": shortcuts or "none found",
        "records tried": [f"{dataset.name}: {try_records(dataset, indexes[dataset.name])}" for dataset in datasets],
        "cannot be filled": unfilled or "none",
    }


def _runs(study: Study, sample: Sample, encoder: str) -> bool:
    return sample.labels == TRUE or encoder in study.shuffled_encoders
