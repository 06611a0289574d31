"""Forecast of the cells and of the cost of the scores lens."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from ecglens.study.draws import TRUE, draws_of
from ecglens.study.probe_entries import load_probe
from ecglens.study.run_state import RunState
from ecglens.study.samples import Sample

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


def foresee_scores(state: RunState) -> dict[str, Any]:
    """Number of cells and fits, with a rough estimate of CPU time at 768 features."""
    study = state.study
    random = {entry.name: load_probe(entry).random for entry in study.probes}
    filled = [sample for sample in state.samples if not sample.reason]
    cells = [
        sample
        for sample, entry in product(filled, study.encoders)
        if sample.labels == TRUE or entry.name in study.shuffled_encoders
    ]

    def n_fits(sample: Sample, seeded: bool) -> int:
        return study.repeats * len(draws_of(sample.records, seeded))

    seconds = sum(
        (a + b * len(sample.members) / 1000) * study.folds / 15 * n_fits(sample, random[probe.name])
        for sample in cells
        for probe in study.probes
        for a, b in (PROBE_SECONDS[study.engine].get(probe.name, (0.0, 30.0)),)
    )
    return {
        "probe cells": len(cells),
        "probe fits": study.folds * sum(n_fits(sample, seeded) for sample in cells for seeded in random.values()),
        "rough CPU minutes of probing": round(seconds / 60, 1),
    }
