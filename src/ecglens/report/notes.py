"""What a reader of the numbers has to know beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from ecglens.report.frames import where
from ecglens.report.gaps import DONE, Grid, read_gaps, unfilled_cells
from ecglens.report.separability import unmeasured
from ecglens.study.results import Results
from ecglens.study.task_entry import read_tasks

AGE_SEX, UNTRAINED = "age-sex", "@untrained"


@dataclass(frozen=True)
class Note:
    """What a reader of the numbers has to know, and of what."""

    subject: str
    text: str


def find_notes(results: Results, grid: Grid, simulated: frozenset[str]) -> tuple[Note, ...]:
    """Remarks on simulated records, data sets, tasks and encoders, fits that warned, and pictures that are missing."""
    warning = "Simulated records: numbers on them say nothing about patients."
    tasks = list(read_tasks(results.study).values())
    notes = [Note(", ".join(sorted(simulated)), warning)] if simulated else []
    for dataset in (name for name in grid.datasets if name not in simulated):
        card = results.records.get(dataset, {}).get("card", {})
        notes += [Note(dataset, text) for text in card.get("notes", ())]
        for task in tasks:
            if text := task.notes.get(published_name(results, dataset)):
                notes.append(Note(f"{task.name} in {dataset}", text))
    notes += [Note(task.name, f"{task.title}. {task.rule}") for task in tasks]
    for encoder in grid.encoders:
        notes += [Note(encoder, text) for text in encoder_card(results, encoder).get("notes", ())]
    notes += _missing_baselines(results, grid) + _sampled_explanations(results)
    return tuple(notes + _fit_warnings(results) + _missing_pictures(results, grid))


def _missing_baselines(results: Results, grid: Grid) -> list[Note]:
    """What every score has to be read against, where the study leaves it out."""
    cards = {encoder: encoder_card(results, encoder) for encoder in grid.encoders}
    names = {str(card["name"]) for card in cards.values() if card}
    names |= {entry.get("encoder") or entry["name"] for entry in results.study["encoders"]}
    notes = [] if AGE_SEX in names else [Note(AGE_SEX, "Not in this study: what age and sex alone give is not known.")]
    trained = dict.fromkeys(str(card["name"]) for card in cards.values() if card.get("n_parameters"))
    alone = [name for name in trained if f"{name}{UNTRAINED}" not in names]
    text = "No untrained twin in this study: what the architecture gives without its weights is not known."
    return notes + ([Note(", ".join(alone), text)] if alone else [])


def _sampled_explanations(results: Results) -> list[Note]:
    """Probes whose SHAP values are sampled leave no additivity error to report."""
    done = where(results.attribution, status=DONE)
    sampled = set(done.loc[done["additivity_error"].isna(), "probe"])
    text = "No SHAP method of its own: explained by permutation SHAP on {} records of each data set."
    return [
        Note(entry["name"], text.format(entry["explain_rows"]))
        for entry in results.study["probes"]
        if entry.get("estimator") and entry["name"] in sampled
    ]


def _fit_warnings(results: Results) -> list[Note]:
    fits = where(results.probe, metric="n_warnings").assign(warned=lambda fit: fit["value"] > 0)
    counts = fits.groupby("probe")["warned"].agg(["sum", "size"])
    text = "{:,} of {:,} fits ended with a warning, such as of a missed convergence."
    return [Note(str(probe), text.format(warned, n)) for probe, warned, n in counts.itertuples() if warned]


def _missing_pictures(results: Results, grid: Grid) -> list[Note]:
    done = where(results.projection, status=DONE, method="umap")
    drawn = set(zip(done["encoder"], done["task"], strict=True))
    reasons = unmeasured(results) | unfilled_cells(results.projection, ["encoder", "task"])
    notes = []
    for cell in product(grid.encoders, grid.tasks):
        if cell not in drawn:
            _, gap = read_gaps(results.failures).find("geometry", cell, cell[0], grid.datasets)
            notes.append(Note(", ".join(cell), f"No picture: {reasons.get(cell, gap).removesuffix('.')}."))
    return notes


def encoder_card(results: Results, encoder: str) -> Mapping[str, Any]:
    """The card of an encoder; empty where the encoder never ran."""
    card: Mapping[str, Any] = results.provenance["encoders"].get(encoder, {}).get("card", {})
    return card


def published_name(results: Results, dataset: str) -> str:
    """What the publisher's data set is called; a study may call it otherwise."""
    return str(results.records.get(dataset, {}).get("card", {}).get("name", dataset))
