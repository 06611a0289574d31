import numpy as np
import pytest
import torch

from ecglens.encoders import load_encoder


@pytest.mark.parametrize("pooling", ["mean", "max", "last"])
def test_merl_normalises_the_pooled_tokens(pooling):
    encoder = load_encoder("merl-vit-tiny@untrained")
    encoder.network.norm.weight.copy_(torch.linspace(1, 2, 192))
    tokens = np.random.default_rng(0).normal(2, 3, (4, 100, 192)).astype(np.float32)
    pooled = {"mean": tokens.mean(1), "max": tokens.max(1), "last": tokens[:, -1]}[pooling].astype(np.float64)
    spread = np.sqrt(pooled.var(axis=1, keepdims=True) + 1e-5)
    expected = (pooled - pooled.mean(axis=1, keepdims=True)) / spread * np.linspace(1, 2, 192)
    np.testing.assert_allclose(encoder.pool(tokens, pooling), expected, rtol=0, atol=1e-5)
