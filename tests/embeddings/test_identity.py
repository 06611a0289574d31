"""Whatever an embedding depends on is in its identity."""

from importlib import import_module
from pathlib import Path

import pandas as pd

from ecglens.datasets.card import DatasetCard
from ecglens.embeddings.provenance import code_digest, provenance
from ecglens.encoders import EncoderCard, Recipe
from ecglens.records import record_table


class DataSet:
    name, root = "made-up", Path()
    card = DatasetCard("made-up", "", "1", "", "", "", "", "scp-ecg", None, None, False, "")


class One:
    card, recipe = EncoderCard("same", dim=2), Recipe()


class Two(One):
    pass


def identity(encoder: object, **options: object) -> dict:
    records: pd.DataFrame = record_table([{"record_id": "a"}])
    return provenance(DataSet(), records, encoder, "mean", options)


def test_two_classes_in_one_module_with_equal_cards_are_two_encoders() -> None:
    assert identity(One()) != identity(Two())


def test_other_weights_under_the_same_name_are_other_weights(tmp_path) -> None:
    weights = tmp_path / "weights.pt"
    weights.write_bytes(b"first")
    first = identity(One(), weights=str(weights))
    assert first == identity(One(), weights=str(weights))
    weights.write_bytes(b"second")
    assert first != identity(One(), weights=str(weights))


def test_the_code_of_a_reader_counts(tmp_path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    for name, gain in (("reader_a", 1), ("reader_b", 1), ("reader_c", 2)):
        (tmp_path / f"{name}.py").write_text(f"class Reader:\n    gain = {gain}\n")
    same, equal, other = (
        code_digest(import_module(name).Reader, ("datasets",)) for name in ("reader_a", "reader_b", "reader_c")
    )
    assert same == equal != other
