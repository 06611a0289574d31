"""MERL (Liu et al., ICML 2024): a ResNet-18 and a small vision transformer."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ecglens.encoders.card import EncoderCard
from ecglens.encoders.nn.inference import fold_batch_norms
from ecglens.encoders.nn.vit import Transformer
from ecglens.encoders.published.base import PublishedEncoder
from ecglens.encoders.published.pooled_then_normed import PooledThenNormed
from ecglens.encoders.weights.checkpoint import Checkpoint
from ecglens.encoders.weights.recognise import Mark
from ecglens.signals import MinMax, Recipe, Resample, SelectLeads, Windows

LEADS = ("I", "II", "III", "aVR", "aVF", "aVL", "V1", "V2", "V3", "V4", "V5", "V6")
"""As in MIMIC-IV-ECG: aVF stands before aVL."""

RECIPES = {
    "official": Recipe((Resample(500), Windows(10, take="first"), MinMax("record", 0, 1, eps=1e-8), SelectLeads(LEADS)))
}
FOLDER = "google-drive:13wb4DppUciMn-Y_qC2JRWTbZdz3xX0w2"


def _card(
    name: str, checkpoint: Checkpoint, dim: int, tokens: str, n_parameters: int, architecture: str, note: str
) -> EncoderCard:
    return EncoderCard(
        name=name,
        dim=dim,
        summary="ECG encoder trained to match the text of the report.",
        leads=LEADS,
        fs=500,
        seconds=10,
        tokens=tokens,
        n_parameters=n_parameters,
        architecture=architecture,
        objective="ECG-text",
        pretraining=frozenset({"mimic-iv-ecg"}),
        selection=frozenset({"ptb-xl", "cpsc-2018", "chn"}),
        paper="https://arxiv.org/abs/2403.06659",
        weights=checkpoint.url,
        licence=checkpoint.terms,
        notes=(
            "The published epoch did best on validation labels of PTB-XL, CPSC2018 and Chapman-Shaoxing with Ningbo.",
            "aVF stands before aVL, as in MIMIC-IV-ECG; the recipe swaps them.",
            "One minimum and one maximum for all leads of a record: gains between leads are kept, the unit is not.",
            "For CPSC2018 the authors fill the first 5 s up to 10 s with zeros; here shorter records are left out, or "
            "filled under `windows: pad`.",
            note,
        ),
    )


class MerlResNet18(PublishedEncoder):
    """MERL's ResNet-18; the first 10 s of a record."""

    checkpoint = Checkpoint(
        file="res18_best_encoder.pth",
        source=FOLDER,
        licence="MIT",
        skip=("linear.*",),
        marks=(Mark("conv1.weight", (64, 12, 7)),),
    )
    card = _card(
        name="merl-resnet18",
        checkpoint=checkpoint,
        dim=512,
        tokens="32 ms of all leads, 313 per window",
        n_parameters=3_848_832,
        architecture="ResNet",
        note="The linear layer of 10 classes in the file is not loaded.",
    )
    recipes = RECIPES

    def build(self) -> nn.Module:
        """The network up to the average over time."""
        return _ResNet18()

    def prepare(self, network: nn.Module) -> None:
        """Every batch norm here runs right after the convolution before it."""
        super().prepare(network)
        fold_batch_norms(network)


class MerlViTTiny(PooledThenNormed):
    """MERL's small vision transformer; the first 10 s of a record."""

    checkpoint = Checkpoint(
        file="vit_tiny_best_encoder.pth",
        source=FOLDER,
        licence="MIT",
        marks=(Mark("to_patch_embedding.weight", (192, 12, 50)),),
    )
    card = _card(
        name="merl-vit-tiny",
        checkpoint=checkpoint,
        dim=192,
        tokens="0.1 s of all leads, 100 per window",
        n_parameters=5_473_152,
        architecture="transformer",
        note="The layer norm follows the pooling: tokens are those of the last block, before it.",
    )
    recipes = RECIPES

    def build(self) -> nn.Module:
        """The network up to the layer norm, which `pool` applies."""
        return _ViTTiny()


class _ResNet18(nn.Module):
    """ResNet-18 in one dimension, without the max-pool after the stem."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(12, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm1d(64)
        self.layer1 = nn.Sequential(_BasicBlock(64, 64), _BasicBlock(64, 64))
        self.layer2 = nn.Sequential(_BasicBlock(64, 128), _BasicBlock(128, 128))
        self.layer3 = nn.Sequential(_BasicBlock(128, 256), _BasicBlock(256, 256))
        self.layer4 = nn.Sequential(_BasicBlock(256, 512), _BasicBlock(512, 512))

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn1(self.conv1(x)).relu()
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return x.transpose(1, 2)


class _BasicBlock(nn.Module):
    """Two convolutions; a block that widens also halves the sampling rate."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        stride = 1 if n_in == n_out else 2
        self.conv1 = nn.Conv1d(n_in, n_out, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm1d(n_out)
        self.conv2 = nn.Conv1d(n_out, n_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm1d(n_out)
        self.shortcut = nn.Sequential()
        if n_in != n_out:
            self.shortcut.extend((nn.Conv1d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm1d(n_out)))

    def forward(self, x: Tensor) -> Tensor:
        changed: Tensor = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())) + self.shortcut(x)
        return changed.relu()


class _ViTTiny(Transformer):
    """Patches of 0.1 s of all leads together."""

    def __init__(self) -> None:
        super().__init__(width=192, n_heads=3)
        self.to_patch_embedding = nn.Conv1d(12, 192, kernel_size=50, stride=50, bias=False)
        self.pos_embedding = nn.Parameter(0.02 * torch.randn(1, 100, 192))

    def forward(self, x: Tensor) -> Tensor:
        return self.blocks(self.to_patch_embedding(x).transpose(1, 2) + self.pos_embedding)
