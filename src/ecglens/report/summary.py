"""A run as plain data: everything that tables, figures and the report show is read from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import pandas as pd

from ecglens.encoders.card import EncoderCard
from ecglens.report.frames import where
from ecglens.report.gaps import DONE, Grid, read_gaps, read_grid
from ecglens.report.notes import Note, encoder_card, find_notes, published_name
from ecglens.report.portability import Portability, read_portability
from ecglens.report.problems import find_problems
from ecglens.report.ranking import Ranking, rank_encoders
from ecglens.report.scores import f1_table, score_table
from ecglens.report.separability import separability_table
from ecglens.report.separability_verdicts import Alignment, judge_alignment
from ecglens.report.signatures import Signature, find_signatures
from ecglens.report.verdicts import Headline, Verdict, headlines, judge_scores
from ecglens.study.results import Results
from ecglens.study.samples import TRUE
from ecglens.study.task_entry import read_tasks
from ecglens.study.thresholds import Thresholds

SIMULATED_PREFIX = "simulated-"


@dataclass(frozen=True)
class Summary:
    """A run in numbers and words.

    Parameters
    ----------
    title
        The study's name.
    grid
        What the study asks for.
    tasks
        Task to its title.
    simulated
        Data sets whose records are simulated.
    scores
        Every metric of every probe, see `ecglens.report.scores.score_table`.
    f1
        F1 of every cell, see `ecglens.report.scores.f1_table`.
    ranking
        Average ranks and paired comparisons of encoders.
    portability
        Feature overlap between data sets, its ceiling, and what the cut-off changes.
    separability
        See `ecglens.report.separability`.
    baselines
        Encoders without trained parameters.
    thresholds
        Where signatures begin.
    verdicts
        Every encoder against chance and against the best baseline, on every data set and task.
    alignments
        What the neighbours of every encoder follow, for every task.
    signatures
        Every signature for every encoder and task.
    records
        One row per data set: listed, usable and left out records, and what is known of them.
    defects
        Columns dataset, record_id, reason, detail, encoder (empty: left out for every encoder).
    samples, pools
        Records per task, data set and size; records whose geometry is measured.
    shortcuts
        How well facts such as the site predict the label, see `ecglens.study.shortcuts`.
    contamination
        Columns encoder, dataset, seen: what the encoder's authors had of the data set (seen, selection, not seen,
        unknown), or that its records are simulated.
    windows
        Columns encoder, dataset, fate, n: what became of records that are not as long as an encoder's window.
    projection
        Columns encoder, task, method, record_id, dataset, label, x, y: the UMAP and PCA pictures.
    notes
        Remarks on tasks, data sets and encoders.
    failures
        Columns stage, cell, error.
    problems
        Sentences on what failed or could not be computed at all, see `ecglens.report.problems`.
    study, provenance
        The study, versions, platform and encoders as plain data.
    """

    title: str
    grid: Grid
    tasks: Mapping[str, str]
    simulated: frozenset[str]
    scores: pd.DataFrame
    f1: pd.DataFrame
    ranking: Ranking
    portability: Portability
    separability: pd.DataFrame
    baselines: tuple[str, ...]
    thresholds: Thresholds
    verdicts: tuple[Verdict, ...]
    alignments: tuple[Alignment, ...]
    signatures: tuple[Signature, ...]
    records: pd.DataFrame
    defects: pd.DataFrame
    samples: pd.DataFrame
    pools: pd.DataFrame
    shortcuts: pd.DataFrame
    contamination: pd.DataFrame
    windows: pd.DataFrame
    projection: pd.DataFrame
    notes: tuple[Note, ...]
    failures: pd.DataFrame
    problems: tuple[str, ...]
    study: Mapping[str, Any]
    provenance: Mapping[str, Any]

    def shown(self, dataset: str) -> str:
        """A data set's name as it is shown: what is simulated says so."""
        marked = dataset in self.simulated and "simulated" not in dataset
        return f"{dataset} (simulated)" if marked else dataset

    def heading(self, what: str, task: str) -> str:
        """Title of a table or figure of one task: what is simulated says so."""
        return f"{what}: {self.tasks[task]}" + (f" ({self.origin})" if self.origin else "")

    @property
    def headlines(self) -> list[Headline]:
        """Verdicts on scores in sentences, with the encoders and tasks that could not be tested."""
        return headlines(self.verdicts, self.shown, product(self.ranking.order, self.grid.tasks))

    @property
    def origin(self) -> str:
        """What the records are, for titles: empty where all are real."""
        if not self.simulated:
            return ""
        return "simulated records" if self.simulated == set(self.grid.datasets) else "some records are simulated"


def summarise(results: Results) -> Summary:
    """Turn a run, finished or not, into plain data.

    Parameters
    ----------
    results
        From `ecglens.study.load_results`.

    See Also
    --------
    ecglens.report.render, ecglens.report.print_tables, ecglens.report.write_report
    """
    grid = read_grid(results)
    simulated = frozenset(name for name in grid.datasets if _is_simulated(results, name))
    scores = score_table(results.probe)
    f1 = f1_table(results, scores, grid)
    ranking = rank_encoders(results.comparison, grid)
    portability, separability = read_portability(results, grid), separability_table(results, grid)
    baselines = tuple(name for name in grid.encoders if encoder_card(results, name).get("n_parameters") == 0)
    thresholds = Thresholds.model_validate(results.study.get("thresholds", {}))
    overlap = where(portability.overlap, labels=TRUE)
    return Summary(
        title=results.study["name"],
        grid=grid,
        tasks={name: task.title for name, task in read_tasks(results.study).items()},
        simulated=simulated,
        scores=scores,
        f1=f1,
        ranking=ranking,
        portability=portability,
        separability=separability,
        baselines=baselines,
        thresholds=thresholds,
        verdicts=judge_scores(ranking, baselines, thresholds.difference),
        alignments=judge_alignment(separability, grid, thresholds),
        signatures=find_signatures(ranking.chance, overlap, separability, grid, thresholds),
        records=_record_table(results, grid, simulated),
        defects=results.defects,
        samples=results.samples,
        pools=results.pools,
        shortcuts=results.shortcuts,
        contamination=_contamination(results, grid, simulated),
        windows=_windows(results),
        projection=where(results.projection, status=DONE).drop(columns=["status", "reason"]),
        notes=find_notes(results, grid, simulated),
        failures=results.failures,
        problems=find_problems(results),
        study=results.study,
        provenance=results.provenance,
    )


def _is_simulated(results: Results, dataset: str) -> bool:
    known = results.records.get(dataset, {}).get("summary", {})
    return dataset.startswith(SIMULATED_PREFIX) or bool(known.get("simulated"))


def _record_table(results: Results, grid: Grid, simulated: frozenset[str]) -> pd.DataFrame:
    """One row per data set; numbers are NA where the data set could not be read."""
    columns = ["listed", "usable", "expected", "patients", "has_patient_ids", "fs", "seconds", "age", "sex", "defects"]
    rows = []
    for dataset in grid.datasets:
        known = results.records.get(dataset, {}).get("summary", {})
        place = {"dataset": dataset, "simulated": dataset in simulated}
        gap = read_gaps(results.failures).find("index", (dataset,), "", [dataset])
        status, reason = (DONE, "") if known else gap
        rows.append(place | {name: known.get(name) for name in columns} | {"status": status, "reason": reason})
    return pd.DataFrame(rows, columns=["dataset", "simulated", *columns, "status", "reason"])


def _contamination(results: Results, grid: Grid, simulated: frozenset[str]) -> pd.DataFrame:
    rows = []
    for encoder, dataset in product(grid.encoders, grid.datasets):
        card = EncoderCard.from_facts({"name": encoder, "dim": 0, **encoder_card(results, encoder)})
        seen = "simulated" if dataset in simulated else card.exposure(published_name(results, dataset))
        rows.append((encoder, dataset, seen))
    return pd.DataFrame(rows, columns=["encoder", "dataset", "seen"])


def _windows(results: Results) -> pd.DataFrame:
    found = [
        (encoder, dataset, fate, n)
        for encoder, facts in results.provenance.get("encoders", {}).items()
        for dataset, embedded in facts.get("embeddings", {}).items()
        for fate, n in embedded.get("windows", {}).items()
    ]
    return pd.DataFrame(found, columns=["encoder", "dataset", "fate", "n"])
