"""Summary of a run as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import Any, TypeVar

import pandas as pd
from pydantic import BaseModel, ValidationError

from ecglens.encoders.card import EncoderCard
from ecglens.errors import StoreError
from ecglens.lens import Lens, load_lenses
from ecglens.report.gaps import Grid, read_grid
from ecglens.report.notes import encoder_card, find_notes, published_name
from ecglens.report.section import Note, Section, merge
from ecglens.report.table import Table
from ecglens.study.results import Results
from ecglens.study.task_entry import read_tasks

SIMULATED_PREFIX = "simulated-"
S = TypeVar("S", bound=BaseModel)
T = TypeVar("T")


@dataclass(frozen=True)
class Summary:
    """Summary of a run.

    Parameters
    ----------
    results
        Results of the run.
    grid
        Grid of the study.
    tasks
        Titles of tasks, by name.
    simulated
        Data sets whose records are simulated.
    lenses
        Lenses in the order of the run.
    found
        Summaries of the lenses, by name.

    See Also
    --------
    ecglens.report.render, ecglens.report.print_tables, ecglens.report.write_report
    """

    results: Results
    grid: Grid
    tasks: Mapping[str, str]
    simulated: frozenset[str]
    lenses: tuple[Lens, ...] = ()
    found: Mapping[str, Any] = field(default_factory=dict)

    def of(self, kind: type[T]) -> T:
        """Summary of a lens, by its class.

        Raises
        ------
        LookupError
            No lens of the study has such a summary.
        """
        for each in self.found.values():
            if isinstance(each, kind):
                return each
        raise LookupError(f"no lens of this study gives {kind.__qualname__}")

    def settings(self, field: str, kind: type[S]) -> S:
        """Settings of a lens in the study.

        Raises
        ------
        StoreError
            The run was written by a version of ecglens with other settings.
        """
        try:
            return kind.model_validate(self.study.get(field, {}))
        except ValidationError as error:
            names = ", ".join(".".join(map(str, (field, *problem["loc"]))) for problem in error.errors())
            raise StoreError(
                f"the run has settings of another version of ecglens ({names}). Run the study again: what is the same "
                "is not computed again."
            ) from error

    @property
    def title(self) -> str:
        """The study's name."""
        return str(self.study["name"])

    @property
    def study(self) -> Mapping[str, Any]:
        """The study as plain data."""
        return self.results.study

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Versions, platform and encoders as plain data."""
        return self.results.provenance

    @property
    def baselines(self) -> tuple[str, ...]:
        """Encoders without trained parameters."""
        return tuple(name for name in self.grid.encoders if encoder_card(self.results, name).get("n_parameters") == 0)

    @cached_property
    def exposure(self) -> pd.DataFrame:
        """Exposure of an encoder to a data set: seen, selection, not seen, unknown or simulated.

        Columns encoder, dataset, seen.
        """
        rows = []
        for encoder, dataset in product(self.grid.encoders, self.grid.datasets):
            card = EncoderCard.from_facts({"name": encoder, "dim": 0, **encoder_card(self.results, encoder)})
            known = card.exposure(published_name(self.results, dataset))
            rows.append((encoder, dataset, "simulated" if dataset in self.simulated else known))
        return pd.DataFrame(rows, columns=["encoder", "dataset", "seen"])

    @cached_property
    def parts(self) -> tuple[Section, ...]:
        """Sections of all lenses, in the order of the run."""
        return tuple(section for lens in self.lenses for section in lens.sections(self))

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Merged sections of the report."""
        return merge(self.parts)

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in the order in which they are read."""
        return tuple(table for section in self.sections for table in section.tables)

    @property
    def notes(self) -> tuple[Note, ...]:
        """Remarks on data sets, tasks and encoders, then those of the lenses."""
        said = find_notes(self.results, self.grid, self.simulated)
        return (*said, *(note for part in self.parts for note in part.notes))

    @property
    def problems(self) -> tuple[str, ...]:
        """Failures, and problems of the lenses."""
        n = len(self.results.failures)
        things = "cell or probe" if n == 1 else "cells or probes"
        failed = f"{n} {things} failed: the report has their tracebacks, and the next run tries them again."
        return (*(text for part in self.parts for text in part.problems), *((failed,) if n else ()))

    def shown(self, dataset: str) -> str:
        """Display name of a data set, marked if it is simulated."""
        marked = dataset in self.simulated and "simulated" not in dataset
        return f"{dataset} (simulated)" if marked else dataset

    def heading(self, what: str, task: str = "") -> str:
        """Title of a table or figure, with the task, marked if records are simulated."""
        of_task = f": {self.tasks[task]}" if task else ""
        return what + of_task + (f" ({self.origin})" if self.origin else "")

    @property
    def origin(self) -> str:
        """Origin of the records for titles; empty if all are real."""
        if not self.simulated:
            return ""
        return "simulated records" if self.simulated == set(self.grid.datasets) else "some records are simulated"


def summarise(results: Results) -> Summary:
    """Summarise a run, finished or not.

    Parameters
    ----------
    results
        Results from `ecglens.study.load_results`.

    Raises
    ------
    ConfigError
        A lens of the run is not installed.
    """
    grid = read_grid(results)
    simulated = frozenset(name for name in grid.datasets if _is_simulated(results, name))
    summary = Summary(results, grid, {name: task.title for name, task in read_tasks(results.study).items()}, simulated)
    for lens in load_lenses(results.lenses):
        found = {**summary.found, lens.name: lens.summarise(summary)}
        summary = replace(summary, lenses=(*summary.lenses, lens), found=found)
    return summary


def _is_simulated(results: Results, dataset: str) -> bool:
    known = results.records.get(dataset, {}).get("summary", {})
    return dataset.startswith(SIMULATED_PREFIX) or bool(known.get("simulated"))
