"""Cells of the scores lens."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from ecglens.lens import Cell
from ecglens.lenses.scores.references import best_probes, references
from ecglens.lenses.thresholds import Thresholds
from ecglens.study.draws import SHUFFLED, TRUE
from ecglens.study.probe_settings import probe_settings
from ecglens.study.run_state import RunState


def probe_cells(state: RunState) -> Iterator[Cell]:
    """One cell per encoder and sample."""
    study = state.study
    settings = {"probes": [probe_settings(entry) for entry in study.probes], "engine": study.engine}
    for encoder, sample in product(study.encoders, state.samples):
        if sample.labels == TRUE or encoder.name in study.shuffled_encoders:
            key = {"encoder": encoder.name, "dataset": sample.dataset, "task": sample.task, "size": sample.size}
            yield Cell(
                key=key | {"labels": sample.labels},
                sample=state.sample_file(sample.slug, sample.records),
                settings=settings,
                reason=sample.reason,
            )


def comparison_cells(state: RunState) -> Iterator[Cell]:
    """One cell that compares all encoders at the common size of the data sets."""
    cells: list[dict[str, Any]] = []
    inputs: dict[str, Path] = {}
    for row in best_probes(references(state.rows("probe"), state.common_sizes)):
        datasets = []
        for dataset, labels in product(sorted(state.tables), (TRUE, SHUFFLED)):
            key = (row.encoder, dataset, row.task, row.size, labels)
            scores, predictions = state.file("probe", key), state.file("probe", key, "prediction")
            if scores and predictions:
                place = f"{row.encoder} {dataset} {row.task} {labels}"
                inputs |= {f"probe {place}": scores, f"prediction {place}": predictions}
                datasets += [dataset] if labels == TRUE else []
        cells.append({"encoder": row.encoder, "task": row.task, "size": row.size, "datasets": datasets})
    yield Cell(key={}, settings={"cells": cells, "rope": state.study.settings(Thresholds).rope}, inputs=inputs)
