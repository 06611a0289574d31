"""The job that indexes a data set."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from ecglens.datasets.validate.inspection import inspect_records, summarise
from ecglens.files import write_json
from ecglens.study.entries import open_entry
from ecglens.study.fields import DatasetEntry
from ecglens.study.results import write_frame


@dataclass(frozen=True)
class IndexTask:
    """Read every record of a data set once, and list usable records and defects."""

    dataset: DatasetEntry
    output: Path


def index(task: IndexTask) -> None:
    """Write usable records as Parquet and, first, the summary and the defects as JSON."""
    dataset = open_entry(task.dataset)
    inspection = inspect_records(dataset)
    facts = {
        "card": asdict(dataset.card),
        "summary": asdict(summarise(inspection, dataset)),
        "defects": [asdict(defect) for defect in inspection.defects],
    }
    write_json(task.output.with_suffix(".json"), facts)
    write_frame(task.output, inspection.records)
