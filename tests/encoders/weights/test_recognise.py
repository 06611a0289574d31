"""A checkpoint is recognised by the marks of all registered encoders, of this package and of others."""

import pytest
import torch

from ecglens.encoders import ENCODERS, load_card, load_encoder
from ecglens.encoders.weights.checkpoint import Checkpoint, load_into
from ecglens.encoders.weights.recognise import resemblance
from ecglens.errors import EncoderError

OUTSIDE = """
from torch import nn

from ecglens.encoders import EncoderCard, Recipe
from ecglens.encoders.published import PublishedEncoder
from ecglens.encoders.weights.checkpoint import Checkpoint
from ecglens.encoders.weights.recognise import Mark
from ecglens.signals import Resample, Windows


class Outside(PublishedEncoder):
    checkpoint = Checkpoint(
        "outside.pt", "huggingface:somebody/outside", "MIT", marks=(Mark("0.weight", (5, 12, 10)),)
    )
    card = EncoderCard(name="outside", dim=5, fs=100, seconds=10)
    recipes = {"official": Recipe((Resample(100), Windows(10)))}

    def build(self):
        return nn.Sequential(nn.Conv1d(12, 5, 10, 10), nn.Flatten(2), _Last())


class _Last(nn.Module):
    def forward(self, x):
        return x.transpose(1, 2)
"""
LIKE_OUTSIDE = {"0.weight": torch.zeros(5, 12, 10), "0.bias": torch.zeros(5)}


def test_an_outside_encoder_is_one_file_and_an_entry_point(install, tmp_path) -> None:
    install(OUTSIDE, "outside = outside:Outside")
    assert load_card("outside").dim == 5
    torch.save(LIKE_OUTSIDE, tmp_path / "outside.pt")
    for name in ("outside", "outside:Outside"):
        assert load_encoder(name, weights=tmp_path / "outside.pt").card.name == "outside"
    assert load_encoder("outside@untrained").card.name == "outside@untrained"


def test_its_checkpoint_is_recognised_like_that_of_a_built_in(install, tmp_path) -> None:
    torch.save({"state_dict": LIKE_OUTSIDE}, tmp_path / "model.pt")
    published = Checkpoint("tiny.pt", "huggingface:owner/tiny", "MIT", key="state_dict")
    with pytest.raises(EncoderError, match=r"does not fit: .*bias\.$"):
        load_into(torch.nn.Linear(3, 2), tmp_path / "model.pt", published, "tiny")
    install(OUTSIDE, "outside = outside:Outside")
    with pytest.raises(EncoderError, match=r"does not fit: .* It looks like a checkpoint of outside\.$"):
        load_into(torch.nn.Linear(3, 2), tmp_path / "model.pt", published, "tiny")
    assert resemblance(LIKE_OUTSIDE, but="outside") == ""


@pytest.mark.parametrize(
    "code",
    [
        "import no_such_module",
        "class Outside:\n  class checkpoint: marks = (('0.weight', (5, 12, 10)),)",
        "class Outside: checkpoint = 1",
    ],
)
def test_an_outside_encoder_that_is_broken_disturbs_no_other(install, code) -> None:
    install(code, "outside = outside:Outside")
    assert resemblance(LIKE_OUTSIDE) == ""
    merl = {"model": {"conv1.weight": torch.zeros(64, 12, 7)}}
    assert resemblance(merl) == " It looks like a checkpoint of merl-resnet18."


def test_a_related_model_has_a_name_of_its_own() -> None:
    assert "fine-tuned ecg-fm." in resemblance({"encoder.post_extract_proj.weight": torch.zeros(768, 256)})
    assert "ecgfounder-1lead." in resemblance({"state_dict": {"first_conv.conv.weight": torch.zeros(64, 1, 16)}})


def test_every_published_encoder_has_a_mark() -> None:
    checkpoints = {name: getattr(ENCODERS.load(name), "checkpoint", None) for name in ENCODERS.builtins}
    assert [name for name, each in checkpoints.items() if each and not each.marks] == []
