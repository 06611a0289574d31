"""Readers of native files: one data set, one module."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from ecglens.datasets.base import Dataset, DatasetCard, Index
from ecglens.errors import ConfigError, DatasetError
from ecglens.registry import Registry

__all__ = ["DATASETS", "Dataset", "DatasetCard", "Index", "open_dataset"]

DATASETS = Registry(
    "data set",
    {
        "ptb-xl": "ecglens.datasets.ptbxl:PtbXl",
        "code-15": "ecglens.datasets.code15:Code15",
        "georgia": "ecglens.datasets.georgia:Georgia",
        "chn": "ecglens.datasets.chn:Chn",
    },
)


def open_dataset(reader: str, root: str | Path, **options: Any) -> Dataset:
    """Open a data set by its short name or ``package.module:attribute``.

    Parameters
    ----------
    reader
        A name in `DATASETS`, or an import path of a class that follows `Dataset`.
    root
        Folder with the publisher's files.
    options
        What the reader takes beside the root, such as ``name`` or ``fs``.

    Raises
    ------
    ConfigError
        Unknown reader or option, or the object does not follow `Dataset`.
    DatasetError
        The root is missing, empty, or holds something else.
    """
    factory = DATASETS.load(reader)
    try:
        legal = list(inspect.signature(factory).parameters)[1:]
    except (TypeError, ValueError) as error:
        raise ConfigError(f"data set {reader!r}: {factory!r} makes no data sets") from error
    try:
        dataset = factory(Path(root), **options)
    except TypeError as error:
        raise ConfigError(f"data set {reader!r}: {error}. Options: {', '.join(legal)}.") from error
    if not isinstance(dataset, Dataset):
        raise ConfigError(f"data set {reader!r}: {dataset!r} needs the attributes name, card, root, index and read")
    if not isinstance(dataset.card, DatasetCard):
        raise ConfigError(f"data set {reader!r}: its card has to be an ecglens.datasets.DatasetCard")
    if not Path(root).exists():
        raise DatasetError(f"data set {reader!r}: there is no folder {root}")
    return dataset
