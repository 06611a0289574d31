"""Steps of a run before its lenses: index, sample, embed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
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
from ecglens.study.embed import EmbedTask, embed_jobs, find_embedded, unite_shards, write_wanted
from ecglens.study.executors.base import Job
from ecglens.study.fields import EncoderEntry
from ecglens.study.run_state import RunState
from ecglens.study.samples import draw_samples


def _index(state: RunState) -> None:
    """Read every record once; a data set whose files have not changed is not read again."""
    outputs, jobs = {}, []
    for entry, dataset in zip(state.study.datasets, state.records.datasets, strict=True):
        identity = {
            "entry": entry.model_dump(mode="json", exclude={"root"}),
            "files": digest(signature(dataset.root)),
            "code": code_digest(type(dataset), inspect_records),
            **state.versions,
        }
        output = outputs[dataset.name] = state.out / "records" / f"{dataset.name}__{digest(identity, 8)}.parquet"
        if not _is_final(output) and not state.only_cached:
            remove(output)
            jobs.append(Job("index", dataset.name, stages.index, stages.IndexTask(entry, output)))
    state.execute("index", jobs)
    for name, path in outputs.items():
        if path.exists():
            facts = read_json(path.with_suffix(".json"))
            state.records.tables[name], state.records.files[name] = read_table(path), path
            state.records.summaries[name] = {"card": facts["card"], "summary": facts["summary"]}
            state.defects += [{"dataset": name, **defect, "encoder": ""} for defect in facts["defects"]]
            state.note_unread("index", name, [defect for defect in facts["defects"] if Defect(**defect).passing])
    state.records.datasets = [dataset for dataset in state.records.datasets if dataset.name in state.tables]
    if not state.records.datasets:
        failed = [failure["error"].strip().splitlines()[-1] for failure in state.failures]
        why = f"the first failed with {failed[0]}" if failed else "none is stored: run without --only-cached"
        raise DatasetError(f"no data set could be read; {why}")


def _is_final(table: Path) -> bool:
    """Whether a record table and the facts beside it are whole, and every record could be read when it was made."""
    try:
        defects = read_json(table.with_suffix(".json"))["defects"]
    except StoreError:
        return False
    return is_whole(table) and not any(Defect(**defect).passing for defect in defects)


def _sample(state: RunState) -> None:
    """Draw every sample, and further records that lenses ask for, and write them down."""
    state.samples = draw_samples(state.study, state.tables, state.cards)
    for sample in state.samples:
        state.sample_file(sample.slug, sample.records)
    for lens in state.lenses:
        state.joint_samples[lens.name] = dict(lens.records(state))
        state.joint_files(lens.name)


def _embed(state: RunState) -> None:
    """Embed, per network and data set, the records of all samples; all poolings in one pass."""
    frames = [sample.records.assign(dataset=sample.dataset) for sample in state.samples]
    frames += [sample for samples in state.joint_samples.values() for sample in samples.values()]
    wanted = pd.concat(frames, ignore_index=True).groupby("dataset")["record_id"].agg(set).to_dict()
    ids = {name: table.index[table.index.isin(wanted.get(name, ()))] for name, table in state.tables.items()}
    state.stores.unwanted = {name for name, own in ids.items() if own.empty}
    jobs: list[Job] = []
    for encoders in _by_network(state.study.encoders):
        for entry in (entry for entry in state.study.datasets if len(ids.get(entry.name, ()))):
            chosen = ids[entry.name].tolist()
            file = write_wanted(state.out / "samples", entry.name, chosen)
            jobs += embed_jobs(encoders, entry, state.records.files[entry.name], file, len(chosen), state.out)
    values = state.execute(
        "embed",
        jobs,
        total=sum(job.argument.stop - job.argument.start for job in jobs),
        measure=lambda: sum(job.argument.done for job in jobs),
    )
    if state.only_cached:
        values = find_embedded(jobs)
    shards: dict[str, list[tuple[EmbedTask, Any]]] = defaultdict(list)
    for job, found in values:
        shards[job.slug].append((job.argument, found))
    complete = Counter(job.slug for job in jobs)
    for slug, parts in shards.items():
        task, found = parts[0]
        for encoder in found if len(parts) == complete[slug] else ():
            made = unite_shards([part[encoder] for _, part in parts])
            state.add_embeddings(encoder, task.dataset.name, made)
            if not all(Defect(**defect).passing for defect in made["unread"].values()):
                remove(task.records)  # outdated: the next run indexes the data set again
    for job in jobs:
        remove(job.argument.ticket)


def _by_network(encoders: Sequence[EncoderEntry]) -> list[tuple[EncoderEntry, ...]]:
    """Entries that differ in nothing but name and pooling, together."""
    networks: dict[str, list[EncoderEntry]] = {}
    for entry in encoders:
        networks.setdefault(digest({"encoder": entry.encoder or entry.name, **entry.options}), []).append(entry)
    return [tuple(entries) for entries in networks.values()]


STEPS: Mapping[str, Callable[[RunState], None]] = {"index": _index, "sample": _sample, "embed": _embed}
"""Steps of a run before its lenses."""
