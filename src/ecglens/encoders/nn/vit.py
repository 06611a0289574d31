"""Transformers with pre-norm blocks, used by ECG-JEPA, ST-MEM and MERL."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from ecglens.encoders.nn.wav2vec2 import named


def self_attention(x: Tensor, qkv: nn.Module, out: nn.Module, n_heads: int, mask: Tensor | None = None) -> Tensor:
    """Multi-head attention among tokens.

    Parameters
    ----------
    x
        ``[n, tokens, width]``.
    qkv
        Maps `width` to queries, keys and values side by side, each of them head by head.
    out
        Maps the heads side by side to `width`.
    n_heads
        Number of heads.
    mask
        bool ``[tokens, tokens]``, True if the token of the row attends to that of the column.

    Examples
    --------
    >>> self_attention(torch.ones(2, 5, 8), nn.Linear(8, 24), nn.Linear(8, 8), n_heads=4).shape
    torch.Size([2, 5, 8])
    """
    queries, keys, values = qkv(x).unflatten(-1, (3, n_heads, -1)).permute(2, 0, 3, 1, 4)
    heads = scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    mixed: Tensor = out(heads.transpose(1, 2).flatten(2))
    return mixed


def sine_table(positions: Tensor, width: int) -> Tensor:
    """Sines, then cosines, of positions at wavelengths from 2 pi to 20,000 pi.

    Parameters
    ----------
    positions
        ``[tokens]``; their floating-point type is that of the computation.
    width
        Even number of columns.

    Returns
    -------
    Tensor
        float32 ``[tokens, width]``.

    Examples
    --------
    >>> sine_table(torch.tensor([0.0, 100.0]), 4)
    tensor([[ 0.0000,  0.0000,  1.0000,  1.0000],
            [-0.5064,  0.8415,  0.8623,  0.5403]])
    """
    exponents = torch.arange(width // 2, dtype=positions.dtype) / (width / 2)
    angles = positions[:, None] * (1 / 10_000**exponents)
    return torch.cat((angles.sin(), angles.cos()), dim=1).float()


class Transformer(nn.Module):
    """Twelve blocks and the layer norm that follows the pooling, under the names that ST-MEM and MERL share.

    Parameters
    ----------
    width
        Width of a token.
    n_heads
        Number of heads.
    """

    depth = 12

    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        for i in range(self.depth):
            self.add_module(f"block{i}", _block(width, n_heads))
        self.norm = nn.LayerNorm(width)

    def blocks(self, tokens: Tensor) -> Tensor:
        """Run the blocks on ``[n, tokens, width]``."""
        for i in range(self.depth):
            tokens = self.get_submodule(f"block{i}")(tokens)
        return tokens


def _block(width: int, n_heads: int) -> nn.Module:
    hidden = 4 * width
    feed_forward = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Identity(), nn.Linear(hidden, width))
    return named(
        attn=_Residual(width, _Attention(width, n_heads)),
        ff=_Residual(width, named(net=feed_forward)),
    )


class _Residual(nn.Module):
    def __init__(self, width: int, fn: nn.Module) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.fn = fn

    def forward(self, x: Tensor) -> Tensor:
        changed: Tensor = self.fn(self.norm(x))
        return x + changed


class _Attention(nn.Module):
    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.to_qkv = nn.Linear(width, 3 * width)
        self.to_out = nn.Sequential(nn.Linear(width, width))

    def forward(self, x: Tensor) -> Tensor:
        return self_attention(x, self.to_qkv, self.to_out, self.n_heads)
