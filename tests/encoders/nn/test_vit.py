"""The transformers and recipes of ECG-JEPA, ST-MEM and MERL, beyond what the parity sets see."""

import numpy as np
import pytest
import torch
from scipy import signal
from torch import nn

from ecglens.encoders import load_encoder
from ecglens.encoders.nn.vit import sine_table

NAMES = {
    "merl-vit-tiny": {
        "self_attn.in_proj": "attn.fn.to_qkv",
        "self_attn.out_proj": "attn.fn.to_out.0",
        "norm1": "attn.norm",
        "norm2": "ff.norm",
        "linear1": "ff.fn.net.0",
        "linear2": "ff.fn.net.3",
    },
    "ecg-jepa": {
        "self_attn.in_proj": "attn.qkv",
        "self_attn.out_proj": "attn.proj",
        "norm1": "norm1",
        "norm2": "norm2",
        "linear1": "mlp.fc1",
        "linear2": "mlp.fc2",
    },
}
"""PyTorch's names of the parts of a block, and those of the checkpoints."""


def torch_layer(name: str, block: nn.Module, width: int, heads: int) -> nn.Module:
    """PyTorch's own pre-norm layer with the weights of a block."""
    layer = nn.TransformerEncoderLayer(
        width, heads, 4 * width, dropout=0, activation="gelu", batch_first=True, norm_first=True
    )
    ours = block.state_dict()
    state = {key: torch.zeros_like(values) for key, values in layer.state_dict().items()}
    for theirs, part in NAMES[name].items():
        joint = "_" if theirs.endswith("in_proj") else "."
        state |= {
            f"{theirs}{joint}{kind}": ours[f"{part}.{kind}"] for kind in ("weight", "bias") if f"{part}.{kind}" in ours
        }
    layer.load_state_dict(state)
    return layer.eval()


@pytest.fixture(scope="module")
def ecg_jepa():
    return load_encoder("ecg-jepa@untrained")


def test_a_block_of_merl_is_the_pre_norm_layer_of_pytorch():
    block = load_encoder("merl-vit-tiny@untrained").network.get_submodule("block3")
    x = torch.randn(2, 100, 192, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(block(x), torch_layer("merl-vit-tiny", block, 192, 3)(x), rtol=0, atol=1e-5)


def test_a_block_of_ecg_jepa_is_the_pre_norm_layer_of_pytorch_with_a_mask(ecg_jepa):
    block = ecg_jepa.network.get_submodule("encoder_blocks.blocks.3")
    x = torch.randn(2, 400, 768, generator=torch.Generator().manual_seed(0))
    hidden = torch.tensor([[a // 50 != b // 50 and a % 50 != b % 50 for b in range(400)] for a in range(400)])
    expected = torch_layer("ecg-jepa", block, 768, 16)
    with torch.inference_mode():
        torch.testing.assert_close(block(x, ~hidden), expected(x, src_mask=hidden), rtol=0, atol=1e-5)
        torch.testing.assert_close(ecg_jepa.network.get_buffer("sees"), ~hidden)


def test_sine_table_equals_its_formula():
    expected = [[f(p / 10000 ** (2 * i / 768)) for f in (np.sin, np.cos) for i in range(384)] for p in range(50)]
    found = sine_table(torch.arange(50).double(), 768)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("pooling", ["mean", "max", "last"])
def test_merl_normalises_the_pooled_tokens(pooling):
    encoder = load_encoder("merl-vit-tiny@untrained")
    encoder.network.norm.weight.copy_(torch.linspace(1, 2, 192))
    tokens = np.random.default_rng(0).normal(2, 3, (4, 100, 192)).astype(np.float32)
    pooled = {"mean": tokens.mean(1), "max": tokens.max(1), "last": tokens[:, -1]}[pooling].astype(np.float64)
    spread = np.sqrt(pooled.var(axis=1, keepdims=True) + 1e-5)
    expected = (pooled - pooled.mean(axis=1, keepdims=True)) / spread * np.linspace(1, 2, 192)
    np.testing.assert_allclose(encoder.pool(tokens, pooling), expected, rtol=0, atol=1e-5)


@pytest.fixture(scope="module")
def code15() -> np.ndarray:
    """Records as in CODE-15%: 4096 samples at 400 Hz, ``[2, 12, 4096]``."""
    return np.random.default_rng(0).normal(size=(2, 12, 4096)).cumsum(axis=-1) / 50


def test_ecg_jepa_resamples_to_500_hz_before_it_cuts_10_s(ecg_jepa, code15):
    found, fs = ecg_jepa.recipe.apply(code15, 400)
    cut = signal.resample(code15, 5120, axis=-1)[:, [0, 1, 6, 7, 8, 9, 10, 11], :5000]
    np.testing.assert_allclose(found, signal.resample(cut, 2500, axis=-1), rtol=0, atol=1e-5)
    assert fs == 250


def test_merl_cuts_10_s_before_it_scales(code15):
    found, fs = load_encoder("merl-resnet18@untrained").recipe.apply(code15, 400)
    cut = signal.resample(code15, 5120, axis=-1)[:, [0, 1, 2, 3, 5, 4, 6, 7, 8, 9, 10, 11], :5000]
    low, high = (extreme(axis=(1, 2), keepdims=True) for extreme in (cut.min, cut.max))
    np.testing.assert_allclose(found, (cut - low) / (high - low + 1e-8), rtol=0, atol=1e-5)
    assert fs == 500


def test_st_mem_filters_three_crops_one_by_one(code15):
    found, fs = load_encoder("st-mem-full@untrained").recipe.apply(code15, 400)
    resampled = signal.resample(code15, 2560, axis=-1)
    crops = [record[:, start : start + 2250] for record in resampled for start in (0, 155, 310)]
    for cutoff, kind in ((0.67, "highpass"), (40, "lowpass")):
        crops = [signal.sosfiltfilt(signal.butter(5, cutoff, kind, fs=250, output="sos"), crop) for crop in crops]
    np.testing.assert_allclose(found, [(crop - crop.mean()) / crop.std() for crop in crops], rtol=0, atol=1e-5)
    assert fs == 250
