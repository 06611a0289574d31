"""Notes for readers of a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecglens.report.gaps import Grid
from ecglens.report.section import Note
from ecglens.study.results import Results
from ecglens.study.task_entry import read_tasks

AGE_SEX, UNTRAINED = "age-sex", "@untrained"


def find_notes(results: Results, grid: Grid, simulated: frozenset[str]) -> tuple[Note, ...]:
    """Remarks on simulated records, data sets, tasks and encoders."""
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
    return (*notes, *_missing_baselines(results, grid))


def _missing_baselines(results: Results, grid: Grid) -> list[Note]:
    """Notes on missing baselines."""
    cards = {encoder: encoder_card(results, encoder) for encoder in grid.encoders}
    names = {str(card["name"]) for card in cards.values() if card}
    names |= {entry.get("encoder") or entry["name"] for entry in results.study["encoders"]}
    notes = [] if AGE_SEX in names else [Note(AGE_SEX, "Not in this study: the score of age and sex alone is unknown.")]
    trained = dict.fromkeys(str(card["name"]) for card in cards.values() if card.get("n_parameters"))
    alone = [name for name in trained if f"{name}{UNTRAINED}" not in names]
    text = "No untrained twin in this study: the score of the architecture without pretraining is unknown."
    return notes + ([Note(", ".join(alone), text)] if alone else [])


def encoder_card(results: Results, encoder: str) -> Mapping[str, Any]:
    """Card of an encoder; empty if the encoder never ran."""
    card: Mapping[str, Any] = results.provenance["encoders"].get(encoder, {}).get("card", {})
    return card


def published_name(results: Results, dataset: str) -> str:
    """Published name of a data set, which may differ from its name in the study."""
    return str(results.records.get(dataset, {}).get("card", {}).get("name", dataset))
