"""Records of a run as tables."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ecglens.report.gaps import read_gaps
from ecglens.report.summary import Summary
from ecglens.status import DONE
from ecglens.study.results import Results

NUMBERS = ["listed", "usable", "expected", "patients", "has_patient_ids", "fs", "seconds", "age", "sex", "defects"]


@dataclass(frozen=True)
class RecordSummary:
    """Records and their use.

    Parameters
    ----------
    records
        One row per data set: listed, usable and excluded records, and more; NA if it could not be read.
    shortcuts
        Shortcuts; columns as in `ecglens.lenses.records.rows.ShortcutRow`.
    windows
        Columns encoder, dataset, fate, n: treatment of records that do not fit an encoder's window.
    """

    records: pd.DataFrame
    shortcuts: pd.DataFrame
    windows: pd.DataFrame


def read_records(summary: Summary) -> RecordSummary:
    """Summarise the records of a run."""
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
    """Shortcuts, with one row for all facts if no record can have the label."""
    return tested.assign(fact=tested["fact"].fillna("all facts"), n=tested["n"].fillna(0))


def _windows(results: Results) -> pd.DataFrame:
    found = [
        (encoder, dataset, fate, n)
        for encoder, facts in results.provenance.get("encoders", {}).items()
        for dataset, embedded in facts.get("embeddings", {}).items()
        for fate, n in embedded.get("windows", {}).items()
    ]
    return pd.DataFrame(found, columns=["encoder", "dataset", "fate", "n"])
