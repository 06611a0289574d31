"""A chunk of records: what is left out has its reason, and the others are embedded as without it."""

import numpy as np
import pytest
from tests.made_up.embeddings import MadeUp, Spread

from ecglens.embeddings import extract
from ecglens.encoders import EncoderCard
from ecglens.errors import EncoderError, RecipeError


def test_what_cannot_be_embedded_is_listed_with_its_reason(tmp_path) -> None:
    dataset = MadeUp(10)
    found = extract(dataset, dataset.index().records, Spread(), tmp_path)
    assert {(defect.record_id, defect.reason) for defect in found.defects} == {("r1", "recipe"), ("r2", "truncated")}
    assert sorted(found.record_ids) == sorted(set(dataset.signals) - {"r1", "r2"})


def test_values_that_are_not_finite_leave_out_the_record_alone(tmp_path) -> None:
    class Odd(Spread):
        def encode(self, batch):
            tokens = super().encode(batch)
            tokens[batch.records.index.get_indexer(["r5"])[0]] = np.nan
            return tokens

    dataset = MadeUp(9)
    found = extract(dataset, dataset.index().records.iloc[[5]], Odd(), tmp_path)
    assert [(defect.record_id, defect.reason) for defect in found.defects] == [("r5", "embedding")]


def test_an_encoder_that_breaks_its_promise_is_stopped(tmp_path) -> None:
    class Wide(Spread):
        card = EncoderCard("wide", dim=13)

    dataset = MadeUp(3)
    with pytest.raises(EncoderError, match=r"its card promises .*13"):
        extract(dataset, dataset.index().records, Wide(), tmp_path)


def test_windows_refuse_what_is_too_short() -> None:
    with pytest.raises(RecipeError):
        Spread.recipe.apply(np.zeros((1, 12, 20)), 100)


def test_records_that_an_encoder_refuses_are_left_out_with_its_reason(tmp_path) -> None:
    class Strict(Spread):
        def refuse(self, signals, fs):
            return {row: f"starts high at {fs:g} Hz" for row in range(len(signals)) if signals[row, 0, 0] > 0}

    dataset = MadeUp(30)
    found = extract(dataset, dataset.index().records, Strict(), tmp_path, chunk=8)
    high = {name for name, signal in dataset.signals.items() if signal[0, 0] > 0} - {"r1", "r2"}
    reasons = {defect.record_id: defect.detail for defect in found.defects if defect.reason == "encoder-rule"}
    assert reasons == dict.fromkeys(high, "encoder 'spread': starts high at 100 Hz")
    assert set(found.record_ids) == set(dataset.signals) - high - {"r1", "r2"}
    others = extract(dataset, dataset.index().records, Spread(), tmp_path, chunk=8)
    np.testing.assert_allclose(found.matrix, others.take(list(found.record_ids))[0], rtol=1e-6)
