"""Cells of the overlap lens."""

from __future__ import annotations

from collections.abc import Iterator

from ecglens.lens import Cell
from ecglens.lenses.overlap.compare import AT_CHANCE
from ecglens.lenses.overlap.settings import AttributionSettings
from ecglens.lenses.scores.references import Reference, best_probes, references
from ecglens.study.draws import SHUFFLED, TRUE
from ecglens.study.probe_settings import probe_settings
from ecglens.study.run_state import RunState
from ecglens.study.samples import Sample


def attribution_cells(state: RunState) -> Iterator[Cell]:
    """One cell per encoder, task, probe and data set, at the size at which data sets are compared."""
    study, asked = state.study, state.study.settings(AttributionSettings)
    entries = {entry.name: probe_settings(entry) for entry in study.probes}
    settings = asked.model_dump(include={"seeds", "halves"}) | {"engine": study.engine}
    for row, labels in _explained(state):
        for sample in _filled(state, row, labels):
            key = {"encoder": row.encoder, "dataset": sample.dataset, "task": row.task, "size": row.size}
            moved = asked.permutations if labels == TRUE and row.encoder in study.shuffled_encoders else 0
            yield Cell(
                key=key | {"labels": labels, "probe": row.probe},
                sample=state.sample_file(sample.slug, sample.records),
                settings=settings | {"probe": entries[row.probe], "permutations": moved},
            )


def overlap_cells(state: RunState) -> Iterator[Cell]:
    """One cell per encoder, task, labels and probe: every pair of data sets."""
    asked = state.study.settings(AttributionSettings)
    cutoffs = {"cutoffs": sorted({*asked.cutoffs, asked.top_k}), "top_k": asked.top_k}
    for row, labels in _explained(state):
        samples = {sample.dataset: sample for sample in _filled(state, row, labels)}
        under = [("", labels)] + [(AT_CHANCE, SHUFFLED)] * (labels == TRUE)
        cells = {
            name + suffix: (row.encoder, name, row.task, row.size, of, row.probe)
            for suffix, of in under
            for name in sorted(samples)
        }
        found = {name: state.file("attribution", cell, "replicate") for name, cell in cells.items()}
        inputs = {name: path for name, path in found.items() if path}
        if row.dataset in inputs:
            sample = samples[row.dataset]
            key = {"encoder": row.encoder, "task": row.task, "size": row.size, "labels": labels, "probe": row.probe}
            yield Cell(
                key=key,
                sample=state.sample_file(sample.slug, sample.records),
                settings=cutoffs | {"reference": row.dataset},
                inputs=inputs,
            )


def _explained(state: RunState) -> list[tuple[Reference, str]]:
    """Encoders, tasks and probes whose features are compared, by labels."""
    found = references(state.rows("probe"), state.common_sizes)
    asked = found if state.study.settings(AttributionSettings).probes == "all" else best_probes(found)
    shuffled = [row for row in asked if row.encoder in state.study.shuffled_encoders]
    return [(row, TRUE) for row in asked] + [(row, SHUFFLED) for row in shuffled]


def _filled(state: RunState, row: Reference, labels: str) -> list[Sample]:
    asked = (row.task, row.size, labels, "")
    return [sample for sample in state.samples if (sample.task, sample.size, sample.labels, sample.reason) == asked]


def foresee_overlap(state: RunState) -> dict[str, int]:
    """Number of attribution cells, for the dry run."""
    study = state.study
    every = state.study.settings(AttributionSettings).probes == "all"
    filled = {(sample.dataset, sample.task) for sample in state.samples if not sample.reason}
    encoders = len(study.encoders) + len(study.shuffled_encoders)
    return {"attribution cells": len(filled) * encoders * (len(study.probes) if every else 1)}
