import numpy as np
import pandas as pd
import pytest
import torch
from scipy.signal import correlate

from ecglens.encoders import Batch
from ecglens.encoders.baselines.random_conv import RandomConv
from ecglens.errors import ConfigError


def draw(n=4, samples=1000):
    return np.random.default_rng(0).normal(size=(n, 12, samples)).astype(np.float32)


def embed(encoder, x):
    return encoder.encode(Batch(x, 100, pd.DataFrame()))[:, 0]


def test_features_equal_plain_correlations() -> None:
    encoder, x = RandomConv(dim=24, seed=5), draw(1)
    expected = []
    for dilation, weights, bias in encoder._banks:
        responses = []
        for kernel, offset in zip(weights.numpy(), bias.numpy(), strict=True):
            spread = np.zeros((12, 8 * dilation + 1))
            spread[:, ::dilation] = kernel
            responses.append(sum(correlate(x[0, lead], spread[lead], mode="same") for lead in range(12)) + offset)
        expected.append(np.mean(np.array(responses) > 0, axis=1))
    np.testing.assert_allclose(embed(encoder, x)[0], np.concatenate(expected), atol=1.1e-3)


def test_a_record_depends_neither_on_its_batch_nor_on_the_number_of_threads() -> None:
    encoder, x = RandomConv(), draw(6)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        together = embed(encoder, x)
        np.testing.assert_array_equal(together[2:3], embed(encoder, x[2:3]))
        torch.set_num_threads(2)
        np.testing.assert_array_equal(together, embed(encoder, x))
    finally:
        torch.set_num_threads(before)


def test_the_seed_decides() -> None:
    x = draw(1)
    np.testing.assert_array_equal(embed(RandomConv(seed=1), x), embed(RandomConv(seed=1), x))
    assert not np.allclose(embed(RandomConv(seed=1), x), embed(RandomConv(seed=2), x))


def test_the_recipe_takes_away_unit_and_offset() -> None:
    encoder, x = RandomConv(dim=64), draw(2, 5000)
    plain, other = (embed(encoder, encoder.recipe.apply(signals, 500)[0]) for signals in (x, 1000 * x + 5000))
    np.testing.assert_allclose(plain, other, atol=2e-3)


@pytest.mark.parametrize("samples", [250, 1000, 6000])
@pytest.mark.parametrize("dim", [6, 50, 512])
def test_any_length_and_width(samples, dim) -> None:
    found = embed(RandomConv(dim=dim), draw(2, samples))
    assert found.shape == (2, dim)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("dim", [0, 5])
def test_a_width_that_cannot_be_is_refused(dim) -> None:
    with pytest.raises(ConfigError, match=f"dim is {dim}"):
        RandomConv(dim=dim)
