"""A function that embeds a data set."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ecglens.datasets.base import Dataset
from ecglens.datasets.validate.gate import checked_index
from ecglens.embeddings.extract import extract
from ecglens.embeddings.shards import Embeddings
from ecglens.encoders.base import Encoder


def embed(
    dataset: Dataset,
    encoder: Encoder,
    out: str | Path,
    records: pd.DataFrame | None = None,
    *,
    pooling: str = "mean",
) -> Embeddings:
    """Embed the records of a data set, and reuse stored embeddings.

    Parameters
    ----------
    dataset
        Data set from `ecglens.open_dataset`.
    encoder
        Encoder from `ecglens.load_encoder`.
    out
        Folder of embedding stores; stored rows are not computed again.
    records
        Rows of ``dataset.index().records``; all of them by default.
    pooling
        Method that turns the tokens of a record into one vector: ``mean``, ``max``, ``last`` or ``cls``.

    Returns
    -------
    Embeddings
        One row per record that could be embedded, float32 ``[n, dim]``, and the others with their reasons.

    Raises
    ------
    DatasetError
        The record table breaks the contract of a reader.
    ConfigError
        The encoder does not have the pooling.

    See Also
    --------
    ecglens.extract : with options for the provenance, a chunk size and a progress callback.

    Examples
    --------
    >>> import tempfile
    >>> from ecglens import load_encoder, open_dataset
    >>> from ecglens.datasets.simulated import simulate
    >>> folder = Path(tempfile.mkdtemp())
    >>> simulate(folder / "georgia", "georgia", n_records=4, seed=0)
    >>> embed(open_dataset("georgia", folder / "georgia"), load_encoder("age-sex"), folder / "embeddings").matrix.shape
    (4, 3)
    """
    if records is None:
        records = checked_index(dataset).records
    return extract(dataset, records, encoder, Path(out), pooling=pooling)
