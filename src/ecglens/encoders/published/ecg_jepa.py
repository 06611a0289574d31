"""ECG-JEPA (Kim, arXiv 2410.08559)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ecglens.encoders.card import EncoderCard
from ecglens.encoders.nn.vit import self_attention, sine_table
from ecglens.encoders.nn.wav2vec2 import named
from ecglens.encoders.published.base import PublishedEncoder
from ecglens.encoders.weights.checkpoint import Checkpoint
from ecglens.encoders.weights.recognise import Mark
from ecglens.signals import Recipe, Resample, SelectLeads, Windows

WIDTH, DEPTH, HEADS = 768, 12, 16
LEADS, PATCHES, PATCH = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"), 50, 50
FLAT_START = 15


class EcgJepa(PublishedEncoder):
    """ECG-JEPA with multi-block masking; the first 10 s of a record."""

    checkpoint = Checkpoint(
        file="multiblock_epoch100.pth",
        source="google-drive:1gMOT4xjQQg0GZkY1iE6NuDzua4ALw00l",
        licence="MIT",
        sha256="61334869f905a7d6de32bc573c60024eaf6efba7c35c0e45fc2ea7d52b6ff66e",
        n_bytes=341_551_405,
        key="encoder",
        marks=(Mark("pos_embed", (400, 768)),),
    )
    card = EncoderCard(
        name="ecg-jepa",
        dim=WIDTH,
        summary="Vision transformer that predicts the representation of masked patches from the visible ones.",
        leads=LEADS,
        fs=250,
        seconds=10,
        tokens="0.2 s of one lead, 400 per window: lead by lead",
        n_parameters=85_374_720,
        architecture="transformer",
        objective="JEPA",
        pretraining=frozenset({"code-15", "chn"}),
        paper="https://arxiv.org/abs/2410.08559",
        weights=checkpoint.url,
        licence=checkpoint.terms,
        notes=(
            "Sees mV as they are: neither filtered nor normalised.",
            "Other leads than I, II and V1-V6 are not seen; they follow from I and II.",
            "As the authors have it, records shorter than 10 s and those that start with 15 samples of 0 in all leads "
            "are left out, longer ones cut to their first 10 s.",
            "For pretraining they squeezed the 10.24 s of a CODE-15% recording into 2500 samples; here they are cut.",
            "Pretrained on CODE-15% parts 0-17 and on Chapman-Shaoxing with Ningbo. PTB-XL and CPSC2018 were used "
            "downstream only; the docstring of a known wrapper says the reverse.",
            "Not the ECG-JEPA of Weimann and Conrad (arXiv 2410.13867).",
            "The variant with random masking, random_epoch100.pth (https://drive.google.com/open?id="
            "1mh-XL0XOvvhFbhvuZ9c2KnTHa9B4F3Wx), has the same architecture: give its path and set verify to false.",
        ),
    )
    recipes: ClassVar = {
        "official": Recipe((SelectLeads(LEADS), Resample(500), Windows(10, take="first"), Resample(250))),
    }

    def build(self) -> nn.Module:
        """The encoder; its file holds nothing else."""
        return _Network()

    def refuse(self, signals: NDArray[np.float32], fs: float) -> Mapping[int, str]:  # noqa: ARG002 - the rule counts samples
        """Rows of ``[n, 12, samples]`` that the authors leave out."""
        flat = (signals[..., :FLAT_START] == 0).all(axis=(1, 2))
        return dict.fromkeys(np.flatnonzero(flat).tolist(), f"starts with {FLAT_START} samples of 0 in all leads")


class _Network(nn.Module):
    """Every patch attends to those of its own lead and to those of its own time."""

    def __init__(self) -> None:
        super().__init__()
        token = torch.arange(len(LEADS) * PATCHES)
        lead, time = token // PATCHES, token % PATCHES
        table = torch.cat([sine_table(axis.double(), WIDTH // 2) for axis in (time, lead)], dim=1)
        self.pos_embed = nn.Parameter(table)
        self.W_P = nn.Linear(PATCH, WIDTH)
        self.encoder_blocks = _Blocks()
        self.norm = nn.LayerNorm(WIDTH)
        self.sees: Tensor
        self.register_buffer("sees", (lead[:, None] == lead) | (time[:, None] == time), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        patches = x.reshape(len(x), -1, PATCH)
        tokens: Tensor = self.norm(self.encoder_blocks(self.W_P(patches), self.pos_embed, self.sees))
        return tokens


class _Blocks(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(_Block() for _ in range(DEPTH))

    def forward(self, tokens: Tensor, positions: Tensor, sees: Tensor) -> Tensor:
        for block in self.blocks:
            tokens = block(tokens + positions, sees)
        return tokens


class _Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH)
        self.attn = nn.ModuleDict({"qkv": nn.Linear(WIDTH, 3 * WIDTH, bias=False), "proj": nn.Linear(WIDTH, WIDTH)})
        self.norm2 = nn.LayerNorm(WIDTH)
        self.mlp = named(fc1=nn.Linear(WIDTH, 4 * WIDTH), act=nn.GELU(), fc2=nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x: Tensor, sees: Tensor) -> Tensor:
        x = x + self_attention(self.norm1(x), self.attn["qkv"], self.attn["proj"], HEADS, sees)
        changed: Tensor = self.mlp(self.norm2(x))
        return x + changed
