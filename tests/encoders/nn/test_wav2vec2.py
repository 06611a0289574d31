import pytest
import torch
from torch import nn
from torch.nn.functional import conv1d, gelu, group_norm

from ecglens.encoders.nn.wav2vec2 import Attention, ChannelsLast, Positions, convolutions, named


@pytest.fixture
def x() -> torch.Tensor:
    return torch.randn(2, 40, 32, generator=torch.Generator().manual_seed(0))


def test_attention_is_that_of_pytorch(x):
    ours, theirs = Attention(32, 4), nn.MultiheadAttention(32, 4, batch_first=True)
    state = ours.state_dict()
    theirs.load_state_dict(
        {f"in_proj_{kind}": torch.cat([state[f"{each}_proj.{kind}"] for each in "qkv"]) for kind in ("weight", "bias")}
        | {f"out_proj.{kind}": state[f"out_proj.{kind}"] for kind in ("weight", "bias")}
    )
    torch.testing.assert_close(ours(x), theirs(x, x, x, need_weights=False)[0], rtol=0, atol=1e-6)


def test_only_the_first_convolution_is_normalised():
    stack = convolutions(3, 8, [4, 2], [2, 1], names=("conv", "norm"))
    signals = torch.randn(2, 3, 50, generator=torch.Generator().manual_seed(0))
    first, second = (stack.get_submodule(f"{i}.conv").weight for i in range(2))
    y = gelu(group_norm(conv1d(signals, first, stride=2), 8, *stack.get_submodule("0.norm").parameters()))
    torch.testing.assert_close(stack(signals), gelu(conv1d(y, second)), rtol=0, atol=1e-6)
    assert [name for name, _ in stack.named_parameters()] == [
        "0.conv.weight", "0.norm.weight", "0.norm.bias", "1.conv.weight",
    ]  # fmt: skip


def test_positions_are_added_by_a_convolution_without_its_last_output(x):
    positions = Positions(32, name="places")
    conv = positions.get_submodule("places")
    added = gelu(conv1d(x.transpose(1, 2), conv.weight, conv.bias, padding=64, groups=16))
    assert added.shape[-1] == x.shape[1] + 1
    torch.testing.assert_close(positions(x), x + added[..., :-1].transpose(1, 2), rtol=0, atol=1e-6)


def test_named_modules_run_in_their_order(x):
    both = named(swap=ChannelsLast(), linear=nn.Linear(40, 5))
    torch.testing.assert_close(both(x), both.get_submodule("linear")(x.transpose(1, 2)))
