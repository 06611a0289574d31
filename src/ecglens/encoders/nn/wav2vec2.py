"""wav2vec 2.0, used by ECG-FM and HuBERT-ECG: convolutions, then a transformer with post-norm blocks.

Baevski et al., arXiv 2006.11477. The two encoders differ in sizes and in the names of their tensors; parts are
assembled by name, so that a checkpoint loads without renaming.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from torch.nn.utils.parametrizations import weight_norm

POSITIONS, POSITION_GROUPS = 128, 16


def named(**modules: nn.Module) -> nn.Sequential:
    """Modules in sequence, with given names.

    Examples
    --------
    >>> [name for name, _ in named(norm=nn.LayerNorm(2), linear=nn.Linear(2, 3)).named_parameters()]
    ['norm.weight', 'norm.bias', 'linear.weight', 'linear.bias']
    """
    return nn.Sequential(OrderedDict(modules))


def convolutions(
    n_leads: int, width: int, kernels: Sequence[int], strides: Sequence[int], names: tuple[str, str]
) -> nn.Sequential:
    """Convolutions with GELU, ``[n, n_leads, samples]`` to ``[n, width, tokens]``.

    Only the first is followed by a norm, per channel. `names` are those of the convolution and of the norm.
    """
    conv, norm = names
    widths = (n_leads, *[width] * len(kernels))
    stack = []
    for i, (kernel, stride) in enumerate(zip(kernels, strides, strict=True)):
        modules: dict[str, nn.Module] = {conv: nn.Conv1d(widths[i], width, kernel, stride, bias=False)}
        if i == 0:
            modules[norm] = nn.GroupNorm(width, width)
        stack.append(named(**modules, gelu=nn.GELU()))
    return nn.Sequential(*stack)


class ChannelsLast(nn.Module):
    """``[n, width, tokens]`` to ``[n, tokens, width]``."""

    def forward(self, x: Tensor) -> Tensor:
        """Swap the last two axes."""
        return x.transpose(1, 2)


class Positions(nn.Sequential):
    """Add positional information to tokens ``[n, tokens, width]``: the output of a wide convolution called `name`."""

    def __init__(self, width: int, name: str) -> None:
        conv = nn.Conv1d(width, width, POSITIONS, padding=POSITIONS // 2, groups=POSITION_GROUPS)
        super().__init__(OrderedDict({name: weight_norm(conv, dim=2), "gelu": nn.GELU()}))

    def forward(self, x: Tensor) -> Tensor:
        """An even kernel gives one token too many: the last is dropped."""
        conv, gelu = self
        places: Tensor = gelu(conv(x.transpose(1, 2))[..., :-1])
        return x + places.transpose(1, 2)


class Attention(nn.Module):
    """Multi-head self-attention on ``[n, tokens, width]``."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        """Every token attends to all tokens of its window."""
        q, k, v = (
            project(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for project in (self.q_proj, self.k_proj, self.v_proj)
        )
        attended: Tensor = self.out_proj(scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        return attended
