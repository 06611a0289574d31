"""From the names in a study file to data sets and encoders; refuses what cannot run before any work starts."""

from __future__ import annotations

import inspect
from contextlib import suppress
from functools import partial
from importlib import import_module
from importlib.metadata import packages_distributions, version
from typing import Any

from ecglens.closure import code_digest
from ecglens.datasets import Dataset, open_dataset
from ecglens.devices import check_device
from ecglens.encoders import ENCODERS, Encoder, EncoderCard, load_encoder
from ecglens.encoders.base import check_pooling
from ecglens.errors import ConfigError, EncoderError
from ecglens.options import check_options, parameters_of
from ecglens.probes import PROBES, Probe, cross_validate, custom_probe
from ecglens.study.config import Study
from ecglens.study.explain import at
from ecglens.study.fields import DatasetEntry, EncoderEntry, ProbeEntry
from ecglens.study.names import check_names
from ecglens.study.task_entry import load_task, write_out


def open_entry(entry: DatasetEntry) -> Dataset:
    """Open a data set as the study names it; raises where the root is not what it should be."""
    return open_dataset(entry.reader or entry.name, entry.root or "", name=entry.name, **entry.options)


def load_entry(entry: EncoderEntry) -> Encoder:
    """Load an encoder as the study names it."""
    encoder = load_encoder(entry.encoder or entry.name, **entry.options)
    check_pooling(encoder.card, entry.pooling)
    return encoder


TRIAL_OF_FULL = 300
"""Records of a custom probe's trial where the study has no size but ``full``, whose records are not counted yet."""


def load_probe(entry: ProbeEntry, n_trial: int = 0) -> Probe:
    """Make a probe as the study names it; raises `ConfigError` where it is none, or where its parameters are wrong.

    A custom probe is tried on `n_trial` records; a worker, whose study was checked, does not try it again.
    """
    if entry.estimator:
        return custom_probe(entry.name, entry.estimator, entry.params, scale=entry.scale, n_trial=n_trial)
    probe = PROBES.load(entry.probe or entry.name)
    if not isinstance(probe, Probe):
        raise ConfigError(f"{entry.probe!r} is not a probe. Known: {', '.join(PROBES.names())}")
    return probe


def probe_settings(entry: ProbeEntry) -> dict[str, Any]:
    """What a probe's numbers depend on, as plain data: the entry, the code, and the package of one from outside.

    Code that lies in no file of Python is known by the version of its package.
    """
    path = entry.estimator or PROBES.target(entry.probe or entry.name)
    module, _, name = path.rpartition("." if entry.estimator else ":")
    found = import_module(module)
    kind = getattr(found, name)
    facts: dict[str, Any] = {"entry": entry.model_dump(), "validation": code_digest(cross_validate, custom_probe)}
    with suppress(EncoderError):
        facts["code"] = code_digest(kind if inspect.isclass(kind) else found)
    top = module.partition(".")[0]
    if top != __package__.partition(".")[0]:
        facts["package"] = {package: version(package) for package in packages_distributions().get(top, [])}
    return facts


def check(study: Study) -> list[Dataset]:
    """Refuse a study that cannot run, before any work starts; returns its opened data sets.

    Raises
    ------
    ConfigError, DatasetError, EncoderError
        An unknown task, probe, reader, encoder or option, a root that holds something else, weights that are not there.
    """
    check_names(study)
    for number, probe in enumerate(study.probes):
        with at(study, "probes", number):
            load_probe(probe, _fewest_to_train_on(study))
    for number, encoder in enumerate(study.encoders):
        with at(study, "encoders", number):
            _check_encoder(_with_windows(encoder, study))
    if study.geometry.device is not None:
        with at(study, "geometry", "device"):
            check_device(study.geometry.device)
    datasets = []
    for number, entry in enumerate(study.datasets):
        with at(study, "datasets", number):
            datasets.append(open_entry(entry))
    vocabularies = dict.fromkeys(dataset.card.vocabulary for dataset in datasets)
    for number, asked in enumerate(study.tasks):
        with at(study, "tasks", number):
            task = load_task(asked)
            if not any(task.positive.get(vocabulary) for vocabulary in vocabularies):
                raise ConfigError(
                    f"task {asked.name!r} has codes for none of the study's data sets, whose vocabularies are: "
                    f"{', '.join(vocabularies)}. It has: {', '.join(task.positive)}."
                )
    return datasets


def _fewest_to_train_on(study: Study) -> int:
    """Records of the smallest size that lie outside one fold."""
    numbers = [number for number in study.sizes.values() if number]
    return max(2, min(numbers) * (study.folds - 1) // study.folds) if numbers else TRIAL_OF_FULL


def settle(study: Study) -> Study:
    """The study as a run keeps it: windows handed to its encoders, and tasks of other packages written out."""
    encoders = tuple(_with_windows(entry, study) for entry in study.encoders)
    return study.model_copy(update={"encoders": encoders, "tasks": tuple(map(write_out, study.tasks))})


def _with_windows(entry: EncoderEntry, study: Study) -> EncoderEntry:
    factory = _factory(entry)
    if study.windows is None or "windows" in entry.options or not callable(factory):
        return entry
    return entry.model_copy(update={"windows": study.windows}) if "windows" in parameters_of(factory) else entry


def _factory(entry: EncoderEntry) -> Any:
    return ENCODERS.load(entry.encoder or entry.name)


def _check_encoder(entry: EncoderEntry) -> None:
    """Check an encoder's name and options; only one without `check_options` is made: others may load gigabytes."""
    factory = _factory(entry)
    made_from, fixed = (factory.func, factory.keywords) if isinstance(factory, partial) else (factory, {})
    own_check = getattr(made_from, "check_options", None)
    if own_check is None:
        load_entry(entry)
        return
    if isinstance(card := getattr(made_from, "card", None), EncoderCard):
        check_pooling(card, entry.pooling)
    check_options(f"encoder {entry.encoder or entry.name!r}", factory, entry.options)
    own_check(**fixed, **entry.options)
