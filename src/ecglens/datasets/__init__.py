"""Readers of published data sets, one module each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecglens.datasets.base import Dataset, Index
from ecglens.datasets.card import DatasetCard
from ecglens.errors import ConfigError, DatasetError, EcgLensError
from ecglens.modules import describe_fault
from ecglens.options import check_options, found
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
        Name in `DATASETS`, or import path of a class that follows `Dataset`.
    root
        Folder with the publisher's files.
    options
        Options of the reader, such as ``name`` or ``fs``.

    Raises
    ------
    ConfigError
        Unknown reader or option, or the object does not follow `Dataset`.
    DatasetError
        The root is missing, empty, or holds another data set.
    """
    factory = DATASETS.load(reader)
    check_options(f"data set {reader!r}", factory, options, positional=1, others=("reader", "root"))
    try:
        dataset = factory(Path(root), **options)
    except EcgLensError:
        raise
    except (Exception, SystemExit) as error:
        raise DatasetError(f"data set {reader!r} in {root} cannot be opened: {describe_fault(error)}") from error
    if not isinstance(dataset, Dataset):
        raise ConfigError(
            f"data set {reader!r} is {found(dataset)}, without the attributes name, card, root, index and read"
        )
    if not isinstance(dataset.card, DatasetCard):
        raise ConfigError(f"data set {reader!r}: its card has to be an ecglens.datasets.DatasetCard")
    if not Path(root).exists():
        raise DatasetError(f"data set {reader!r}: there is no folder {root}")
    return dataset
