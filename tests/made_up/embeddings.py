"""A made-up data set and an encoder whose embeddings are known in closed form."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ecglens.datasets.base import Index
from ecglens.datasets.card import DatasetCard
from ecglens.encoders import Batch, EncoderCard, Recipe
from ecglens.records import Defect, record_table
from ecglens.signals import Windows

CARD = DatasetCard("made-up", "", "1", "", "", "", "", "scp-ecg", None, None, False, "")


class MadeUp:
    """Records of two lengths; one cannot be read, one is too short for any window."""

    name, card, root = "made-up", CARD, Path()

    def __init__(self, n: int) -> None:
        rng = np.random.default_rng(0)
        self.signals = {f"r{i}": rng.normal(size=(12, 200 if i % 3 else 400)).astype(np.float32) for i in range(n)}
        self.signals["r1"] = -np.abs(self.signals["r1"][:, :20])

    def index(self) -> Index:
        return Index(record_table({"record_id": name, "fs": 100.0, "age": 50.0} for name in self.signals), ())

    def read(self, ids):
        return [Defect("r2", "truncated", "cut") if name == "r2" else self.signals[name] for name in ids]


@dataclass
class Spread:
    """The mean and the spread of each lead, a token each."""

    card = EncoderCard("spread", dim=12)
    recipe = Recipe((Windows(2.0, short="drop"),))

    def encode(self, batch: Batch):
        assert len(batch.records) == len(batch.signals)
        return np.stack([batch.signals.mean(axis=2), batch.signals.std(axis=2)], axis=1)
