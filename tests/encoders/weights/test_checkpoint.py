import argparse
import hashlib
import json
import warnings
from collections import OrderedDict
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from ecglens.encoders.weights.checkpoint import Checkpoint, load_into, pin, pinned, sha256_of
from ecglens.encoders.weights.recognise import resemblance
from ecglens.errors import EncoderError

SYNTHETIC = Path(__file__).parents[1] / "parity-synthetic"
SLUGS = sorted(folder.name for folder in SYNTHETIC.iterdir() if folder.is_dir())
TINY = Checkpoint("tiny.pt", "huggingface:owner/tiny", "MIT", key="model", skip=("head.*",))
assert_same = partial(torch.testing.assert_close, rtol=0, atol=0)


def tiny() -> nn.Module:
    return nn.Sequential(OrderedDict(first=nn.Linear(3, 2), norm=nn.BatchNorm1d(2)))


def test_messages_hold_nothing_that_a_terminal_obeys(tmp_path):
    torch.save({"\x1b[2J\nall is well" + 1000 * "!": torch.ones(1)}, tmp_path / "model.pt")
    with pytest.raises(EncoderError) as error:
        load_into(tiny(), tmp_path / "model.pt", TINY, "tiny")
    assert str(error.value).isprintable()
    assert "unexpected: \\x1b[2J\\nall is well!!" in str(error.value)
    assert len(str(error.value)) < 500 + len(str(tmp_path))


def test_a_misshaped_tensor_of_any_claimed_size_is_only_listed(tmp_path, tensors):
    torch.save(tensors | {"first.weight": torch.ones(()).expand(10**6, 10**6)}, tmp_path / "model.pt")
    with pytest.raises(EncoderError, match=r"1 misshaped: first\.weight \[1000000, 1000000\]"):
        load_into(tiny(), tmp_path / "model.pt", TINY, "tiny")


@pytest.mark.parametrize("zipped", [True, False])
def test_flipped_bytes_are_an_error_of_ours_or_other_numbers(tmp_path, tensors, zipped):
    path, rng = tmp_path / "model.pt", np.random.default_rng(0)
    beside = {"args": argparse.Namespace(betas=(0.9, 0.98), data=None), "best": np.float64(0.5), "state": {0: [1]}}
    torch.save({"model": tensors} | beside, path, _use_new_zipfile_serialization=zipped)
    whole = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    for _ in range(200):
        broken = whole.copy()
        broken[rng.integers(len(whole), size=3)] ^= rng.integers(1, 256, size=3, dtype=np.uint8)
        path.write_bytes(broken.tobytes())
        with suppress(EncoderError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            load_into(tiny(), path, TINY, "tiny")


def test_a_network_gets_all_tensors_and_the_digest_is_that_of_the_file(tmp_path, tensors):
    path, network = tmp_path / "model.pt", tiny()
    torch.save({"model": tensors | {"head.weight": torch.ones(9)}}, path)
    assert load_into(network, path, TINY, "tiny") == hashlib.sha256(path.read_bytes()).hexdigest()
    assert_same(network.state_dict(), tensors)


FAULTS = {
    "1 missing: first.bias": lambda t: t.pop("first.bias"),
    "2 missing: first.weight, first.bias": lambda t: (t.pop("first.weight"), t.pop("first.bias")),
    "1 unexpected: tail.weight": lambda t: t.update({"tail.weight": torch.ones(1)}),
    r"1 misshaped: first.weight \[2, 4\] instead of \[2, 3\]": lambda t: t.update({"first.weight": torch.ones(2, 4)}),
    "1 mistyped: first.weight torch.int8 instead of torch.float32": lambda t: t.update(
        {"first.weight": torch.ones(2, 3, dtype=torch.int8)}
    ),
    "1 not finite: norm.running_mean": lambda t: t["norm.running_mean"].fill_(torch.nan),
    "2 not finite: first.weight, first.bias": lambda t: (t["first.weight"][0].fill_(torch.inf), t["first.bias"].log_()),
    "1 missing: first.bias; 1 unexpected: first.bais": lambda t: t.update({"first.bais": t.pop("first.bias")}),
    "12 unexpected: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more": lambda t: t.update(
        {str(number): torch.ones(1) for number in range(12)}
    ),
}


@pytest.mark.parametrize("message", FAULTS)
def test_tensors_that_do_not_fit_are_listed_and_nothing_is_loaded(tmp_path, tensors, message):
    path, network = tmp_path / "model.pt", tiny()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    tensors["first.bias"].copy_(torch.tensor([-1.0, 2.0]))  # So that its logarithm is not finite.
    FAULTS[message](tensors)
    torch.save({"model": tensors}, path)
    with pytest.raises(EncoderError, match=rf"encoder 'tiny': .*model\.pt does not fit: {message}\.$"):
        load_into(network, path, TINY, "tiny")
    assert_same(network.state_dict(), before)


class OldWeightNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(4))
        self.weight_g = nn.Parameter(torch.zeros(1, 1, 3))
        self.weight_v = nn.Parameter(torch.zeros(4, 2, 3))

    def forward(self, x):
        norm = self.weight_v.square().sum(dim=(0, 1), keepdim=True).sqrt()
        return nn.functional.conv1d(x, self.weight_g * self.weight_v / norm, self.bias)


NORMS = {"weight_g": "parametrizations.weight.original0", "weight_v": "parametrizations.weight.original1"}


@pytest.mark.parametrize("network", [OldWeightNorm(), weight_norm(nn.Conv1d(2, 4, 3), dim=2)], ids=["old", "new"])
@pytest.mark.parametrize("spelling", ["old", "new", "both"])
def test_weight_norm_is_accepted_in_both_spellings(tmp_path, network, spelling):
    torch.manual_seed(0)
    old = {"bias": torch.randn(4), "weight_g": torch.rand(1, 1, 3), "weight_v": torch.randn(4, 2, 3)}
    new = {NORMS.get(name, name): tensor for name, tensor in old.items()}
    torch.save({"old": old, "new": new, "both": old | new}[spelling], tmp_path / "model.pt")
    load_into(network, tmp_path / "model.pt", TINY, "tiny")
    direction = nn.functional.normalize(old["weight_v"].permute(2, 0, 1).flatten(1), dim=1).reshape(3, 4, 2)
    weight = old["weight_g"] * direction.permute(1, 2, 0)
    x = torch.randn(2, 2, 9)
    torch.testing.assert_close(network(x), nn.functional.conv1d(x, weight, old["bias"]))


def test_two_spellings_that_disagree_are_refused(tmp_path):
    both = {"bias": torch.zeros(4), "weight_g": torch.ones(1, 1, 3), "weight_v": torch.ones(4, 2, 3)}
    torch.save(both | {NORMS["weight_g"]: 2 * both["weight_g"]}, tmp_path / "model.pt")
    with pytest.raises(EncoderError, match=r"1 contradictory: parametrizations.weight.original0 and .*weight_g"):
        load_into(OldWeightNorm(), tmp_path / "model.pt", TINY, "tiny")


def test_aliases_are_accepted_and_have_to_agree(tmp_path, tensors):
    path = tmp_path / "model.pt"
    aliased = Checkpoint("tiny.pt", "huggingface:owner/tiny", "MIT", aliases=(("second.*", "first.*"),))
    alias = {name.replace("first", "second"): tensor for name, tensor in tensors.items()}
    for names in (tensors, alias, tensors | alias):
        network = tiny()
        torch.save(names, path)
        load_into(network, path, aliased, "tiny")
        assert_same(network.state_dict(), tensors)
    torch.save(tensors | alias | {"second.bias": tensors["first.bias"] + 1e-6}, path)
    with pytest.raises(EncoderError, match=r"1 contradictory: second.bias and another spelling of first.bias\.$"):
        load_into(tiny(), path, aliased, "tiny")


def of_slug(slug) -> dict[str, torch.Tensor]:
    """All tensors of a published file in their shapes, one stored number each."""
    manifest = json.loads((SYNTHETIC / slug / "manifest.json").read_text())
    return {name: torch.zeros(()).expand(shape) for name, shape, _ in manifest["state_dict"]}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_checkpoint_of_another_model_is_recognised(tmp_path, slug):
    for container in ({"state_dict": of_slug(slug), "epoch": 1}, of_slug(slug)):
        torch.save(container, tmp_path / "model.pt")
        with pytest.raises(EncoderError, match=rf"\. It looks like a checkpoint of {slug}\.$"):
            load_into(tiny(), tmp_path / "model.pt", TINY, "tiny")
    assert resemblance(of_slug(slug), but=slug) == ""


def test_a_file_with_another_digest_is_refused_unless_asked_for(tmp_path, tensors):
    path, network = tmp_path / "model.pt", tiny()
    torch.save({"model": tensors}, path)
    published = Checkpoint("tiny.pt", "huggingface:owner/tiny", "MIT", key="model", sha256="ab" * 32)
    with pytest.raises(EncoderError, match=f"{sha256_of(path)}.*{'ab' * 32}.*huggingface.co/owner/tiny.*verify"):
        load_into(network, path, published, "tiny")
    assert load_into(network, path, published, "tiny", verify=False) == sha256_of(path)
    assert_same(network.state_dict(), tensors)


def test_a_pinned_file_has_to_stay_as_it_was(tmp_path, tensors):
    path = tmp_path / "model.pt"
    torch.save({"model": tensors}, path)
    pin(path, sha256_of(path))
    assert pinned(path) == load_into(tiny(), path, TINY, "tiny")
    torch.save({"model": tensors, "epoch": 2}, path)
    with pytest.raises(EncoderError, match=f"{sha256_of(path)}.*{pinned(path)}"):
        load_into(tiny(), path, TINY, "tiny")


def test_a_pin_that_is_no_digest_is_no_files(tmp_path, tensors):
    path = tmp_path / "model.pt"
    torch.save({"model": tensors}, path)
    for content in (b"", b"\n", b"\xff\xfe"):
        (tmp_path / "model.pt.sha256").write_bytes(content)
        with pytest.raises(EncoderError, match=sha256_of(path)):
            load_into(tiny(), path, TINY, "tiny")
