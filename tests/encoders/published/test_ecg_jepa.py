import numpy as np
import pytest
import torch
from scipy import signal
from torch import nn

from ecglens.encoders import load_encoder

NAMES = {
    "self_attn.in_proj": "attn.qkv",
    "self_attn.out_proj": "attn.proj",
    "norm1": "norm1",
    "norm2": "norm2",
    "linear1": "mlp.fc1",
    "linear2": "mlp.fc2",
}
"""PyTorch's names of the parts of a block, and those of the checkpoint."""


@pytest.fixture(scope="module")
def ecg_jepa():
    return load_encoder("ecg-jepa@untrained")


def test_a_block_is_the_pre_norm_layer_of_pytorch_with_a_mask(ecg_jepa):
    block = ecg_jepa.network.get_submodule("encoder_blocks.blocks.3")
    x = torch.randn(2, 400, 768, generator=torch.Generator().manual_seed(0))
    hidden = torch.tensor([[a // 50 != b // 50 and a % 50 != b % 50 for b in range(400)] for a in range(400)])
    expected = torch_layer(block, 768, 16)
    with torch.inference_mode():
        torch.testing.assert_close(block(x, ~hidden), expected(x, src_mask=hidden), rtol=0, atol=1e-5)
        torch.testing.assert_close(ecg_jepa.network.get_buffer("sees"), ~hidden)


def torch_layer(block: nn.Module, width: int, heads: int) -> nn.Module:
    """PyTorch's own pre-norm layer with the weights of a block."""
    layer = nn.TransformerEncoderLayer(
        width, heads, 4 * width, dropout=0, activation="gelu", batch_first=True, norm_first=True
    )
    ours = block.state_dict()
    state = {key: torch.zeros_like(values) for key, values in layer.state_dict().items()}
    for theirs, part in NAMES.items():
        joint = "_" if theirs.endswith("in_proj") else "."
        state |= {
            f"{theirs}{joint}{kind}": ours[f"{part}.{kind}"] for kind in ("weight", "bias") if f"{part}.{kind}" in ours
        }
    layer.load_state_dict(state)
    return layer.eval()


def test_ecg_jepa_resamples_to_500_hz_before_it_cuts_10_s(ecg_jepa, code15):
    found, fs = ecg_jepa.recipe.apply(code15, 400)
    cut = signal.resample(code15, 5120, axis=-1)[:, [0, 1, 6, 7, 8, 9, 10, 11], :5000]
    np.testing.assert_allclose(found, signal.resample(cut, 2500, axis=-1), rtol=0, atol=1e-5)
    assert fs == 250


@pytest.mark.parametrize(("zeros", "refused"), [(14, False), (15, True), (5000, True)])
def test_records_that_start_flat_in_all_leads_are_refused(ecg_jepa, zeros, refused):
    records = np.ones((3, 12, 5000), dtype=np.float32)
    records[1, :, :zeros] = 0
    records[2, 1:, :zeros] = 0
    assert set(ecg_jepa.refuse(records, 500)) == ({1} if refused else set())
