"""Baseline without a signal: age and sex from the record table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecglens.encoders.base import Batch
from ecglens.encoders.card import EncoderCard
from ecglens.signals import Recipe


class AgeSex:
    """Three numbers: age in centuries (0 where missing), whether age is missing, sex (M 1, F -1, NA 0).

    Examples
    --------
    >>> from ecglens.records import record_table
    >>> records = record_table([{"record_id": "a", "age": 50, "sex": "F"}, {"record_id": "b", "sex": "M"}])
    >>> AgeSex().encode(Batch(np.zeros((2, 12, 1000), dtype=np.float32), 100, records))[:, 0]
    array([[ 0.5,  0. , -1. ],
           [ 0. ,  1. ,  1. ]], dtype=float32)
    """

    feature_names = ("age", "age_missing", "sex")
    recipe = Recipe()
    card = EncoderCard(
        name="age-sex",
        dim=len(feature_names),
        summary="Age and sex from the record table; does not look at the signal.",
        tokens="one per record",
        n_parameters=0,
        architecture="none",
        objective="none",
        pretraining=frozenset(),
        licence="Apache-2.0",
    )

    def encode(self, batch: Batch) -> NDArray[np.float32]:
        """Look up each record; tokens ``[n, 1, 3]``."""
        age = batch.records["age"].to_numpy(dtype=np.float32, na_value=np.nan)
        missing = np.isnan(age)
        sex = batch.records["sex"].map({"M": 1, "F": -1}).to_numpy(dtype=np.float32, na_value=0)
        return np.stack([np.where(missing, 0, age / 100), missing, sex], axis=1, dtype=np.float32)[:, None]
