"""ST-MEM (Na et al., ICLR 2024)."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from ecglens.encoders.card import EncoderCard
from ecglens.encoders.nn.vit import Transformer, sine_table
from ecglens.encoders.nn.wav2vec2 import named
from ecglens.encoders.published.pooled_then_normed import PooledThenNormed
from ecglens.encoders.weights.checkpoint import Checkpoint
from ecglens.encoders.weights.recognise import Mark
from ecglens.records import LEADS
from ecglens.signals import Butterworth, Recipe, Resample, Windows, ZScore

WIDTH, HEADS = 768, 12
PATCHES, PATCH = 30, 75


class StMem(PooledThenNormed):
    """ST-MEM, ViT-B with patches of 75 samples; three crops of 9 s in a record of 10 s."""

    checkpoint = Checkpoint(
        file="st_mem_vit_base_full.pth",
        source="google-drive:14nScwPk35sFi8wc-cuLJLqudVwynKS0n",
        licence="CC BY-NC 4.0, with a restriction by VUNO",
        non_commercial=True,
        key="model",
        skip=("mask_embedding", "to_decoder_embedding.*", "decoder_*"),
        aliases=(("to_patch_embedding.*", "encoder.to_patch_embedding.*"),),
        marks=(Mark("encoder.sep_embedding", (768,)),),
    )
    card = EncoderCard(
        name="st-mem-full",
        dim=WIDTH,
        summary="Masked autoencoder that reconstructs patches of single leads from those of all leads.",
        fs=250,
        seconds=9,
        tokens="0.3 s of one lead, 360 per window: lead by lead",
        n_parameters=85_150_614,
        architecture="transformer",
        objective="masked",
        pretraining=frozenset({"code-15", "chn"}),
        paper="https://arxiv.org/abs/2402.09450",
        weights=checkpoint.url,
        licence=checkpoint.terms,
        notes=(
            "The crops start at 0, 0.5 and 1 s of a record of 10 s, at equal distances in longer ones. Filters and "
            "z-score see one crop at a time.",
            "The layer norm follows the pooling: tokens are those of the last block, before it.",
            "The mean over the crops is the convention here; the authors average the logits of the crops, which is "
            "the same for a linear head.",
            "Less certain than on other cards: the pretraining data, CODE-15%, Chapman-Shaoxing and Ningbo.",
            "The file holds the whole autoencoder; its decoder is not loaded.",
        ),
    )
    recipes: ClassVar = {
        "official": Recipe(
            (
                Resample(250),
                Windows(9, count=3),
                Butterworth("highpass", 0.67, order=5),
                Butterworth("lowpass", 40, order=5),
                ZScore("record"),
            )
        ),
    }
    norm = "encoder.norm"

    def build(self) -> nn.Module:
        """The encoder half of the autoencoder."""
        return named(encoder=_Network())


class _Network(Transformer):
    """A separator stands before and after the patches of a lead; every patch attends to all others."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEADS)
        separator = torch.zeros(1, WIDTH)
        table = torch.cat((separator, sine_table(torch.arange(PATCHES).float(), WIDTH), separator))
        self.pos_embedding = nn.Parameter(table[None])
        self.sep_embedding = nn.Parameter(0.02 * torch.randn(WIDTH))
        self.lead_embeddings = nn.ParameterList(0.02 * torch.randn(WIDTH) for _ in range(len(LEADS)))
        self.to_patch_embedding = nn.Sequential(
            nn.Unflatten(-1, (PATCHES, PATCH)), nn.LayerNorm(PATCH), nn.Linear(PATCH, WIDTH), nn.LayerNorm(WIDTH)
        )

    def forward(self, x: Tensor) -> Tensor:
        separator = self.sep_embedding.expand(len(x), len(LEADS), 1, WIDTH)
        tokens = torch.cat((separator, self.to_patch_embedding(x), separator), dim=2)
        tokens = tokens + self.pos_embedding + torch.stack(list(self.lead_embeddings))[:, None]
        tokens = self.blocks(tokens.flatten(1, 2))
        return tokens.reshape(len(x), len(LEADS), -1, WIDTH)[:, :, 1:-1].flatten(1, 2)
