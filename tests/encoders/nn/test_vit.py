import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import multi_head_attention_forward

from ecglens.encoders.nn.vit import Transformer, self_attention, sine_table

NAMES = {
    "self_attn.in_proj": "attn.fn.to_qkv",
    "self_attn.out_proj": "attn.fn.to_out.0",
    "norm1": "attn.norm",
    "norm2": "ff.norm",
    "linear1": "ff.fn.net.0",
    "linear2": "ff.fn.net.3",
}
"""PyTorch's names of the parts of a block, and ours."""


def torch_layer(block: nn.Module, width: int, heads: int) -> nn.Module:
    """PyTorch's own pre-norm layer with the weights of a block."""
    layer = nn.TransformerEncoderLayer(
        width, heads, 4 * width, dropout=0, activation="gelu", batch_first=True, norm_first=True
    )
    ours = block.state_dict()
    state = {key: torch.zeros_like(values) for key, values in layer.state_dict().items()}
    for theirs, part in NAMES.items():
        joint = "_" if theirs.endswith("in_proj") else "."
        state |= {f"{theirs}{joint}{kind}": ours[f"{part}.{kind}"] for kind in ("weight", "bias")}
    layer.load_state_dict(state)
    return layer.eval()


@pytest.fixture
def x() -> torch.Tensor:
    return torch.randn(2, 30, 24, generator=torch.Generator().manual_seed(0))


def test_the_blocks_are_pre_norm_layers_of_pytorch(x):
    transformer = Transformer(24, 3).eval()
    expected = x
    with torch.inference_mode():
        for i in range(12):
            expected = torch_layer(transformer.get_submodule(f"block{i}"), 24, 3)(expected)
        torch.testing.assert_close(transformer.blocks(x), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("masked", [False, True])
def test_attention_is_that_of_pytorch(x, masked):
    qkv, out = nn.Linear(24, 72), nn.Linear(24, 24)
    sees = torch.tensor([[abs(a - b) < 4 for b in range(30)] for a in range(30)]) if masked else None
    queries = x.transpose(0, 1)
    expected, _ = multi_head_attention_forward(
        queries, queries, queries, 24, 3, qkv.weight, qkv.bias, None, None, False, 0.0, out.weight, out.bias,
        attn_mask=~sees if masked else None,
    )  # fmt: skip
    found = self_attention(x, qkv, out, 3, sees)
    torch.testing.assert_close(found, expected.transpose(0, 1), rtol=0, atol=1e-5)


def test_sine_table_equals_its_formula():
    expected = [[f(p / 10000 ** (2 * i / 768)) for f in (np.sin, np.cos) for i in range(384)] for p in range(50)]
    found = sine_table(torch.arange(50).double(), 768)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
