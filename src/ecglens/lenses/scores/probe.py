"""Computation of score cells: all probes, cross-validated on one sample of one encoder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from traceback import format_exception
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.probes import cross_validate, fold_metrics
from ecglens.sampling import derive_seed
from ecglens.status import DONE, FAILED
from ecglens.study.cell import CellTask, cell_matrix
from ecglens.study.draws import draws_of
from ecglens.study.fields import ProbeEntry
from ecglens.study.probe_entries import load_probe


def compute_scores(task: CellTask) -> dict[str, pd.DataFrame]:
    """Cross-validated metrics and predictions of every probe and draw of one sample.

    A probe that fails does not affect the others: its one row holds the traceback. If all fail, the cell does.
    """
    x, repeats = cell_matrix(task)
    metrics, predictions, failed = [], [], []
    for settings in task.settings["probes"]:
        entry = ProbeEntry.model_validate(settings["entry"])
        try:
            scored = list(_score(task, entry, x, repeats))
        except (CannotFillError, MemoryError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - anybody's classifier may raise anything
            failed.append(error)
            row = {"probe": entry.name, "status": FAILED, "reason": "".join(format_exception(error))}
            metrics.append(pd.DataFrame([row]))
            continue
        metrics += [rows.assign(status=DONE, reason="") for rows, _ in scored]
        predictions += [predicted for _, predicted in scored]
    if not predictions:
        raise failed[0]
    return {
        "probe": pd.concat(metrics, ignore_index=True),
        "prediction": pd.concat(predictions, ignore_index=True),
    }


def _score(
    task: CellTask, entry: ProbeEntry, x: NDArray[np.float32], repeats: Sequence[pd.DataFrame]
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Metrics and predictions of every repeat and draw of one probe."""
    chosen = load_probe(entry)
    fits = [
        (repeat, number, train)
        for repeat, sample in enumerate(repeats)
        for number, train in enumerate(draws_of(sample, chosen.random))
    ]
    for repeat, number, train in fits:
        sample = repeats[repeat]
        y, folds = sample["label"].to_numpy(), sample["fold"].to_numpy()
        names = ([f"repeat {repeat}"] if repeat else []) + ([str(number)] if number else [])
        seed = derive_seed(task.derived_seed("probe"), *names) if names else task.derived_seed("probe")
        found = cross_validate(x, y, folds, chosen, seed, train=train, engine=task.settings["engine"])
        place: dict[str, Any] = {"probe": entry.name, "draw": number, "repeat": repeat}
        rows = fold_metrics(y, found.probability, folds, train=train, calibrated=chosen.calibrated)
        warned = _warnings_by_fold(found.warnings, sample["fold"])
        predicted = sample[["record_id", "patient_id", "label", "fold"]].assign(probability=found.probability)
        yield pd.concat([rows, warned]).assign(**place), predicted.assign(**place)


def _warnings_by_fold(warnings: tuple[str, ...], folds: pd.Series[int]) -> pd.DataFrame:
    """Number of warnings of each fold; a warning begins with its fold."""
    warned = [message.split(":")[0] for message in warnings]
    rows = [{"fold": fold, "metric": "n_warnings", "value": warned.count(f"fold {fold}")} for fold in set(folds)]
    return pd.DataFrame(rows)
