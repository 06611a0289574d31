import argparse
import hashlib
import json
import os
import pickle
import subprocess
import traceback
import warnings
import zipfile
from collections import OrderedDict
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from ecglens.encoders.tensors import read_tensors, resemblance
from ecglens.encoders.weights import Checkpoint, load_into, pin, pinned, sha256_of
from ecglens.errors import EncoderError

SYNTHETIC = Path(__file__).parent / "parity-synthetic"
SLUGS = sorted(folder.name for folder in SYNTHETIC.iterdir() if folder.is_dir())
TINY = Checkpoint("tiny.pt", "huggingface:owner/tiny", "MIT", key="model", skip=("head.*",))


def tiny() -> nn.Module:
    return nn.Sequential(OrderedDict(first=nn.Linear(3, 2), norm=nn.BatchNorm1d(2)))


@pytest.fixture
def tensors() -> dict[str, torch.Tensor]:
    rng = torch.Generator().manual_seed(1)
    shapes = {name: tensor.shape for name, tensor in tiny().state_dict().items() if tensor.ndim}
    return {name: torch.randn(shape, generator=rng) for name, shape in shapes.items()} | {
        "norm.num_batches_tracked": torch.tensor(7)
    }


def assert_same(found, expected):
    assert set(found) == set(expected)
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=0)


def fairseq_container(tensors):
    model = {"_name": "wav2vec2_cmsc", "encoder_layers": 12, "conv_feature_layers": "[(256, 2, 2)] * 4"}
    return {
        "args": argparse.Namespace(arch="wav2vec2", betas=(0.9, 0.98), data=None),
        "cfg": {"common": {"fp16": True, "seed": 1}, "model": model, "criterion": {"loss_weights": [0.1, 10]}},
        "model": OrderedDict(tensors),
        "criterion": OrderedDict(),
        "optimizer_history": [{"criterion_name": "Wav2vec", "lr_scheduler_state": {"best": None}, "num_updates": 9}],
        "task_state": {},
        "extra_state": {"metrics": [("default", "loss", 0.5)], "train_iterator": {"epoch": 3}},
        "last_optimizer_state": {"state": {0: {"exp_avg": torch.ones(2)}}, "param_groups": [{"lr": 5e-5}]},
    }


def scored_container(tensors):
    scores = {"val_auroc": np.float64(0.9), "step": np.int64(12), "loss": np.float32(0.5)}
    optimizer = {"state": {0: {"step": torch.tensor(3.0)}}, "param_groups": [{"lr": np.float64(1e-4), "params": [0]}]}
    return {"epoch": 3, "model": tensors, "optimizer": optimizer, "scheduler": {"best": np.float64(0.9)}, **scores}


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("container", [fairseq_container, scored_container])
def test_containers_like_the_published_ones_are_read(tmp_path, tensors, container, zipped):
    path = tmp_path / "model.pt"
    torch.save(container(tensors), path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(pickle.UnpicklingError):  # They hold more than PyTorch allows by itself.
        torch.load(path, weights_only=True)
    assert_same(read_tensors(path, "model"), tensors)


def test_scores_pickled_under_numpy_1_are_read(tmp_path, tensors):
    path = tmp_path / "model.pt"
    torch.save(scored_container(tensors), path, _use_new_zipfile_serialization=False)
    written = path.read_bytes()
    path.write_bytes(written.replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n"))
    assert path.read_bytes() != written
    assert_same(read_tensors(path, "model"), tensors)


class RunsCode:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


HIDING_PLACES = {
    "beside": lambda tensors, bad: {"model": tensors, "epoch": bad},
    "among the tensors": lambda tensors, bad: {"model": tensors | {"extra": bad}},
    "in the arguments": lambda tensors, bad: {"model": tensors, "args": argparse.Namespace(lr=bad)},
    "alone": lambda tensors, bad: bad,
}


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("place", HIDING_PLACES)
def test_code_in_a_file_is_refused_and_not_run(tmp_path, tensors, place, zipped):
    path, marker = tmp_path / "model.pt", tmp_path / "code was run"
    torch.save(HIDING_PLACES[place](tensors, RunsCode(marker)), path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(EncoderError, match=rf"model\.pt: refused, because it asks for {os.mkdir.__module__}\.mkdir"):
        read_tensors(path, "model")
    assert not marker.exists()
    torch.load(path, weights_only=False)
    assert marker.exists()


@pytest.mark.parametrize("refused", [np.arange(3), nn.Linear(1, 1), Path("a")], ids=lambda each: type(each).__name__)
def test_types_that_no_published_file_holds_are_refused_by_name(tmp_path, tensors, refused):
    torch.save({"model": tensors, "other": refused}, tmp_path / "model.pt")
    with pytest.raises(EncoderError, match=r"refused, because it asks for (numpy|torch\.nn|pathlib)\."):
        read_tensors(tmp_path / "model.pt", "model")


class Calls:
    """Unpickled, it calls something, which may itself be what such a call returns."""

    def __init__(self, function, *arguments) -> None:
        self.reduced = function, arguments

    def __reduce__(self):
        return self.reduced

    def __call__(self) -> None:
        """Pickle wants what is called to be callable."""


def payloads(marker):
    make = f"__import__('os').mkdir({marker!r})"
    return {
        "system": Calls(os.system, f"mkdir '{marker}'"),
        "eval": Calls(eval, make),
        "exec": Calls(exec, make),
        "getattr": Calls(Calls(getattr, Path(marker), "mkdir")),
        "import": Calls(Calls(getattr, Calls(__import__, "os"), "mkdir"), marker),
        "subprocess": Calls(subprocess.check_call, ["mkdir", marker]),
        "partial": Calls(partial(os.mkdir, marker)),
    }


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("payload", payloads(""))
def test_no_way_to_code_is_left(tmp_path, tensors, payload, protocol):
    path, marker = tmp_path / "model.pt", tmp_path / "code was run"
    evil = payloads(str(marker))[payload]
    for container in ({"model": tensors, "args": argparse.Namespace(inner=[{"deep": (evil,)}])}, {"model": evil}):
        torch.save(container, path, pickle_protocol=protocol)
        with pytest.raises(EncoderError, match=r"model\.pt: (refused|neither)") as error:
            read_tensors(path, "model")
        # PyTorch's advice is to load it without protection.
        assert "weights_only" not in "".join(traceback.format_exception(error.value))
        assert not marker.exists()
    torch.load(path, weights_only=False)
    assert marker.exists()


def rewrite(path, name=lambda name: name, content=lambda name, content: content, **options) -> None:
    """Change the members of a zip archive."""
    with zipfile.ZipFile(path) as archive:
        members = {name(each): content(each, archive.read(each)) for each in archive.namelist()}
    with zipfile.ZipFile(path, "w", **options) as archive:
        for each, data in members.items():
            archive.writestr(each, data)


def test_a_compressed_archive_is_refused_and_not_read_as_noise(tmp_path, tensors):
    path = tmp_path / "model.pt"
    torch.save({"model": tensors}, path)
    rewrite(path)
    assert_same(read_tensors(path, "model"), tensors)
    rewrite(path, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(EncoderError, match=r"refused, because it is compressed"):
        read_tensors(path, "model")


def test_members_that_would_unpack_elsewhere_write_nothing(tmp_path, tensors):
    (tmp_path / "inner").mkdir()
    path = tmp_path / "inner" / "model.pt"
    torch.save({"model": tensors}, path)
    rewrite(path, name=lambda name: "../../escaped/" + name.partition("/")[2])
    with suppress(EncoderError):
        assert_same(read_tensors(path, "model"), tensors)
    assert sorted(tmp_path.rglob("*")) == [path.parent, path]


@pytest.mark.parametrize("number", [10**6, -1], ids=["too long", "negative"])
def test_a_storage_that_claims_other_numbers_than_it_holds_is_refused(tmp_path, number):
    path = tmp_path / "model.pt"
    torch.save({"weight": torch.ones(77)}, path)
    claimed = b"J" + number.to_bytes(4, "little", signed=True)
    rewrite(path, content=lambda name, data: data.replace(b"KM", claimed) if name.endswith(".pkl") else data)
    with pytest.raises(EncoderError, match="neither"):
        read_tensors(path)


SAFE_HEADERS = {
    "longer than the file": (10**15, {"weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}),
    "beyond the data": (None, {"weight": {"dtype": "F32", "shape": [1000], "data_offsets": [0, 4000]}}),
    "shape and bytes disagree": (None, {"weight": {"dtype": "F32", "shape": [10**9], "data_offsets": [0, 8]}}),
    "overflowing shape": (None, {"weight": {"dtype": "F32", "shape": [2**62, 2**62], "data_offsets": [0, 8]}}),
    "negative": (None, {"weight": {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]}}),
    "overlap": (None, {name: {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} for name in "ab"}),
    "unknown type": (None, {"weight": {"dtype": "PICKLE", "shape": [2], "data_offsets": [0, 8]}}),
}


@pytest.mark.parametrize("lie", SAFE_HEADERS)
def test_a_safetensors_header_that_lies_is_refused(tmp_path, lie):
    length, header = SAFE_HEADERS[lie]
    text = json.dumps(header).encode()
    content = (length or len(text)).to_bytes(8, "little") + text + bytes(8)
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(EncoderError, match=r"model\.safetensors: neither"):
        read_tensors(tmp_path / "model.safetensors")


STRANGE = {
    "sparse": torch.eye(3).to_sparse(),
    "meta": torch.ones(3, device="meta"),
    "complex": torch.ones(3, dtype=torch.complex64),
}


@pytest.mark.parametrize("strange", STRANGE)
def test_tensors_that_are_not_plain_are_refused(tmp_path, strange):
    torch.save({"first.weight": STRANGE[strange], "fine": torch.ones(1)}, tmp_path / "model.pt")
    with pytest.raises(EncoderError, match=r"others: first\.weight$"):
        read_tensors(tmp_path / "model.pt")
    torch.save({7: torch.ones(1)}, tmp_path / "model.pt")
    with pytest.raises(EncoderError, match=r"others: <int>$"):
        read_tensors(tmp_path / "model.pt")


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
    torch.save(fairseq_container(tensors), path, _use_new_zipfile_serialization=zipped)
    whole = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    for _ in range(200):
        broken = whole.copy()
        broken[rng.integers(len(whole), size=3)] ^= rng.integers(1, 256, size=3, dtype=np.uint8)
        path.write_bytes(broken.tobytes())
        with suppress(EncoderError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            load_into(tiny(), path, TINY, "tiny")


def test_safetensors_are_read_by_content_and_need_no_key(tmp_path, tensors):
    safetensors.torch.save_file(tensors, tmp_path / "renamed.pt")
    assert_same(read_tensors(tmp_path / "renamed.pt", "model"), tensors)


def test_a_bare_state_dict_is_read(tmp_path, tensors):
    torch.save(tensors, tmp_path / "model.pt")
    assert_same(read_tensors(tmp_path / "model.pt"), tensors)
    assert_same(read_tensors(tmp_path / "model.pt", "model"), tensors)


def test_what_is_not_a_state_dict_is_named(tmp_path, tensors):
    torch.save({"weights": tensors, "epoch": 3}, tmp_path / "model.pt")
    for key in (None, "model", "epoch"):
        with pytest.raises(EncoderError, match="found the keys weights, epoch"):
            read_tensors(tmp_path / "model.pt", key)
    torch.save([1], tmp_path / "list.pt")
    with pytest.raises(EncoderError, match="found list"):
        read_tensors(tmp_path / "list.pt")
    with pytest.raises(EncoderError, match=r"nowhere\.pt: no such file"):
        read_tensors(tmp_path / "nowhere.pt")


@pytest.mark.parametrize("zipped", [True, False])
def test_cut_and_foreign_files_are_an_error_of_ours(tmp_path, tensors, zipped):
    path = tmp_path / "model.pt"
    torch.save({"model": tensors}, path, _use_new_zipfile_serialization=zipped)
    whole = path.read_bytes()
    cuts = [whole[:end] for end in range(0, len(whole) - 1, len(whole) // 40)]
    for content in [*cuts, b"<!DOCTYPE html>", b"abcdefgh{}"]:
        path.write_bytes(content)
        with pytest.raises(EncoderError, match=r"model\.pt: (refused|neither)"):
            read_tensors(path, "model")


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
