"""Signals of a chunk of records, checked and compared with their digests in the index."""

from __future__ import annotations

import pandas as pd

from ecglens.datasets.base import Dataset
from ecglens.datasets.validate.gate import checked_read
from ecglens.embeddings.chunks import Chunk, make_batches
from ecglens.encoders.base import Encoder
from ecglens.records import Defect, Signal, signal_digest

CHANGED = "changed"
"""Reason of a record whose signal is no longer the one that was indexed; index the data set again."""


def prepare_chunk(dataset: Dataset, records: pd.DataFrame, encoder: Encoder) -> Chunk:
    """Read a chunk of records and apply the recipe."""
    ids = [str(record) for record in records.index]
    signals, defects, unread = _read(dataset, records)
    batches, refused = make_batches(ids, signals, records, encoder)
    return Chunk(ids, batches, defects | refused, unread)


def _read(dataset: Dataset, records: pd.DataFrame) -> tuple[dict[int, Signal], dict[int, Defect], dict[int, Defect]]:
    """Signals, defects and unread records, by row."""
    signals: dict[int, Signal] = {}
    defects: dict[int, Defect] = {}
    unread: dict[int, Defect] = {}
    digests = records.get("signal_digest", [None] * len(records))
    for row, (found, indexed) in enumerate(zip(checked_read(dataset, records), digests, strict=True)):
        if isinstance(found, Defect):
            kind = defects if pd.isna(indexed) and not found.passing else unread
            kind[row] = found
        elif pd.isna(indexed) or signal_digest(found) == indexed:
            signals[row] = found
        else:
            detail = f"the signal is not the one that {dataset.name} held when it was indexed. Index it again."
            unread[row] = Defect(str(records.index[row]), CHANGED, detail)
    return signals, defects, unread
