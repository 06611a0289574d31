import pytest

from ecglens.datasets import DATASETS, DatasetCard
from ecglens.errors import ConfigError

FACTS = {
    "name": "mine",
    "title": "Mine",
    "version": "1",
    "licence": "",
    "url": "",
    "citation": "",
    "country": "",
    "vocabulary": "scp-ecg",
    "expected_records": None,
    "expected_patients": None,
    "has_patient_ids": True,
    "layout": "records.csv",
}


@pytest.mark.parametrize("marks", [(), ("records.csv",), ("a/*/b?.npy", "[0-9]*")])
def test_patterns_below_the_root_are_marks(marks) -> None:
    assert DatasetCard(**FACTS, marks=marks).marks == marks


@pytest.mark.parametrize("marks", ["records.csv", ["records.csv"], ("/etc",), ("../x",), ("",), (".",), (1,), None])
def test_anything_else_is_refused(marks) -> None:
    with pytest.raises(ConfigError, match=r"data set 'mine': marks .* relative to the root"):
        DatasetCard(**FACTS, marks=marks)


def test_every_built_in_card_has_marks_and_the_name_of_its_reader() -> None:
    cards = {name: DATASETS.load(name).card for name in DATASETS.builtins}
    assert {name: card.name for name, card in cards.items()} == {name: name for name in cards}
    assert all(card.marks for card in cards.values())
