"""Readers of native files: one data set, one module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecglens.datasets.base import Dataset, DatasetCard, Index
from ecglens.errors import ConfigError
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
        Unknown reader or option.
    DatasetError
        The root is missing, empty, or holds something else.
    """
    factory = DATASETS.load(reader)
    try:
        dataset: Dataset = factory(Path(root), **options)
    except TypeError as error:
        raise ConfigError(f"data set {reader!r}: {error}") from error
    return dataset
