import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ecglens.encoders import ENCODERS, EncoderCard, load_card, load_encoder
from ecglens.encoders.checks.conformance import check_encoder
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


@dataclass
class Counting:
    """A step that is not frozen: it changes with every use."""

    uses: int = 0

    def __call__(self, x, fs):
        self.uses += 1
        return x, fs


class Drifting(Faithful):
    def __init__(self) -> None:
        super().__init__()
        self.recipe = Recipe((*Faithful.recipe.steps, Counting()))


class Alone(Faithful):
    def encode(self, batch):
        if len(batch.signals) <= 2:
            raise ValueError("needs more than one record\nto take the mean")
        return super().encode(batch)


class Compiled(Faithful):
    def __init__(self) -> None:
        super().__init__()
        self.net = torch.jit.trace(self.net, torch.zeros(1, 24))


class CompiledGraph(Compiled):
    run = Graph.run


class CompiledTraining(Training):
    def __init__(self) -> None:
        super().__init__()
        self.net = torch.jit.trace(self.net, torch.zeros(1, 24))


def failed_checks(encoder):
    return [check for check in check_encoder(encoder) if check.passed is False]


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
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
        (Alone, "batch invariant"),
        (Careless, "input untouched"),
        (Training, "eval mode"),
        (CompiledTraining, "eval mode"),
        (Graph, "no gradient"),
        (CompiledGraph, "no gradient"),
        (Drifting, "recipe digest"),
    ],
)
def test_each_fault_fails_its_check_and_no_other(encoder, fault) -> None:
    failed = failed_checks(encoder())
    assert [check.name for check in failed] == [fault]
    assert failed[0].remedy


class Raising(Faithful):
    def encode(self, batch):
        raise MemoryError


class Mismatched(Faithful):
    def summary(self, x):
        return x.mean(axis=2)


class Undescribed(Faithful):
    @property
    def card(self):
        raise KeyError("card.json")


class Unfit(Faithful):
    recipe = Recipe((Windows(60, "drop"),))


@pytest.mark.parametrize(
    ("encoder", "detail"),
    [
        (Raising, "MemoryError: "),
        (Mismatched, "RuntimeError: mat1 and mat2 shapes cannot be multiplied"),
        (Undescribed, "KeyError: 'card.json'"),
        (Unfit, "RecipeError: "),
    ],
)
def test_what_an_encoder_raises_is_a_failed_check_that_says_where(encoder, detail) -> None:
    (check,) = check_encoder(encoder())
    assert (check.name, check.passed) == ("runs", False)
    assert check.detail.startswith(detail)
    assert re.search(r"\.py, line \d+", check.remedy)
    assert encoder is Unfit or Path(__file__).name in check.remedy


def test_what_is_raised_in_a_later_check_leaves_the_others() -> None:
    names = [check.name for check in check_encoder(Alone())]
    assert names == [check.name for check in check_encoder(Faithful())]
    (failed,) = failed_checks(Alone())
    assert failed.detail == "ValueError: to take the mean"


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
@pytest.mark.parametrize("encoder", [Faithful, Compiled])
def test_a_faithful_encoder_passes(encoder) -> None:
    assert failed_checks(encoder()) == []


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's count of the peak")
def test_peak_memory_is_that_of_the_process() -> None:
    class Large(Faithful):
        def encode(self, batch):
            self.ballast = np.ones(2**25)  # 256 MiB
            return super().encode(batch)

    detail = {check.name: check.detail for check in check_encoder(Large())}["peak memory"]
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
    assert float(detail.split(" MiB")[0].replace(",", "")) == pytest.approx(peak, rel=0.02)


def is_large(name) -> bool:
    return (load_card(name).n_parameters or 0) > 50_000_000


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if is_large(name) else ()) for name in ENCODERS.builtins]
)
def test_every_built_in_passes_and_says_where_it_looks(name) -> None:
    published = hasattr(ENCODERS.load(name), "checkpoint")
    encoder = load_encoder(f"{name}@untrained" if published else name)
    checks = {check.name: check for check in check_encoder(encoder, n_records=2 if is_large(name) else 6)}
    assert [name for name, check in checks.items() if check.passed is False] == []
    for change in ("lead order", "time shift"):
        assert checks[change].passed is None
        assert ("moved by 0.00 " in checks[change].detail) == (name == "age-sex")
