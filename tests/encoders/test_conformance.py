from dataclasses import replace

import numpy as np
import pytest
import torch

from ecglens.encoders import EncoderCard, load_encoder
from ecglens.encoders.conformance import check_encoder
from ecglens.signals import Recipe, Resample, Windows


class Faithful:
    """Means and deviations of 5-second windows, through a torch module."""

    card = EncoderCard(name="faithful", dim=24, fs=100, seconds=5)
    recipe = Recipe((Resample(100), Windows(5)))

    def __init__(self) -> None:
        self.net = torch.nn.Sequential(torch.nn.Linear(24, 24), torch.nn.Dropout()).eval()

    def encode(self, batch):
        return self.run(self.summary(batch.signals))

    def summary(self, x):
        return np.concatenate([x.mean(axis=2), x.std(axis=2)], axis=1)

    @torch.inference_mode()
    def run(self, x):
        return self.net(torch.from_numpy(x))[:, None].numpy()


class FlatShape(Faithful):
    def encode(self, batch):
        return super().encode(batch)[:, 0]


class WrongDim(Faithful):
    card = replace(Faithful.card, dim=12)


class WrongWindow(Faithful):
    card = replace(Faithful.card, seconds=10)


class WrongType(Faithful):
    def encode(self, batch):
        return super().encode(batch).astype(np.float64)


class NotFinite(Faithful):
    def encode(self, batch):
        tokens = super().encode(batch)
        tokens[0, 0, 3] = np.nan
        return tokens


class Constant(Faithful):
    def encode(self, batch):
        return np.ones_like(super().encode(batch))


class Restless(Faithful):
    calls = 0

    def encode(self, batch):
        self.calls += 1
        return super().encode(batch) * np.float32(1 + 1e-6 * self.calls)


class OverTheBatch(Faithful):
    def encode(self, batch):
        return super().encode(replace(batch, signals=batch.signals / batch.signals.std()))


class Careless(Faithful):
    def encode(self, batch):
        batch.signals[:] = batch.signals * 2
        return super().encode(replace(batch, signals=batch.signals / 2))


class Training(Faithful):
    def __init__(self) -> None:
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(24, 24)).train()


class Graph(Faithful):
    def run(self, x):
        return self.net(torch.from_numpy(x))[:, None].detach().numpy()


@pytest.mark.parametrize(
    ("encoder", "fault"),
    [
        (FlatShape, "shape"),
        (WrongDim, "dim"),
        (WrongWindow, "input"),
        (WrongType, "dtype"),
        (NotFinite, "finite"),
        (Constant, "distinct"),
        (Restless, "deterministic"),
        (OverTheBatch, "batch invariant"),
        (Careless, "input untouched"),
        (Training, "eval mode"),
        (Graph, "no gradient"),
    ],
)
def test_each_fault_fails_its_check_and_no_other(encoder, fault) -> None:
    failed = [check for check in check_encoder(encoder()) if check.passed is False]
    assert [check.name for check in failed] == [fault]
    assert failed[0].remedy


def test_a_faithful_encoder_passes() -> None:
    assert [check.name for check in check_encoder(Faithful()) if check.passed is False] == []


@pytest.mark.parametrize("name", ["signal-features", "random-conv", "age-sex"])
def test_the_baselines_pass_and_say_where_they_look(name) -> None:
    checks = {check.name: check for check in check_encoder(load_encoder(name))}
    assert [name for name, check in checks.items() if check.passed is False] == []
    sees_signals = name != "age-sex"
    for change in ("lead order", "time shift"):
        assert checks[change].passed is None
        assert ("moved by 0.00 " in checks[change].detail) != sees_signals
