"""Draws of a sample: which of its records a fit may train on, under true or shuffled labels."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

TRUE, SHUFFLED = "true", "shuffled"
DRAW = "draw_"
"""Columns ``draw_0``, ``draw_1``, ...: whether the draw may train on the record."""


def draws(records: pd.DataFrame) -> list[NDArray[np.bool_]]:
    """Whether each record may be trained on, ``[n]`` per draw."""
    return [records[name].to_numpy(dtype=bool) for name in records.columns if name.startswith(DRAW)]


def draws_of(records: pd.DataFrame, random: bool) -> list[NDArray[np.bool_]]:
    """The draws that a probe is fitted on: of the largest size, whose draws are all alike, one if it has no seed."""
    found = draws(records)
    return found[:1] if not random and found and found[0].all() else found
