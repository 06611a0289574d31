"""Reading and checking a study file; errors name file, line and field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from ecglens.errors import ConfigError
from ecglens.modules import add_folder
from ecglens.study.config import Study
from ecglens.study.explain import at, explain
from ecglens.study.field_types import expand_path
from ecglens.study.fields import DatasetEntry, EncoderEntry
from ecglens.study.yaml_text import read_yaml


def load_study(path: str | Path) -> Study:
    """Read and check a study file.

    Parameters
    ----------
    path
        YAML file. Relative paths start at its folder, which is also searched for modules.

    Raises
    ------
    ConfigError
        The file is invalid; the message names file, line, field and legal values.
    """
    path = Path(path)
    text = read_yaml(path)
    if not isinstance(text.data, dict):
        raise ConfigError(f"{text.source}: a study file is a mapping with name, datasets, encoders; see examples/")
    try:
        study = Study.model_validate(text.data)
    except ValidationError as error:
        raise ConfigError(explain(error, text)) from error
    study = study.with_text(text)
    _find_modules(study, path.parent)
    return _resolve_paths(study, path.parent)


def _resolve_paths(study: Study, base: Path) -> Study:
    """Make every path absolute; a data set without a root lies under its name in the study's `data`."""
    data = (base / study.data).resolve() if study.data else None
    datasets, encoders = [], []
    for number, dataset in enumerate(study.datasets):
        with at(study, "datasets", number):
            datasets.append(dataset.model_copy(update={"root": _root(dataset, data, base)}))
    for number, encoder in enumerate(study.encoders):
        with at(study, "encoders", number, "weights"):
            encoders.append(_with_weights(encoder, base))
    return study.model_copy(update={"data": data, "datasets": tuple(datasets), "encoders": tuple(encoders)})


def _root(entry: DatasetEntry, data: Path | None, base: Path) -> Path:
    if entry.root is None and data is None:
        raise ConfigError(f"{entry.name} has no root. Set its root, or the study's data folder.")
    return (base / entry.root if entry.root else (data or base) / entry.name).resolve()


def _with_weights(entry: EncoderEntry, base: Path) -> EncoderEntry:
    weights = entry.options.get("weights")
    if not isinstance(weights, str):
        return entry
    try:
        return entry.model_copy(update={"weights": str((base / expand_path(weights)).resolve())})
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _find_modules(study: Study, folder: Path) -> None:
    """Add the folder of the study file to the module path, for the modules that the study names."""
    named: Mapping[str, Sequence[str]] = {
        "datasets": [entry.reader or entry.name for entry in study.datasets],
        "encoders": [entry.encoder or entry.name for entry in study.encoders],
        "tasks": [entry.task or "" for entry in study.tasks],
        "probes": [_colon(entry.estimator) if entry.estimator else entry.probe or "" for entry in study.probes],
    }
    for section, names in named.items():
        for number, name in enumerate(names):
            with at(study, section, number):
                add_folder(name.rpartition(":")[0], folder)


def _colon(estimator: str) -> str:
    """``package.module:attribute`` of ``package.module.attribute``."""
    return ":".join(estimator.rpartition(".")[::2])
