import numpy as np
import pytest

from ecglens.encoders import Batch, Encoder, EncoderCard, Recipe, load_encoder
from ecglens.encoders.base import POOLINGS, check_pooling, checked_tokens, pool
from ecglens.errors import ConfigError, EncoderError

BATCH = Batch(np.zeros((3, 12, 10), dtype=np.float32), 500, records=None)


class Returns:
    card, recipe = EncoderCard("returns", dim=4), Recipe()

    def __init__(self, tokens) -> None:
        self.tokens = tokens

    def encode(self, batch):
        return self.tokens


def test_poolings_equal_loops() -> None:
    tokens = np.random.default_rng(0).normal(size=(3, 5, 4)).astype(np.float32)
    expected = {
        "mean": [sum(record) / 5 for record in tokens],
        "max": [[max(column) for column in record.T] for record in tokens],
        "last": [record[4] for record in tokens],
        "cls": [record[0] for record in tokens],
    }
    assert set(expected) == set(POOLINGS)
    for name, values in expected.items():
        np.testing.assert_allclose(pool(tokens, name), values, rtol=1e-6)


def test_cls_needs_a_class_token() -> None:
    check_pooling(EncoderCard("with", dim=4, has_cls=True), "cls")
    with pytest.raises(ConfigError, match=r"'without' has no pooling 'cls'\. It has: mean, max, last\."):
        check_pooling(EncoderCard("without", dim=4), "cls")
    with pytest.raises(ConfigError, match="median"):
        check_pooling(EncoderCard("with", dim=4, has_cls=True), "median")


@pytest.mark.parametrize("shape", [(3, 4), (2, 5, 4), (3, 5, 6), (3, 5, 4, 1)])
def test_tokens_of_another_shape_are_refused(shape) -> None:
    with pytest.raises(EncoderError, match=r"'returns' returned \(.*its card promises \(3, 'tokens', 4\)"):
        checked_tokens(Returns(np.zeros(shape)), BATCH)


def test_tokens_become_float32() -> None:
    found = checked_tokens(Returns([[[1.5, 2, 3, 4]]] * 3), BATCH)
    assert (found.dtype, found.shape) == (np.float32, (3, 1, 4))


def test_the_contract_is_three_attributes() -> None:
    assert isinstance(Returns(None), Encoder)
    assert isinstance(load_encoder("age-sex"), Encoder)
    assert not isinstance(EncoderCard("mine", dim=4), Encoder)
