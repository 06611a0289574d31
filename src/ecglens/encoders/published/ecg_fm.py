"""ECG-FM (McKeen et al., arXiv 2408.05178)."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn
from torch.nn.functional import gelu

from ecglens.encoders.card import EncoderCard
from ecglens.encoders.nn.wav2vec2 import Attention, ChannelsLast, Positions, convolutions, named
from ecglens.encoders.published.base import PublishedEncoder
from ecglens.encoders.weights.checkpoint import Checkpoint
from ecglens.encoders.weights.recognise import Mark
from ecglens.records import LEADS
from ecglens.signals import Recipe, Resample, Windows, ZScore

LAYERS, WIDTH, HEADS, FFN, CONV_WIDTH = 12, 768, 12, 3072, 256


class EcgFm(PublishedEncoder):
    """ECG-FM as pretrained on MIMIC-IV-ECG and PhysioNet 2021; two windows of 5 s in a record of 10 s."""

    checkpoint = Checkpoint(
        file="mimic_iv_ecg_physionet_pretrained.pt",
        source="huggingface:wanglab/ecg-fm",
        licence="MIT",
        non_commercial=False,
        sha256="4d0142bcb485eb9f0c7845e0c19ff3463f6ae9d0e458eab69136efe90ceb9b7e",
        n_bytes=1_090_825_421,
        key="model",
        skip=("mask_emb", "quantizer.*", "project_q.*", "final_proj.*"),
        marks=(
            Mark("post_extract_proj.weight", (768, 256)),
            Mark("encoder.post_extract_proj.weight", (768, 256), model="fine-tuned ecg-fm"),
        ),
    )
    card = EncoderCard(
        name="ecg-fm",
        dim=WIDTH,
        summary="wav2vec 2.0 with contrast between the segments of a patient and random masking of leads.",
        fs=500,
        seconds=5,
        tokens="32 ms of all leads, 156 per window",
        n_parameters=90_373_248,
        architecture="convolutions and transformer",
        objective="contrastive, masked",
        pretraining=frozenset({"mimic-iv-ecg", "cpsc-2018", "cpsc-extra", "georgia", "ptb-xl", "chn"}),
        paper="https://arxiv.org/abs/2408.05178",
        weights=checkpoint.url,
        licence=checkpoint.terms,
        notes=(
            "The z-score is over the whole record, before the windows are cut.",
            "The mean over the windows of a record is the convention here; the authors keep windows apart.",
            "The .yaml published beside the checkpoint names 24 layers of width 1024; the checkpoint holds 12 of 768.",
            "UHN-ECG belongs to the model of the paper, not to the public weights.",
            "PhysioNet 2021 without PTB and INCART.",
        ),
    )
    recipes: ClassVar = {"official": Recipe((Resample(500, "linear"), ZScore(), Windows(5)))}

    def build(self) -> nn.Module:
        """The encoder without its pretraining heads."""
        convs = convolutions(len(LEADS), CONV_WIDTH, [2] * 4, [2] * 4, names=("0", "2"))
        return named(
            feature_extractor=named(conv_layers=convs),
            channels_last=ChannelsLast(),
            layer_norm=nn.LayerNorm(CONV_WIDTH),
            post_extract_proj=nn.Linear(CONV_WIDTH, WIDTH),
            conv_pos=named(pos_conv=Positions(WIDTH, name="0")),
            encoder=named(layer_norm=nn.LayerNorm(WIDTH), layers=nn.Sequential(*[_Layer() for _ in range(LAYERS)])),
        )


class _Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.self_attn = Attention(WIDTH, HEADS)
        self.self_attn_layer_norm = nn.LayerNorm(WIDTH)
        self.fc1 = nn.Linear(WIDTH, FFN)
        self.fc2 = nn.Linear(FFN, WIDTH)
        self.final_layer_norm = nn.LayerNorm(WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        x = self.self_attn_layer_norm(x + self.self_attn(x))
        y: Tensor = self.final_layer_norm(x + self.fc2(gelu(self.fc1(x))))
        return y
