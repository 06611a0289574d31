"""Words of a metric, and those of all built-in metrics: what several tables read has one meaning."""

from dataclasses import FrozenInstanceError

import pytest

from ecglens.geometry.metrics import METRICS, words_of
from ecglens.metric import Metric
from ecglens.probes.metrics import METRICS as SCORES

NUMBERS = [*SCORES.values(), *words_of(METRICS.builtins).values()]


@pytest.mark.parametrize(("better", "falls"), [("higher", False), ("lower", True), ("neither", False)])
def test_only_a_metric_that_is_better_when_low_falls(better, falls) -> None:
    assert Metric(name="m", title="m", symbol="m", better=better).falls is falls


def test_a_metric_is_given_by_names_and_stays_as_it_is() -> None:
    with pytest.raises(TypeError):
        Metric("m", "m", "m")
    with pytest.raises(FrozenInstanceError):
        Metric(name="m", title="m", symbol="m").low = -1.0


def test_no_two_numbers_share_a_name_or_a_symbol() -> None:
    for words in ([number.name for number in NUMBERS], [number.symbol for number in NUMBERS]):
        assert len(words) == len(set(words)) > 15


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_words_are_one_caption_and_one_reference(number) -> None:
    assert number.low < number.high
    assert number.caption[0].isupper() or number.caption[0].isdigit()
    assert number.caption.endswith(".")
    assert not number.source or any(sign.isdigit() for sign in number.source), "a reference has a year"
