"""Whatever an embedding depends on is in its identity."""

import sys
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from ecglens.datasets.card import DatasetCard
from ecglens.embeddings.identity import fingerprint, identity
from ecglens.encoders import EncoderCard, Recipe
from ecglens.encoders.baselines.age_sex import AgeSex
from ecglens.errors import EncoderError
from ecglens.records import record_table


class DataSet:
    name, root = "made-up", Path()
    card = DatasetCard("made-up", "", "1", "", "", "", "", "scp-ecg", None, None, False, "")


class One:
    card, recipe = EncoderCard("same", dim=2), Recipe()


class Two(One):
    pass


def identify(encoder: object, **options: object) -> dict:
    records: pd.DataFrame = record_table([{"record_id": "a"}])
    return identity(DataSet(), records, encoder, "mean", options)


def test_two_classes_in_one_module_with_equal_cards_are_two_encoders() -> None:
    assert identify(One()) != identify(Two())


def test_other_weights_under_the_same_name_are_other_weights(tmp_path) -> None:
    weights = tmp_path / "weights.pt"
    weights.write_bytes(b"first")
    first = identify(One(), weights=str(weights))
    assert first == identify(One(), weights=str(weights))
    weights.write_bytes(b"second")
    assert first != identify(One(), weights=str(weights))


ENCODER = """
from ecglens.encoders import EncoderCard, Recipe
from {steps} import {step}

class Mine:
    card, recipe = EncoderCard("mine", dim=2), Recipe(({step}({rate}),))
"""


@pytest.mark.parametrize("edited", ["identity_encoder", "identity_step"])
def test_the_code_of_the_encoder_and_of_its_steps_counts(tmp_path, monkeypatch, edited) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "identity_step.py").write_text("from ecglens.signals import Resample\nclass Mine(Resample): ...\n")
    code = ENCODER.format(steps="identity_step", step="Mine", rate=100).replace("class Mine:", "class Encoder:")
    (tmp_path / "identity_encoder.py").write_text(code)
    for module in ("identity_step", "identity_encoder"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    encoder = import_module("identity_encoder").Encoder()
    before = identify(encoder)
    path = tmp_path / f"{edited}.py"
    path.write_text(path.read_text() + "\n# a comment\n")
    assert identify(encoder) == before
    path.write_text(path.read_text() + "\nextra = 1\n")
    assert identify(encoder) != before


def test_an_encoder_of_ours_and_one_of_a_user_have_code_of_their_own() -> None:
    assert identify(AgeSex())["encoder"]["code"] != identify(One())["encoder"]["code"]


def test_a_class_without_a_file_is_refused() -> None:
    typed: dict = {"__name__": "console", "card": One.card, "recipe": One.recipe}
    exec("class Typed:\n    card, recipe = card, recipe", typed)  # noqa: S102
    with pytest.raises(EncoderError, match="Typed: its code lies in no file"):
        identify(typed["Typed"]())


@pytest.mark.parametrize("column", ["record_id", "age", "sex", "fs"])
def test_every_fact_of_a_record_that_an_encoder_sees_counts(column) -> None:
    row = {"record_id": "a", "age": 50.0, "sex": "female", "fs": 500.0}
    other = row | {column: {"record_id": "b", "age": 51.0, "sex": "male", "fs": 400.0}[column]}
    assert fingerprint(record_table([row])) != fingerprint(record_table([other]))
