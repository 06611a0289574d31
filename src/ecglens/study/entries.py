"""Data sets and encoders of a study by their entries, with checks before any work starts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ecglens.datasets import Dataset, open_dataset
from ecglens.encoders import ENCODERS, Encoder, EncoderCard, load_encoder
from ecglens.encoders.base import check_pooling
from ecglens.errors import ConfigError
from ecglens.lens import Lens
from ecglens.options import check_options, parameters_of
from ecglens.study.config import Study
from ecglens.study.explain import at
from ecglens.study.fields import DatasetEntry, EncoderEntry
from ecglens.study.names import check_names
from ecglens.study.probe_entries import load_probe
from ecglens.study.task_entry import load_task, write_out


def open_entry(entry: DatasetEntry) -> Dataset:
    """Open a data set of the study; raises if its root holds other files."""
    return open_dataset(entry.reader or entry.name, entry.root or "", name=entry.name, **entry.options)


def load_entry(entry: EncoderEntry) -> Encoder:
    """Load an encoder of the study."""
    encoder = load_encoder(entry.encoder or entry.name, **entry.options)
    check_pooling(encoder.card, entry.pooling)
    return encoder


TRIAL_OF_FULL = 300
"""Number of trial records of a custom probe if the study has no size but ``full``."""


def check(study: Study, lenses: Sequence[Lens] = ()) -> list[Dataset]:
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
    for lens in lenses:
        lens.check(study)
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
