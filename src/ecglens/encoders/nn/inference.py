"""Faster equivalents of a loaded network: equal tokens up to rounding, under other names of tensors."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, linear
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.nn.utils.parametrize import is_parametrized, remove_parametrizations


def forward(network: nn.Module, parts: Sequence[Tensor]) -> Tensor:
    """Tokens of all parts of a batch, without gradients.

    On a CPU, parts run in parallel, each on its share of the threads. Threads that share one part wait for each other
    after every layer, which is slow if another process uses a core.

    Examples
    --------
    >>> forward(nn.Identity(), torch.split(torch.arange(3), 2))
    tensor([0, 1, 2])
    """

    def run(part: Tensor) -> Tensor:
        with torch.inference_mode():
            found: Tensor = network(part)
        return found

    threads = torch.get_num_threads()
    workers = min(threads, len(parts))
    if workers < 2 or parts[0].device.type != "cpu":
        return torch.cat([run(part) for part in parts])
    try:
        with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(threads // workers,)) as pool:
            return torch.cat(list(pool.map(run, parts)))
    finally:
        # A thread that is made later starts with what any thread has set last.
        torch.set_num_threads(threads)


def bake_weight_norms(network: nn.Module) -> None:
    """Compute normalised weights once instead of in every forward pass, in place.

    Examples
    --------
    >>> from torch.nn.utils.parametrizations import weight_norm
    >>> network = nn.Sequential(weight_norm(nn.Linear(2, 3)))
    >>> bake_weight_norms(network)
    >>> [name for name, _ in network.named_parameters()]
    ['0.bias', '0.weight']
    """
    for module in network.modules():
        if is_parametrized(module, "weight"):
            remove_parametrizations(module, "weight")


def fold_batch_norms(network: nn.Module) -> None:
    """Fold each batch norm into the convolution before it, in place, in evaluation mode.

    The network must apply a batch norm directly after the convolution that precedes it among the parts of a module.

    Examples
    --------
    >>> network = nn.Sequential(nn.Conv1d(2, 3, 1), nn.BatchNorm1d(3)).eval()
    >>> fold_batch_norms(network)
    >>> network[1]
    Identity()
    """
    for module in network.modules():
        parts = list(module.named_children())
        for (name, conv), (norm_name, norm) in pairwise(parts):
            if isinstance(conv, nn.Conv1d) and isinstance(norm, nn.BatchNorm1d):
                setattr(module, name, fuse_conv_bn_eval(conv, norm))
                setattr(module, norm_name, nn.Identity())


def channels_last(network: nn.Module) -> None:
    """Replace one-dimensional convolutions by equivalents with channels last in memory, in place.

    oneDNN uses this layout without reordering samples and weights in every pass. Shapes do not change.

    Examples
    --------
    >>> network = nn.Sequential(nn.Conv1d(12, 3, 5, stride=2), nn.ReLU())
    >>> channels_last(network)
    >>> network(torch.zeros(2, 12, 25)).shape
    torch.Size([2, 3, 11])
    """
    for module in list(network.modules()):
        for name, part in module.named_children():
            if type(part) is nn.Conv1d and part.padding_mode == "zeros" and not isinstance(part.padding, str):
                setattr(module, name, _Pointwise(part) if _is_pointwise(part) else _ChannelsLast(part))


class _ChannelsLast(nn.Module):
    """Convolution in one dimension, computed in two with height 1, because only those support channels last."""

    def __init__(self, conv: nn.Conv1d) -> None:
        super().__init__()
        weight = conv.weight.detach().unsqueeze(2).contiguous(memory_format=torch.channels_last)
        self.weight, self.bias = nn.Parameter(weight), conv.bias
        self.stride, self.padding = (1, *conv.stride), (0, *map(int, conv.padding))
        self.dilation, self.groups = (1, *conv.dilation), conv.groups

    def forward(self, x: Tensor) -> Tensor:
        """``[n, channels, samples]``."""
        y = conv2d(x.unsqueeze(2), self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)
        return y.squeeze(2)


class _Pointwise(nn.Module):
    """Convolution with a kernel of one sample, computed as a product of matrices."""

    def __init__(self, conv: nn.Conv1d) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(conv.weight.detach().squeeze(2)), conv.bias

    def forward(self, x: Tensor) -> Tensor:
        """``[n, channels, samples]``."""
        return linear(x.transpose(1, 2), self.weight, self.bias).transpose(1, 2)


def _is_pointwise(conv: nn.Conv1d) -> bool:
    return (conv.kernel_size, conv.stride, conv.padding, conv.groups) == ((1,), (1,), (0,), 1)
