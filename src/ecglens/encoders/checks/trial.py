"""A trial run of an encoder on simulated records, for the checks of `ecglens.encoders.checks.conformance`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

from ecglens.encoders.base import Batch, Encoder
from ecglens.records import LEADS, record_table

FS = 500.0


@dataclass(frozen=True)
class Trial:
    """An encoder, simulated records, and the result of the first pass over them.

    `digest` is that of the recipe before its use, `untouched` is False if the encoder changed `batch`, and `n_kept` is
    the number of tensors kept for gradients.
    """

    encoder: Encoder
    signals: NDArray[np.float64]
    records: pd.DataFrame
    digest: str
    batch: Batch
    tokens: NDArray[Any]
    untouched: bool
    n_kept: int

    @classmethod
    def of(cls, encoder: Encoder, rng: np.random.Generator, n_records: int) -> Trial:
        signals = _ecg_like(n_records, max(10.0, encoder.card.seconds or 0.0), rng)
        records = _people(n_records, rng, signals.shape[-1])
        digest = encoder.recipe.digest
        batch = prepare(encoder, signals, records)
        given, kept = batch.signals.copy(), []

        def keep(tensor: torch.Tensor) -> torch.Tensor:
            kept.append(tensor.shape)
            return tensor

        # Hooks on modules would not see compiled ones.
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            tokens = np.asarray(encoder.encode(replace(batch, signals=given)))
        return cls(
            encoder, signals, records, digest, batch, tokens, np.array_equal(given, batch.signals), n_kept=len(kept)
        )

    @property
    def windows(self) -> int:
        return len(self.batch.signals) // len(self.records)

    def distance(self, signals: NDArray[np.float64]) -> float:
        """Median distance by which changed signals move the records, divided by the median distance of two records."""
        moved = encode(self.encoder, prepare(self.encoder, signals, self.records))
        step = np.linalg.norm((moved - self.tokens).reshape(len(self.records), -1), axis=1)
        return float(np.median(step) / max(np.median(self.distances), 1e-12))

    @property
    def distances(self) -> NDArray[np.float64]:
        """Distances between the tokens of every two records."""
        distances: NDArray[np.float64] = pdist(self.tokens.reshape(len(self.records), -1))
        return distances


def prepare(encoder: Encoder, signals: NDArray[np.float64], records: pd.DataFrame) -> Batch:
    """Apply the recipe of an encoder to records."""
    prepared, fs = encoder.recipe.apply(signals, FS)
    return Batch(prepared, fs, records.loc[records.index.repeat(len(prepared) // len(records))])


def encode(encoder: Encoder, batch: Batch) -> NDArray[Any]:
    """Tokens of a copy of a batch."""
    return np.asarray(encoder.encode(replace(batch, signals=batch.signals.copy())))


def _people(n_records: int, rng: np.random.Generator, n_samples: int) -> pd.DataFrame:
    ages = rng.uniform(20, 90, n_records).round()
    rows = enumerate(zip(ages, rng.permutation(np.resize(["F", "M"], n_records)), strict=True))
    return record_table(
        {"record_id": f"simulated-{i}", "age": age, "sex": sex, "fs": FS, "n_samples": n_samples, "codes": []}
        for i, (age, sex) in rows
    )


def _ecg_like(n_records: int, seconds: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Trains of P, Q, R, S and T waves with noise, ``[n_records, 12, samples]`` in mV."""
    delay, width, height = np.array(
        [[-0.16, 0.025, 0.15], [-0.03, 0.01, -0.1], [0.0, 0.012, 1.0], [0.03, 0.012, -0.3], [0.26, 0.05, 0.3]]
    ).T[:, :, None]
    time_axis = np.arange(round(seconds * FS)) / FS
    records = []
    for interval in rng.uniform(0.6, 1.1, n_records):
        beats = np.arange(0.4, seconds, interval) + rng.normal(0, 0.01, len(np.arange(0.4, seconds, interval)))
        since = time_axis - beats[np.abs(time_axis[:, None] - beats).argmin(axis=1)]
        waves = height * np.exp(-0.5 * np.square((since - delay) / width))
        gains = rng.normal(0.6, 0.5, (len(LEADS), len(height)))
        records.append(gains @ waves + rng.normal(0, 0.01, (len(LEADS), len(time_axis))))
    return np.stack(records)
