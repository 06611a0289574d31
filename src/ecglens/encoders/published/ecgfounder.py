"""ECGFounder (Li et al., NEJM AI 2025): a convolutional network, trained with 150 diagnostic labels."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn
from torch.nn.functional import max_pool2d, pad, silu

from ecglens.encoders.card import EncoderCard
from ecglens.encoders.published.base import PublishedEncoder
from ecglens.encoders.weights.checkpoint import Checkpoint
from ecglens.encoders.weights.recognise import Mark
from ecglens.records import LEADS
from ecglens.signals import Butterworth, MedianBaseline, NanToZero, Notch, Recipe, Resample, Windows, ZScore

STAGES = (
    (64, 64, 2),
    (64, 160, 2),
    (160, 160, 2),
    (160, 400, 3),
    (400, 400, 3),
    (400, 1024, 4),
    (1024, 1024, 4),
)
"""Channels in, channels out, and blocks of each stage."""
KERNEL = 16
GROUP = 16
"""Channels of a group in the grouped convolutions."""


class Net1D(nn.Module):
    """Residual blocks of grouped convolutions with squeeze and excitation, without batch norms."""

    def __init__(self) -> None:
        super().__init__()
        self.first_conv = _Conv(len(LEADS), STAGES[0][0], KERNEL, stride=2)
        self.stage_list = nn.Sequential(*(_Stage(*stage, first=stage == STAGES[0]) for stage in STAGES))

    def forward(self, x: Tensor) -> Tensor:
        """``[n, 12, 5000]`` to tokens ``[n, 20, 1024]``."""
        x = self.stage_list(silu(self.first_conv(x)))
        return x.transpose(1, 2)


class _Stage(nn.Module):
    """The first block halves the sampling rate."""

    def __init__(self, n_in: int, n_out: int, depth: int, first: bool) -> None:
        super().__init__()
        rest = (_Block(n_out, n_out, stride=1) for _ in range(depth - 1))
        self.block_list = nn.Sequential(_Block(n_in, n_out, stride=2, first=first), *rest)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.block_list(x)
        return y


class _Block(nn.Module):
    """Residual block with squeeze and excitation; the input of the first block is already activated."""

    def __init__(self, n_in: int, n_out: int, stride: int, first: bool = False) -> None:
        super().__init__()
        self.stride = stride
        self.activate = nn.Identity() if first else nn.SiLU()
        self.conv1 = _Conv(n_in, n_out, kernel=1)
        self.conv2 = _Conv(n_out, n_out, KERNEL, stride, groups=n_out // GROUP)
        self.conv3 = _Conv(n_out, n_out, kernel=1)
        self.se_fc1 = nn.Linear(n_out, n_out // 2)
        self.se_fc2 = nn.Linear(n_out // 2, n_out)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv1(self.activate(x))
        y = self.conv3(silu(self.conv2(silu(y))))
        gain: Tensor = self.se_fc2(silu(self.se_fc1(y.mean(dim=-1)))).sigmoid()
        return y * gain.unsqueeze(-1) + self._shortcut(x, y.shape[1])

    def _shortcut(self, x: Tensor, n_out: int) -> Tensor:
        if self.stride > 1:
            padded = _pad_same(x, self.stride, stride=1)
            x = max_pool2d(padded.unsqueeze(2), (1, self.stride)).squeeze(2)
        lacking = n_out - x.shape[1]
        return pad(x.transpose(1, 2), (lacking // 2, lacking - lacking // 2)).transpose(1, 2) if lacking else x


class _Conv(nn.Module):
    def __init__(self, n_in: int, n_out: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.kernel, self.stride = kernel, stride
        self.conv = nn.Conv1d(n_in, n_out, kernel, stride, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(_pad_same(x, self.kernel, self.stride))
        return y


def _pad_same(x: Tensor, kernel: int, stride: int) -> Tensor:
    """Pad with zeros so that ``ceil(samples / stride)`` remain; an odd zero is at the end."""
    length = x.shape[-1]
    lacking = max(0, (-(-length // stride) - 1) * stride + kernel - length)
    if not lacking:
        return x
    # As an image of height 1, for which PyTorch keeps channels that lie next to each other so.
    return pad(x.unsqueeze(2), (lacking // 2, lacking - lacking // 2)).squeeze(2)


_SEGMENTS = (Windows(10, short="pad"), ZScore("record", eps=1e-8))


class EcgFounder(PublishedEncoder):
    """ECGFounder for 12 leads.

    Examples
    --------
    >>> import torch
    >>> from ecglens.encoders import load_encoder
    >>> encoder = load_encoder("ecgfounder-12lead@untrained", recipe="zscore-only")
    >>> encoder.network(torch.zeros(1, 12, 5000)).shape
    torch.Size([1, 20, 1024])
    """

    card = EncoderCard(
        name="ecgfounder-12lead",
        dim=1024,
        summary="Convolutional network (Net1D), trained with 150 diagnostic labels on 10.8 million ECGs.",
        fs=500,
        seconds=10,
        tokens="0.512 s of all leads",
        n_parameters=30_598_896,
        architecture="convolutional",
        objective="supervised",
        pretraining=frozenset({"heedb"}),
        paper="Li et al., NEJM AI 2(7), 2025; arXiv 2410.04133",
        weights="Hugging Face PKUDigitalHealth/ECGFounder, 12_lead_ECGFounder.pth",
        licence="weights: none stated; code: MIT",
        notes=(
            "Recipe 'dataset.py' (the default) and recipe 'zscore-only' are the official repository's dataset.py with "
            "its filters, and its ptbxl_eval.py without any.",
            "Recipe 'manuscript' is the paper's: linear resampling, 0.5 Hz high-pass, second-order 50 Hz low-pass, "
            "50/60 Hz notch. What the paper leaves open is chosen here: high-pass of order 2, both notches with Q 30, "
            "zero phase, one normalisation for all leads as in the code.",
            "The official code is for records of 10 s at 500 Hz. Other rates are resampled by FFT, and as the paper "
            "has it, longer records are cut into windows after filtering, shorter ones filled with zeros.",
            "Of the file, the batch norms (first_bn.*, and bn1.* to bn3.* of every block) and the 150 class outputs "
            "(dense.*) are left out: the embedding does not depend on them.",
            "The benchmark of arXiv 2509.25095 feeds millivolts without any of these steps, in windows of 2.5 s.",
        ),
    )
    checkpoint = Checkpoint(
        file="12_lead_ECGFounder.pth",
        source="huggingface:PKUDigitalHealth/ECGFounder",
        licence="none stated for the weights; the code is MIT",
        sha256="ee199f3781f4ae1f732973267f003da0a759ea12bddb0dd28a77faa60aca7997",
        key="state_dict",
        skip=("first_bn.*", "stage_list.*.bn[123].*", "dense.*"),
        marks=(
            Mark("first_conv.conv.weight", (64, 12, 16)),
            Mark("first_conv.conv.weight", (64, 1, 16), model="ecgfounder-1lead"),
        ),
    )
    recipes: ClassVar = {
        "dataset.py": Recipe(
            (
                NanToZero(),
                Resample(500),
                Notch(50, q=30),
                Butterworth("bandpass", (0.67, 40), order=4, form="ba"),
                MedianBaseline(0.4),
                *_SEGMENTS,
            )
        ),
        "zscore-only": Recipe((NanToZero(), Resample(500), *_SEGMENTS)),
        "manuscript": Recipe(
            (
                NanToZero(),
                Resample(500, "linear"),
                Butterworth("highpass", 0.5, order=2),
                Butterworth("lowpass", 50, order=2),
                Notch(50, q=30),
                Notch(60, q=30),
                *_SEGMENTS,
            )
        ),
    }

    def build(self) -> nn.Module:
        """The network without its batch norms and class outputs."""
        return Net1D()
