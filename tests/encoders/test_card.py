import json
from dataclasses import asdict

import pytest

from ecglens.encoders import ENCODERS, EncoderCard, load_card

CARD = EncoderCard("mine", dim=4, pretraining=frozenset({"ptb-xl"}), selection=frozenset({"georgia", "ptb-xl"}))


@pytest.mark.parametrize(("dataset", "exposure"), [("ptb-xl", "seen"), ("georgia", "selection"), ("chn", "not seen")])
def test_exposure_is_the_worst_that_is_known(dataset, exposure) -> None:
    assert CARD.exposure(dataset) == exposure


def test_unknown_pretraining_is_never_clean() -> None:
    unknown = EncoderCard("theirs", dim=4, selection=frozenset({"georgia"}))
    assert [unknown.exposure(name) for name in ("georgia", "chn")] == ["selection", "unknown"]
    assert EncoderCard("none", dim=4, pretraining=frozenset()).exposure("chn") == "not seen"


@pytest.mark.parametrize("name", [*ENCODERS.builtins, "merl-vit-tiny@untrained"])
def test_a_card_survives_json(name) -> None:
    card = load_card(name)
    facts = json.loads(json.dumps(asdict(card), default=sorted))
    assert EncoderCard.from_facts(facts) == card
