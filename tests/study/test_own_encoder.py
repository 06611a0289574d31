"""Encoders of one's own in a study: what they leave out, fail at, pool and do not see."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd

from ecglens.encoders import EncoderCard, Recipe
from ecglens.signals import Windows
from ecglens.study import run_study


class Broken:
    """An encoder that raises."""

    card, recipe = EncoderCard("broken", dim=4), Recipe()

    def encode(self, batch):
        raise RuntimeError("out of memory")


@dataclass
class Choosy:
    """An encoder that returns nothing finite for the oldest patients."""

    card, recipe = EncoderCard("choosy", dim=3), Recipe()

    def encode(self, batch):
        tokens = (
            np.random.default_rng(0).normal(size=(len(batch.signals), 1, 3))
            + batch.signals.std(axis=(1, 2))[:, None, None]
        )
        return np.where((batch.records["age"] > 75).fillna(False).to_numpy(bool)[:, None, None], np.nan, tokens)


class Nothing:
    """An encoder that returns nothing finite."""

    card, recipe = EncoderCard("nothing", dim=2), Recipe()

    def encode(self, batch):
        return np.full((len(batch.signals), 1, 2), np.nan)


class Spread:
    """An encoder with two tokens and windows, that counts how often it is asked."""

    card = EncoderCard("spread", dim=12)
    calls = 0

    def __init__(self, windows: str = "all") -> None:
        self.recipe = Recipe((Windows(4, take="first" if windows == "first" else "all"),))

    def encode(self, batch):
        type(self).calls += 1
        return np.stack([batch.signals.mean(axis=2), batch.signals.std(axis=2)], axis=1)


def test_a_failing_encoder_is_recorded_and_stops_no_other(data, study_of, tmp_path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    broken = {"name": "broken", "encoder": "test_own_encoder:Broken"}
    results = run_study(study_of(data, encoders=["age-sex", broken], shuffled="none"), tmp_path)
    assert set(results.failures["stage"]) == {"embed"}
    assert results.failures["error"].str.contains("RuntimeError: out of memory").all()
    assert set(results.probe["encoder"]) >= {"age-sex"}
    assert "done" not in set(results.probe.loc[results.probe["encoder"] == "broken", "status"])


def test_records_an_encoder_leaves_out_are_listed_under_its_name(data, study_of, tmp_path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    choosy = {"name": "choosy", "encoder": "test_own_encoder:Choosy"}
    results = run_study(study_of(data, encoders=[choosy], shuffled="none"), tmp_path)
    left_out = results.defects[results.defects["encoder"] == "choosy"]
    assert len(left_out) > 0
    assert set(left_out["reason"]) == {"embedding"}
    assert results.failures.empty
    counted = results.probe.query("metric == 'n_test' and size == 'small' and draw == 0")
    assert counted.groupby(["dataset", "probe"])["value"].sum().max() < 30


def test_several_poolings_are_one_pass_and_give_what_each_gives_alone(data, study_of, tmp_path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    spread = {"name": "spread", "encoder": "test_own_encoder:Spread", "pooling": ["mean", "max"]}
    settings = {"shuffled": "none", "sizes": {"tiny": 20}}
    counted = import_module("test_own_encoder").Spread  # the class that the study imports, which is not this module's
    together = run_study(study_of(data, encoders=[spread], **settings), tmp_path / "together")
    assert set(together.probe["encoder"]) == {"spread-mean", "spread-max"}
    calls = counted.calls
    assert calls > 0
    for pooling in ("mean", "max"):
        alone = spread | {"name": f"spread-{pooling}", "pooling": pooling}
        results = run_study(study_of(data, encoders=[alone], **settings), tmp_path / pooling)
        columns = ["dataset", "probe", "fold", "metric", "value"]
        pd.testing.assert_frame_equal(
            results.probe[columns].reset_index(drop=True),
            together.probe.loc[together.probe["encoder"] == f"spread-{pooling}", columns].reset_index(drop=True),
        )
    assert counted.calls == 3 * calls


def test_what_windows_did_is_in_the_results(data, study_of, tmp_path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    short = {"name": "short", "encoder": "test_own_encoder:Spread", "windows": "first"}
    results = run_study(study_of(data, encoders=[short], shuffled="none", sizes={"tiny": 20}, windows="pad"), tmp_path)
    for facts in results.provenance["encoders"]["short"]["embeddings"].values():
        (words,) = facts["windows"]
        assert words == "1 window, 6 s not seen"


def test_an_encoder_that_takes_no_record_is_said_in_every_cell(data, study_of, tmp_path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    nothing = {"name": "nothing", "encoder": "test_own_encoder:Nothing"}
    results = run_study(study_of(data, encoders=[nothing], shuffled="none"), tmp_path)
    assert results.failures.empty
    tiny = results.probe[results.probe["size"] == "tiny"]
    assert len(tiny) > 0
    assert set(tiny["status"]) == {"cannot-fill"}
    assert tiny["reason"].str.contains("left out 30 of 30 records").all()
    assert results.geometry["reason"].str.contains("left out all").all()
