"""Tables of records: usable, excluded, drawn, and seen in pretraining."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecglens.lenses.records.summary import RecordSummary
from ecglens.report.frames import groups, rows, where
from ecglens.report.summary import Summary
from ecglens.report.table import Cell, Table, gap_cell, number, texts
from ecglens.status import DONE
from ecglens.study.draws import TRUE


def record_tables(summary: Summary) -> list[Table]:
    """Tables of records, exclusions, samples, pretraining and windows."""
    made = [_records(summary), _left_out(summary), _samples(summary), _joint(summary), _contamination(summary)]
    return made if summary.of(RecordSummary).windows.empty else [*made, _windows(summary)]


def _records(summary: Summary) -> Table:
    columns = ("data set", "listed", "usable", "left out", "complete release", "patients", "sampling rate (Hz)",
               "length (s)", "age (years)", "F / M / unknown")  # fmt: skip
    found = [texts(summary.shown(row.dataset), *_record_cells(row)) for row in rows(summary.of(RecordSummary).records)]
    caption = "Lengths and ages: minimum / median / maximum."
    return Table("Records", columns, tuple(found), caption)


def _record_cells(row: Any) -> tuple[Cell, ...]:
    if row.status != DONE:
        return (gap_cell(row.status, row.reason), *texts(*["–"] * 8))
    unit = () if row.has_patient_ids else ("no patient identifiers: every record counts as a patient",)
    return texts(
        number(row.listed, 0), number(row.usable, 0), number(row.listed - row.usable, 0),
        number(None if row.simulated else row.expected, 0), Cell(number(row.patients, 0), unit),
        ", ".join(row.fs), _spread(row.seconds), _spread(row.age),
        " / ".join(number(row.sex.get(sex, 0), 0) for sex in ("F", "M", "unknown")),
    )  # fmt: skip


def _spread(spread: Mapping[str, float] | None) -> str:
    if not spread:
        return "–"
    return " / ".join(f"{spread[name]:g}" for name in ("minimum", "median", "maximum"))


def _left_out(summary: Summary) -> Table:
    """Number of defects by data set, reason and, if only one encoder excludes the record, encoder."""
    found = [
        texts(summary.shown(dataset), reason, encoder or "every encoder", number(len(part), 0))
        for (dataset, encoder, reason), part in groups(summary.results.defects, ["dataset", "encoder", "reason"])
    ]
    return Table("Records left out", ("data set", "reason", "by", "records"), tuple(found), n_names=3)


def _samples(summary: Summary) -> Table:
    table = where(summary.results.samples, labels=TRUE)
    found = []
    for (dataset, task), part in groups(table, ["dataset", "task"]):
        cells = {row.size: _sample_cell(row) for row in rows(part)}
        numbers = (cells.get(size, "–") for size in summary.grid.sizes)
        found.append(texts(summary.shown(dataset), _task_cell(summary, dataset, task), *numbers))
    columns = ("data set", "task", *summary.grid.sizes)
    caption = f"Records (positive ones), in {summary.study['folds']} folds that share no patient."
    return Table("Samples of the probes", columns, tuple(found), caption, n_names=2)


def _task_cell(summary: Summary, dataset: str, task: str) -> Cell:
    """The task's name, with a note if some sites give no negatives."""
    said = {str(text) for text in where(summary.results.samples, dataset=dataset, task=task)["negatives"].dropna()} - {
        ""
    }
    return Cell(task, tuple(f"{summary.shown(dataset)}, {task}: {text}" for text in sorted(said)))


def _sample_cell(row: Any) -> Cell:
    if row.reason:
        return Cell("cannot fill", (row.reason,), quiet=True)
    return Cell(f"{number(row.n, 0)} ({number(row.n_positive, 0)})")


def _joint(summary: Summary) -> Table:
    found = [
        texts(
            _task_cell(summary, row.dataset, row.task),
            summary.shown(row.dataset),
            row.drawn,
            *(number(n, 0) for n in (row.n, row.n_positive)),
        )
        for row in rows(summary.results.joint_samples)
    ]
    columns = ("task", "data set", "drawn", "records", "positive")
    caption = "Drawn: the size of the sample, or natural if the data set fills no size."
    return Table("Joint samples", columns, tuple(found), caption, n_names=3)


def _contamination(summary: Summary) -> Table:
    seen = summary.exposure.set_index(["encoder", "dataset"])["seen"]
    found = [
        texts(encoder, *(seen.loc[encoder, dataset] for dataset in summary.grid.datasets))
        for encoder in summary.grid.encoders
    ]
    columns = ("encoder", *map(summary.shown, summary.grid.datasets))
    caption = "Whether pretraining saw the data set, according to the card of the encoder. Unknown is not clean."
    return Table("Pretraining", columns, tuple(found), caption, n_names=1 + len(summary.grid.datasets))


def _windows(summary: Summary) -> Table:
    found = [
        texts(row.encoder, summary.shown(row.dataset), row.fate, number(row.n, 0))
        for row in rows(summary.of(RecordSummary).windows)
    ]
    caption = (
        "Treatment of records that do not fit the input window; an embedding is the mean over the windows of a record."
    )
    return Table("Windows", ("encoder", "data set", "treatment", "records"), tuple(found), caption, n_names=3)
