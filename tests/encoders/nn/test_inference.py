"""Networks made faster give what they gave before."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from ecglens.encoders import ENCODERS, load_encoder
from ecglens.encoders.nn.inference import bake_weight_norms, channels_last, fold_batch_norms, forward


def noise(*shape: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32))


@pytest.mark.parametrize(
    "conv",
    [
        nn.Conv1d(12, 8, 5),
        nn.Conv1d(12, 8, 5, stride=2, padding=3, bias=False),
        nn.Conv1d(12, 8, 4, groups=4, dilation=2),
        nn.Conv1d(12, 8, 1),
        nn.Conv1d(12, 8, 1, stride=2),
        nn.Conv1d(12, 8, 1, padding=2),
        nn.Conv1d(12, 8, 3, padding="same"),
        nn.Conv1d(12, 8, 3, padding=1, padding_mode="circular"),
        nn.Conv1d(1, 8, 10, stride=4),
    ],
    ids=str,
)
@pytest.mark.parametrize("strides", ["as read", "channels last"])
@torch.inference_mode()
def test_convolutions_give_the_same_with_channels_last(conv, strides):
    x = noise(3, conv.in_channels, 50)
    x = x if strides == "as read" else x.transpose(1, 2).contiguous().transpose(1, 2)
    network = nn.Sequential(conv)
    expected = network(x)
    channels_last(network)
    torch.testing.assert_close(network(x), expected, rtol=0, atol=1e-5)


@torch.inference_mode()
def test_batch_norms_and_weight_norms_vanish_and_the_output_does_not_change():
    norm = nn.BatchNorm1d(8)
    norm.running_mean, norm.running_var = noise(8), 1 + noise(8).square()
    norm.weight.copy_(noise(8))
    norm.bias.copy_(noise(8))
    network = nn.Sequential(weight_norm(nn.Conv1d(12, 8, 3)), norm, nn.ReLU(), nn.BatchNorm1d(8)).eval()
    x = noise(3, 12, 50)
    expected = network(x)
    bake_weight_norms(network)
    fold_batch_norms(network)
    assert [type(part) for part in network] == [nn.Conv1d, nn.Identity, nn.ReLU, nn.BatchNorm1d]
    torch.testing.assert_close(network(x), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["merl-resnet18", "ecgfounder-12lead", "hubert-ecg-small"])
def test_nothing_in_the_networks_is_left_as_it_was_where_it_costs_time(name):
    encoder = load_encoder(f"{name}@untrained")
    slow = (nn.Conv1d, nn.BatchNorm1d)
    assert not [part for part in encoder.network.modules() if isinstance(part, slow)]
    assert not any("original" in each for each, _ in encoder.network.named_parameters())
    assert not any(part.training for part in encoder.network.modules())
    with torch.random.fork_rng():
        torch.manual_seed(0)
        plain = ENCODERS.load(name).build(encoder).eval()
    card = encoder.card
    x = noise(2, len(card.leads), round(card.seconds * card.fs))
    with torch.inference_mode():
        expected, found = plain(x), encoder.network(x)
    torch.testing.assert_close(found, expected, rtol=0, atol=2e-5 * float(expected.abs().max()))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_parts_side_by_side_give_what_one_after_the_other_gives(threads):
    network, x = nn.Sequential(nn.Conv1d(12, 8, 5), nn.GELU(), nn.Conv1d(8, 4, 3)).eval(), noise(9, 12, 200)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        found = forward(network, torch.split(x, 2))
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert not found.requires_grad
    torch.testing.assert_close(found, network(x).detach(), rtol=0, atol=1e-6)


def test_an_error_in_a_part_is_raised_and_threads_are_what_they_were():
    before = torch.get_num_threads()
    with pytest.raises(RuntimeError):
        forward(nn.Conv1d(12, 8, 5), torch.split(noise(4, 3, 20), 1))
    assert torch.get_num_threads() == before
