"""HuBERT-ECG in three sizes (Coppola et al., medRxiv 2024.11.14.24317328)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scipy import signal
from torch import Tensor, nn

from ecglens.encoders.card import EncoderCard
from ecglens.encoders.nn.wav2vec2 import Attention, ChannelsLast, Positions, convolutions, named
from ecglens.encoders.published.base import PublishedEncoder
from ecglens.encoders.weights.checkpoint import Checkpoint
from ecglens.encoders.weights.recognise import Mark
from ecglens.records import LEADS
from ecglens.signals import FIRBandpass, MinMax, Recipe, Resample, Windows
from ecglens.signals.recipe import Array

CONV_WIDTH, KERNELS, STRIDES = 512, (10, 3, 3, 2, 2), (4, 2, 2, 2, 2)
SECONDS, FS = 5, 100


@dataclass(frozen=True)
class DecimateLeadsInARow:
    """Decimate all leads as one signal, one lead after the other, as HuBERT-ECG was trained.

    Parameters
    ----------
    factor
        Ratio of decimation; the anti-aliasing filter (`scipy.signal.decimate`) runs across the borders of leads.

    Examples
    --------
    >>> import numpy as np
    >>> x, fs = DecimateLeadsInARow(5)(np.ones((1, 12, 2500)), fs=500)
    >>> x.shape, fs
    ((1, 12, 500), 100.0)
    """

    factor: int

    def __call__(self, x: Array, fs: float) -> tuple[Array, float]:
        """Decimate every record; the samples of a lead have to be a multiple of the factor."""
        n, leads, _ = x.shape
        y: Array = signal.decimate(x.reshape(n, -1), self.factor, axis=-1).reshape(n, leads, -1)
        return y.astype(x.dtype, copy=False), fs / self.factor


@dataclass(frozen=True)
class Size:
    """Facts about one published size."""

    name: str
    layers: int
    width: int
    heads: int
    n_parameters: int
    n_bytes: int
    sha256: str

    @property
    def checkpoint(self) -> Checkpoint:
        """The published file."""
        return Checkpoint(
            file="model.safetensors",
            source=f"huggingface:Edoardo-BS/hubert-ecg-{self.name}",
            licence="CC BY-NC 4.0",
            non_commercial=True,
            sha256=self.sha256,
            n_bytes=self.n_bytes,
            key=None,
            skip=("masked_spec_embed", "final_proj.*", "label_embedding.*"),
            marks=(Mark("feature_projection.projection.weight", (self.width, 512)),),
        )

    @property
    def card(self) -> EncoderCard:
        """The facts."""
        return EncoderCard(
            name=f"hubert-ecg-{self.name}",
            dim=self.width,
            summary=f"HuBERT on the leads in a row, {self.layers} layers.",
            fs=FS,
            seconds=SECONDS,
            tokens="0.64 s of one lead, 93 per window: 12 leads of 5 s in a row",
            n_parameters=self.n_parameters,
            architecture="convolutions and transformer",
            objective="masked, cluster prediction",
            pretraining=frozenset(
                {"code", "code-15", "mimic-iv-ecg", "chn", "sph", "ptb-xl", "hefei", "georgia"}
                | {"cpsc-2018", "cpsc-extra", "sami-trop", "ptb"}
            ),
            paper="https://doi.org/10.1101/2024.11.14.24317328",
            weights=self.checkpoint.url,
            licence=self.checkpoint.terms,
            notes=(
                "The leads are decimated as one signal. Lead by lead the embedding moves by 0.02-0.04; resampled to "
                "100 Hz before the other steps, as wrappers do, by 0.11-0.20.",
                "The authors use the first 5 s (`windows: first`); the mean over the windows of a record is the "
                "convention here.",
                "CODE-15% counts as seen because it is a part of CODE. No records are documented as held out.",
                "That SaMi-Trop was among the pretraining data is less certain.",
                "The weights are also published under Edoardo-Coppola.",
            ),
        )


class HubertEcg(PublishedEncoder):
    """Base class of the sizes; two windows of 5 s in a record of 10 s."""

    size: ClassVar[Size]
    recipes: ClassVar = {
        "official": Recipe(
            (
                FIRBandpass(0.05, 47, seconds=0.3),
                Resample(500),
                MinMax(eps=1e-8),
                Windows(SECONDS, short="pad"),
                DecimateLeadsInARow(500 // FS),
            )
        )
    }

    def build(self) -> nn.Module:
        """The encoder without its pretraining heads."""
        width = self.size.width
        convs = convolutions(1, CONV_WIDTH, KERNELS, STRIDES, names=("conv", "layer_norm"))
        return named(
            leads_in_a_row=nn.Sequential(nn.Flatten(), nn.Unflatten(1, (1, len(LEADS) * SECONDS * FS))),
            feature_extractor=named(conv_layers=convs),
            channels_last=ChannelsLast(),
            feature_projection=named(layer_norm=nn.LayerNorm(CONV_WIDTH), projection=nn.Linear(CONV_WIDTH, width)),
            encoder=named(
                pos_conv_embed=Positions(width, name="conv"),
                layer_norm=nn.LayerNorm(width),
                layers=nn.Sequential(*[_Layer(width, self.size.heads) for _ in range(self.size.layers)]),
            ),
        )


class HubertEcgSmall(HubertEcg):
    """HuBERT-ECG small."""

    size = Size(
        name="small",
        layers=8,
        width=512,
        heads=8,
        n_parameters=30_209_152,
        n_bytes=121_892_376,
        sha256="c78fa955268212f8ed20bc69fb1b882d76a4351df2466061335950949394a4d2",
    )
    checkpoint, card = size.checkpoint, size.card


class HubertEcgBase(HubertEcg):
    """HuBERT-ECG base."""

    size = Size(
        name="base",
        layers=12,
        width=768,
        heads=12,
        n_parameters=92_798_080,
        n_bytes=372_518_672,
        sha256="05bc1b1317f8e3063811a03fb840f5bf8a85968191e209c0cfbaa0c52c8aa1ae",
    )
    checkpoint, card = size.checkpoint, size.card


class HubertEcgLarge(HubertEcg):
    """HuBERT-ECG large."""

    size = Size(
        name="large",
        layers=16,
        width=960,
        heads=12,
        n_parameters=187_643_776,
        n_bytes=754_626_248,
        sha256="9a0eb8484f73793aa678936984243da92ae80d7b81e2fe77d1ea6dee2bdf5ec2",
    )
    checkpoint, card = size.checkpoint, size.card


class _Layer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.layer_norm = nn.LayerNorm(width)
        self.feed_forward = named(
            intermediate_dense=nn.Linear(width, 4 * width), gelu=nn.GELU(), output_dense=nn.Linear(4 * width, width)
        )
        self.final_layer_norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer_norm(x + self.attention(x))
        y: Tensor = self.final_layer_norm(x + self.feed_forward(x))
        return y
