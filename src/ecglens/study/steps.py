"""The steps of a run, in their order; each reads the ledger and adds to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from ecglens.closure import code_digest
from ecglens.datasets.files import signature
from ecglens.datasets.validate.inspection import inspect_records
from ecglens.embeddings.read import digest
from ecglens.errors import DatasetError, StoreError
from ecglens.files import is_whole, read_json, read_table, remove
from ecglens.records import Defect
from ecglens.study import stages
from ecglens.study.entries import probe_settings
from ecglens.study.fields import EncoderEntry
from ecglens.study.importance import AT_CHANCE
from ecglens.study.jobs import Job
from ecglens.study.ledger import Ledger
from ecglens.study.references import Reference, best_probes, references
from ecglens.study.results import load_results, write_frame
from ecglens.study.samples import SHUFFLED, TRUE, Sample, common_size, draw_samples, geometry_pool, unite_pools
from ecglens.study.shortcuts import find_shortcuts


def _index(ledger: Ledger) -> None:
    """Read every record once; a data set whose files have not changed is not read again."""
    outputs, jobs = {}, []
    for entry, dataset in zip(ledger.study.datasets, ledger.datasets, strict=True):
        identity = {
            "entry": entry.model_dump(mode="json", exclude={"root"}),
            "files": digest(signature(dataset.root)),
            "code": code_digest(type(dataset), inspect_records),
            **ledger.versions,
        }
        output = outputs[dataset.name] = ledger.out / "records" / f"{dataset.name}__{digest(identity, 8)}.parquet"
        if not _is_final(output):
            remove(output)
            jobs.append(Job("index", dataset.name, stages.index, stages.IndexTask(entry, output)))
    ledger.execute("index", jobs)
    for name, path in outputs.items():
        if path.exists():
            facts = read_json(path.with_suffix(".json"))
            ledger.tables[name], ledger.table_files[name] = read_table(path), path
            ledger.summaries[name] = {"card": facts["card"], "summary": facts["summary"]}
            ledger.defects += [{"dataset": name, **defect, "encoder": ""} for defect in facts["defects"]]
            ledger.note_unread("index", name, [defect for defect in facts["defects"] if Defect(**defect).passing])
    ledger.datasets = [dataset for dataset in ledger.datasets if dataset.name in ledger.tables]
    if not ledger.datasets:
        last = ledger.failures[0]["error"].strip().splitlines()[-1]
        raise DatasetError(f"no data set could be read; the first failed with {last}")


def _is_final(table: Path) -> bool:
    """Whether a record table and the facts beside it are whole, and every record could be read when it was made."""
    try:
        defects = read_json(table.with_suffix(".json"))["defects"]
    except StoreError:
        return False
    return is_whole(table) and not any(Defect(**defect).passing for defect in defects)


def _sample(ledger: Ledger) -> None:
    """Draw every sample and every pool, and write them down."""
    study, tables, cards = ledger.study, ledger.tables, ledger.cards
    ledger.samples = draw_samples(study, tables, cards)
    ledger.pools = {task: geometry_pool(study, ledger.samples, tables, cards, task) for task in study.task_names}
    ledger.shortcuts = find_shortcuts(study, ledger.samples, tables, cards)
    for sample in ledger.samples:
        write_frame(ledger.sample_file(sample.slug, sample.records), sample.records)
    for task, pool in ledger.pools.items():
        write_frame(ledger.sample_file(f"pool__{task}", pool), pool)
    everything = unite_pools(ledger.pools)
    write_frame(ledger.sample_file("pool", everything), everything)


def _embed(ledger: Ledger) -> None:
    """Embed, per network and data set, the records that any sample or pool asks for; all poolings in one pass."""
    frames = [sample.records.assign(dataset=sample.dataset) for sample in ledger.samples] + list(ledger.pools.values())
    wanted = pd.concat(frames, ignore_index=True).groupby("dataset")["record_id"].agg(set).to_dict()
    ids = {name: table.index[table.index.isin(wanted.get(name, ()))] for name, table in ledger.tables.items()}
    jobs = []
    for encoders in _by_network(ledger.study.encoders):
        for entry in (entry for entry in ledger.study.datasets if len(ids.get(entry.name, ()))):
            slug = f"{'+'.join(encoder.name for encoder in encoders)}__{entry.name}"
            records, chosen = ledger.table_files[entry.name], tuple(ids[entry.name])
            task = stages.EmbedTask(entry, encoders, records, chosen, ledger.out)
            jobs.append(Job("embed", slug, stages.embed, task))
    tickets = [job.argument.ticket for job in jobs]
    values = ledger.execute(
        "embed",
        jobs,
        total=sum(len(job.argument.ids) for job in jobs),
        measure=lambda: sum(int(ticket.read_text()) for ticket in tickets if ticket.exists()),
    )
    for job, found in values:
        for encoder, made in found.items():
            ledger.add_embeddings(encoder, job.argument.dataset.name, made)
            if not all(Defect(**defect).passing for defect in made["unread"].values()):
                remove(job.argument.records)  # outdated: the next run indexes the data set again
    for ticket in tickets:
        ticket.unlink(missing_ok=True)


def _by_network(encoders: Sequence[EncoderEntry]) -> list[tuple[EncoderEntry, ...]]:
    """Entries that differ in nothing but name and pooling, together."""
    networks: dict[str, list[EncoderEntry]] = {}
    for entry in encoders:
        networks.setdefault(digest({"encoder": entry.encoder or entry.name, **entry.options}), []).append(entry)
    return [tuple(entries) for entries in networks.values()]


def _probe(ledger: Ledger) -> None:
    """One cell per encoder and sample."""
    study = ledger.study
    settings = {"probes": [probe_settings(entry) for entry in study.probes], "engine": study.engine}
    jobs = []
    for encoder in study.encoders:
        for sample in ledger.samples:
            if sample.labels == SHUFFLED and encoder.name not in study.shuffled_encoders:
                continue
            key = {"encoder": encoder.name, "dataset": sample.dataset, "task": sample.task, "size": sample.size}
            file = ledger.sample_file(sample.slug, sample.records)
            jobs.append(ledger.cell_job("probe", key | {"labels": sample.labels}, file, settings, sample.reason))
    ledger.execute("probe", [job for job in jobs if job])
    sizes = {task: common_size(study, ledger.samples, task) for task in study.task_names}
    ledger.write_plan()
    ledger.references = references(load_results(ledger.out, stages=("probe",)).probe, sizes)


def _compare(ledger: Ledger) -> None:
    """One cell: all encoders against each other, at the size that the data sets have in common."""
    cells: list[dict[str, Any]] = []
    inputs: dict[str, Path] = {}
    for row in best_probes(ledger.references):
        datasets = []
        for dataset, labels in product(sorted(ledger.tables), (TRUE, SHUFFLED)):
            key = (row.encoder, dataset, row.task, row.size, labels)
            scores, predictions = (ledger.made_file("probe", key, raw) for raw in ("", "prediction"))
            if scores and predictions:
                place = f"{row.encoder} {dataset} {row.task} {labels}"
                inputs |= {f"probe {place}": scores, f"prediction {place}": predictions}
                datasets += [dataset] if labels == TRUE else []
        cells.append({"encoder": row.encoder, "task": row.task, "size": row.size, "datasets": datasets})
    settings = {"cells": cells, "rope": ledger.study.thresholds.rope}
    job = ledger.cell_job("comparison", {}, None, settings, inputs=inputs)
    ledger.execute("comparison", [job] if job else [])


def _attribute(ledger: Ledger) -> None:
    """One cell per encoder, task, probe and data set, at the size at which data sets are compared."""
    study = ledger.study
    entries = {entry.name: probe_settings(entry) for entry in study.probes}
    settings = study.attribution.model_dump(include={"seeds", "halves"}) | {"engine": study.engine}
    jobs = []
    for row, labels in _explained(ledger):
        for sample in _filled(ledger, row.task, row.size, labels):
            key = {"encoder": row.encoder, "dataset": sample.dataset, "task": row.task, "size": row.size}
            file = ledger.sample_file(sample.slug, sample.records)
            moved = study.attribution.permutations if labels == TRUE and row.encoder in study.shuffled_encoders else 0
            chosen = settings | {"probe": entries[row.probe], "permutations": moved}
            jobs.append(ledger.cell_job("attribution", key | {"labels": labels, "probe": row.probe}, file, chosen))
    ledger.execute("attribution", [job for job in jobs if job])


def _overlap(ledger: Ledger) -> None:
    """One cell per encoder, task, labels and probe: every pair of data sets."""
    asked = ledger.study.attribution
    cutoffs = {"cutoffs": sorted({*asked.cutoffs, asked.top_k}), "top_k": asked.top_k}
    jobs = []
    for row, labels in _explained(ledger):
        samples = {sample.dataset: sample for sample in _filled(ledger, row.task, row.size, labels)}
        under = [("", labels)] + [(AT_CHANCE, SHUFFLED)] * (labels == TRUE)
        cells = {
            name + suffix: (row.encoder, name, row.task, row.size, of, row.probe)
            for suffix, of in under
            for name in sorted(samples)
        }
        found = {name: ledger.made_file("attribution", cell, "replicate") for name, cell in cells.items()}
        inputs = {name: path for name, path in found.items() if path}
        if row.dataset in inputs:
            file = ledger.sample_file(samples[row.dataset].slug, samples[row.dataset].records)
            key = {"encoder": row.encoder, "task": row.task, "size": row.size, "labels": labels, "probe": row.probe}
            settings = cutoffs | {"reference": row.dataset}
            jobs.append(ledger.cell_job("overlap", key, file, settings, inputs=inputs))
    ledger.execute("overlap", [job for job in jobs if job])


def _explained(ledger: Ledger) -> list[tuple[Reference, str]]:
    """Whose features are looked at, and under which labels."""
    every = ledger.study.attribution.probes == "all"
    asked = ledger.references if every else best_probes(ledger.references)
    shuffled = [row for row in asked if row.encoder in ledger.study.shuffled_encoders]
    return [(row, TRUE) for row in asked] + [(row, SHUFFLED) for row in shuffled]


def _filled(ledger: Ledger, task: str, size: str, labels: str) -> list[Sample]:
    return [s for s in ledger.samples if (s.task, s.size, s.labels, s.reason) == (task, size, labels, "")]


def _measure(ledger: Ledger) -> None:
    """Geometry: one cell per encoder and task, with pictures, and one per encoder over the records of all tasks."""
    study, jobs, device = ledger.study, [], ledger.study.geometry.device
    settings = {"plan": study.geometry.plan, "features": study.geometry.features}
    own = {"plan": {**study.geometry.plan, "sources": False}, "umap": study.projection.model_dump()}
    files = {task: ledger.sample_file(f"pool__{task}", pool) for task, pool in ledger.pools.items()}
    everything = ledger.sample_file("pool", unite_pools(ledger.pools))
    for encoder in (entry.name for entry in study.encoders):
        for task, file in files.items():
            key = {"encoder": encoder, "task": task}
            jobs.append(ledger.cell_job("geometry", key, file, settings | own, writes=["projection"], device=device))
        jobs.append(ledger.cell_job("geometry", {"encoder": encoder}, everything, settings, device=device))
    ledger.execute("geometry", [job for job in jobs if job])


STEPS: Mapping[str, Callable[[Ledger], None]] = {
    "index": _index,
    "sample": _sample,
    "embed": _embed,
    "probe": _probe,
    "comparison": _compare,
    "attribution": _attribute,
    "overlap": _overlap,
    "geometry": _measure,
}
