"""What is known of the records of a run, as tables."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ecglens.report.gaps import DONE, read_gaps
from ecglens.report.summary import Summary
from ecglens.study.results import Results

NUMBERS = ["listed", "usable", "expected", "patients", "has_patient_ids", "fs", "seconds", "age", "sex", "defects"]


@dataclass(frozen=True)
class RecordSummary:
    """Records, and what became of them.

    Parameters
    ----------
    records
        One row per data set: listed, usable and left out records, and more; NA if it could not be read.
    shortcuts
        How well facts such as the site predict the label; columns as in `ecglens.lenses.records.shortcuts.ShortcutRow`.
    windows
        Columns encoder, dataset, fate, n: what became of records that are not as long as an encoder's window.
    """

    records: pd.DataFrame
    shortcuts: pd.DataFrame
    windows: pd.DataFrame


def read_records(summary: Summary) -> RecordSummary:
    """Read what a run knows of its records."""
    return RecordSummary(_records(summary), _shortcuts(summary.results.shortcuts), _windows(summary.results))


def _records(summary: Summary) -> pd.DataFrame:
    gaps, rows = read_gaps(summary.results.failures), []
    for dataset in summary.grid.datasets:
        known = summary.results.records.get(dataset, {}).get("summary", {})
        status, reason = (DONE, "") if known else gaps.find("index", (dataset,), "", [dataset])
        place = {"dataset": dataset, "simulated": dataset in summary.simulated}
        rows.append(place | {name: known.get(name) for name in NUMBERS} | {"status": status, "reason": reason})
    return pd.DataFrame(rows, columns=["dataset", "simulated", *NUMBERS, "status", "reason"])


def _shortcuts(tested: pd.DataFrame) -> pd.DataFrame:
    """A label that no record can have has one row, for all facts."""
    return tested.assign(fact=tested["fact"].fillna("all facts"), n=tested["n"].fillna(0))


def _windows(results: Results) -> pd.DataFrame:
    found = [
        (encoder, dataset, fate, n)
        for encoder, facts in results.provenance.get("encoders", {}).items()
        for dataset, embedded in facts.get("embeddings", {}).items()
        for fate, n in embedded.get("windows", {}).items()
    ]
    return pd.DataFrame(found, columns=["encoder", "dataset", "fate", "n"])
