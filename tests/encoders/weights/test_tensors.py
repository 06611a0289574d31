import argparse
import json
import os
import pickle
import subprocess
import traceback
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

from ecglens.encoders.weights.tensors import read_tensors
from ecglens.errors import EncoderError

assert_same = partial(torch.testing.assert_close, rtol=0, atol=0)


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
