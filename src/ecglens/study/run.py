"""Run a study: index, embed, probe, attribute, measure, project; resume from whatever is there."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from ecglens.embeddings.provenance import code_digest
from ecglens.embeddings.store import digest
from ecglens.errors import DatasetError, StoreError
from ecglens.study import stages
from ecglens.study.config import EncoderEntry, Study
from ecglens.study.entries import apply_windows, check
from ecglens.study.executors import Job, make_executor
from ecglens.study.ledger import Ledger, Progress, Silent
from ecglens.study.plan import SHUFFLED, TRUE, common_size, draw_samples, geometry_pool
from ecglens.study.results import Results, best_probes, load_results, write_frame, write_json


def run_study(study: Study, out: Path, *, workers: int = 1, progress: Progress | None = None) -> Results:
    """Run a study, or finish one that was interrupted.

    Parameters
    ----------
    study
        From `load_study`, or made in Python.
    out
        The run folder; what it already holds is not computed again.
    workers
        Local processes; the numbers do not depend on it.
    progress
        Is told what goes on.

    Returns
    -------
    Results
        All tables; failed cells stand in `failures` with their traceback.

    Raises
    ------
    ConfigError, DatasetError
        The study cannot run; nothing was written.
    StoreError
        Another process is running in the folder.
    """
    datasets = check(study)
    study = apply_windows(study)
    out = out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    seconds: dict[str, float] = {}
    with _only_run(out), make_executor(workers) as executor:
        ledger = Ledger(study, out, executor, progress or Silent(), datasets)
        for name, step in STEPS.items():
            started = time.perf_counter()
            step(ledger)
            ledger.write_plan()
            seconds[name] = round(time.perf_counter() - started, 2)
        write_json(out / "timing.json", {"seconds": seconds, "workers": workers})
    return load_results(out)


def _index(ledger: Ledger) -> None:
    """Read every record once; a data set whose files have not changed is not read again."""
    outputs, jobs = {}, []
    for entry, dataset in zip(ledger.study.datasets, ledger.datasets, strict=True):
        identity = {
            "entry": entry.model_dump(mode="json"),
            "files": _signature(dataset.root),
            "code": code_digest(type(dataset), ("datasets",)),
            **ledger.versions,
        }
        output = outputs[dataset.name] = ledger.out / "records" / f"{dataset.name}__{digest(identity, 8)}.parquet"
        if not output.exists():
            jobs.append(Job("index", dataset.name, stages.index, stages.IndexTask(entry, output)))
    ledger.execute("index", jobs)
    for name, path in outputs.items():
        if path.exists():
            facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            ledger.tables[name], ledger.table_files[name] = pd.read_parquet(path), path
            ledger.summaries[name] = {"card": facts["card"], "summary": facts["summary"]}
            ledger.defects += [{"dataset": name, **defect, "encoder": ""} for defect in facts["defects"]]
    ledger.datasets = [dataset for dataset in ledger.datasets if dataset.name in ledger.tables]
    if not ledger.datasets:
        raise DatasetError(f"no data set could be read; the first failed with\n{ledger.failures[0]['error']}")


def _sample(ledger: Ledger) -> None:
    """Draw every sample and every pool, and write them down."""
    study, tables, cards = ledger.study, ledger.tables, ledger.cards
    ledger.samples = draw_samples(study, tables, cards)
    ledger.pools = {task: geometry_pool(study, ledger.samples, tables, cards, task) for task in study.tasks}
    for sample in ledger.samples:
        write_frame(ledger.sample_file(sample.slug, sample.records), sample.records)
    for task, pool in ledger.pools.items():
        write_frame(ledger.sample_file(f"pool__{task}", pool), pool)


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
    for job in (job for job in jobs if job.slug in values):
        for encoder, made in values[job.slug].items():
            ledger.add_embeddings(encoder, job.argument.dataset.name, made)
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
    settings = {"probes": list(ledger.study.probes)}
    jobs = []
    for encoder in ledger.study.encoders:
        for sample in ledger.samples:
            if sample.labels == SHUFFLED and encoder.name not in ledger.study.shuffled_encoders:
                continue
            key = {"encoder": encoder.name, "dataset": sample.dataset, "task": sample.task, "size": sample.size}
            file = ledger.sample_file(sample.slug, sample.records)
            jobs.append(ledger.cell_job("probe", key | {"labels": sample.labels}, file, settings, sample.reason))
    ledger.execute("probe", [job for job in jobs if job])


def _attribute(ledger: Ledger) -> None:
    """One cell per encoder, task and data set, at the size at which data sets are compared."""
    sizes = {task: common_size(ledger.study, ledger.samples, task) for task in ledger.study.tasks}
    ledger.write_plan()
    best = best_probes(load_results(ledger.out).probe, sizes)
    samples = {(s.dataset, s.task, s.size): s for s in ledger.samples if s.labels == TRUE and not s.reason}
    jobs = []
    for encoder, task, size, probe in best[["encoder", "task", "size", "probe"]].to_numpy(dtype=str).tolist():
        for dataset in ledger.datasets:
            sample = samples.get((dataset.name, task, size))
            if sample:
                key = {"encoder": encoder, "dataset": dataset.name, "task": task, "size": size, "probe": probe}
                file = ledger.sample_file(sample.slug, sample.records)
                jobs.append(ledger.cell_job("attribution", key, file, {}))
    ledger.execute("attribution", [job for job in jobs if job])


def _measure(ledger: Ledger) -> None:
    """Geometry and projection: one cell each per encoder and task."""
    settings = {
        "geometry": ledger.study.geometry.model_dump(exclude={"max_records"}),
        "projection": ledger.study.projection.model_dump(),
    }
    files = {task: ledger.sample_file(f"pool__{task}", pool) for task, pool in ledger.pools.items()}
    for stage, chosen in settings.items():
        jobs = [
            ledger.cell_job(stage, {"encoder": encoder.name, "task": task}, file, chosen)
            for encoder in ledger.study.encoders
            for task, file in files.items()
        ]
        ledger.execute(stage, [job for job in jobs if job])


STEPS = {
    "index": _index,
    "sample": _sample,
    "embed": _embed,
    "probe": _probe,
    "attribution": _attribute,
    "geometry and projection": _measure,
}


def _signature(root: Path) -> str:
    """Digest of the names, sizes and times of all files under a root: equal means nothing was touched."""
    files = sorted((str(path.relative_to(root)), path.stat()) for path in root.rglob("*") if path.is_file())
    return digest({name: (stat.st_size, stat.st_mtime_ns) for name, stat in files})


@contextmanager
def _only_run(out: Path) -> Iterator[None]:
    """Hold the folder for this process; the lock goes with the process, however it ends."""
    with (out / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(f"{out}: another process is running a study in this folder") from error
        yield
