"""Reasons of missing numbers: cannot be filled, failed, or not computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ecglens.output import clean
from ecglens.report.frames import groups, rows
from ecglens.status import CANNOT_FILL, FAILED, MISSING
from ecglens.study.results import Results
from ecglens.study.task_entry import read_tasks


@dataclass(frozen=True)
class Grid:
    """Names of a study in their order.

    Parameters
    ----------
    datasets, encoders, tasks
        Names.
    sizes
        Names, the smallest first.
    shuffled
        Encoders that are also evaluated on shuffled labels.
    """

    datasets: tuple[str, ...]
    encoders: tuple[str, ...]
    tasks: tuple[str, ...]
    sizes: tuple[str, ...]
    shuffled: tuple[str, ...]


def read_grid(results: Results) -> Grid:
    """The grid of a run's study; its sizes are ordered again, because the run folder keeps mappings by name."""
    study = results.study
    encoders = tuple(entry["name"] for entry in study["encoders"])
    sizes: Mapping[str, int | None] = study["sizes"]
    shuffled = {"all": encoders, "none": ()}.get(study["shuffled"]) if isinstance(study["shuffled"], str) else None
    return Grid(
        tuple(entry["name"] for entry in study["datasets"]),
        encoders,
        tuple(read_tasks(study)),
        tuple(sorted(sizes, key=lambda name: (sizes[name] is None, sizes[name] or 0, name))),
        tuple(study["shuffled"]) if shuffled is None else shuffled,
    )


@dataclass(frozen=True)
class Gaps:
    """Look-up of the reason why a cell has no result."""

    errors: Mapping[tuple[str, str], str]

    def find(self, stage: str, key: Sequence[str], encoder: str, datasets: Sequence[str]) -> tuple[str, str]:
        """Status and reason of a cell without a file.

        Parameters
        ----------
        stage, key
            The cell's stage and the values of its key, in their order.
        encoder, datasets
            Inputs of the cell; it cannot be computed if one of them failed.
        """
        needed = [("index", dataset, f"reading {dataset}") for dataset in datasets]
        needed += [("embed", f"{encoder}__{dataset}", f"embedding {dataset}") for dataset in datasets]
        for where, cell, what in [*needed, (stage, "__".join(key), stage)]:
            if (where, cell) in self.errors:
                return FAILED, f"{what} failed: {self.errors[where, cell]}"
        return MISSING, "not computed yet"


def read_gaps(failures: pd.DataFrame) -> Gaps:
    """Failures of a run by stage and cell, each as the last line of its traceback."""
    return Gaps({(row.stage, row.cell): last_line(row.error) for row in rows(failures)})


def unfilled_cells(stage: pd.DataFrame, key: list[str]) -> dict[tuple[str, ...], str]:
    """Reasons of the cells of a stage that cannot be filled, by key."""
    found = stage[stage["status"] == CANNOT_FILL]
    return {cell: part["reason"].iloc[0] for cell, part in groups(found, key)}


def last_line(traceback: str) -> str:
    """The last line of a traceback, with the error.

    Examples
    --------
    >>> last_line("Traceback ...\\n  File ...\\nValueError: no beats\\n")
    'ValueError: no beats'
    """
    return clean((traceback.strip().splitlines() or [""])[-1])
