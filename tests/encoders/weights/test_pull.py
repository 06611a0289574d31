import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torch
from torch import nn

from ecglens.encoders import ENCODERS, EncoderCard, Recipe, load_encoder
from ecglens.encoders.published.base import PublishedEncoder
from ecglens.encoders.weights.checkpoint import Checkpoint, find_weights, pinned, sha256_of
from ecglens.encoders.weights.pull import pull
from ecglens.errors import ConfigError, EncoderError

HUB = Checkpoint("tiny.pt", "huggingface:owner/tiny", "CC BY-NC 4.0", non_commercial=True, n_bytes=1234567)
DRIVE = Checkpoint("tiny.pt", "google-drive:1a2b", "MIT")


class Tiny(PublishedEncoder):
    card = EncoderCard("tiny", dim=2)
    checkpoint = HUB
    recipes = {"only": Recipe()}  # noqa: RUF012

    def build(self):
        return nn.Linear(3, 2)


@pytest.fixture(autouse=True)
def registered(monkeypatch, tmp_path):
    module = ModuleType("tiny_encoders")
    module.Tiny = Tiny
    monkeypatch.setitem(sys.modules, "tiny_encoders", module)
    monkeypatch.setitem(ENCODERS.builtins, "tiny", "tiny_encoders:Tiny")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)  # As if not installed: no test downloads.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def file(tmp_path) -> Path:
    return write(tmp_path / "browser" / "tiny (1).pt", torch.ones(2, 3))


def write(path, weight) -> Path:
    path.parent.mkdir(exist_ok=True)
    torch.save({"weight": weight, "bias": torch.zeros(2)}, path)
    return path


def hub_with(published: Path, calls: list) -> ModuleType:
    def download(repository, file, local_dir):
        calls.append((repository, file))
        target = Path(local_dir) / file
        target.write_bytes(published.read_bytes())
        return str(target)

    hub = ModuleType("huggingface_hub")
    hub.hf_hub_download = download
    return hub


def test_without_weights_the_error_says_what_to_get_from_where_and_how():
    with pytest.raises(EncoderError) as error:
        load_encoder("tiny")
    for part in ("tiny.pt", "https://huggingface.co/owner/tiny", "CC BY-NC 4.0", "non-commercial", "pull tiny`"):
        assert part in str(error.value)
    with pytest.raises(EncoderError, match=r"drive\.google\.com/open\?id=1a2b.*browser.*pull tiny --file PATH`"):
        find_weights("tiny", DRIVE)


@pytest.mark.parametrize("checkpoint", [HUB, DRIVE])
def test_a_file_pulled_by_hand_is_checked_kept_and_found(monkeypatch, tmp_path, file, checkpoint):
    monkeypatch.setattr(Tiny, "checkpoint", checkpoint)
    path = pull("tiny", file=file, echo=lambda line: None)
    assert path == tmp_path / "cache" / "ecglens" / "weights" / "tiny" / "tiny.pt"
    assert path.read_bytes() == file.read_bytes()
    assert load_encoder("tiny").weights_sha256 == pinned(path) == sha256_of(file)
    assert pull("tiny", file=file, echo=lambda line: None) == path


def test_a_pull_from_the_hub_shows_the_licence_first(monkeypatch, tmp_path, file):
    said = []
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub_with(file, said))
    path = pull("tiny", cache=tmp_path / "mine", echo=said.append)
    assert path == find_weights("tiny", HUB, cache=tmp_path / "mine")
    assert said[0] == "tiny: tiny.pt (1,234,567 bytes) from https://huggingface.co/owner/tiny"
    assert said[1] == "licence: CC BY-NC 4.0 (non-commercial use only)"
    assert said[2] == ("owner/tiny", "tiny.pt")
    assert said[3] == f"sha256: {sha256_of(file)} (none is known to compare with; pinned)"


def test_a_pull_that_cannot_download_says_what_to_do(monkeypatch):
    with pytest.raises(EncoderError, match=r"ecglens\[hub\].*huggingface\.co/owner/tiny.*--file PATH"):
        pull("tiny", echo=lambda line: None)
    monkeypatch.setattr(Tiny, "checkpoint", DRIVE)
    with pytest.raises(EncoderError, match=r"drive\.google\.com/open\?id=1a2b.*--file PATH"):
        pull("tiny", echo=lambda line: None)


def test_a_failed_download_says_why(monkeypatch, file):
    hub = hub_with(file.with_name("nowhere"), [])
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    with pytest.raises(EncoderError, match=r"download failed .*nowhere.*--file PATH"):
        pull("tiny", echo=lambda line: None)


@pytest.mark.parametrize("error", [RuntimeError("CAS service error"), EOFError("closed"), ConnectionError("reset")])
def test_a_download_that_breaks_off_names_the_way_out(monkeypatch, error):
    def broken(*_args, **_options):
        raise error

    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(hf_hub_download=broken))
    with pytest.raises(EncoderError, match=f"download failed .{type(error).__name__}: .*--file PATH"):
        pull("tiny", echo=lambda line: None)


def test_a_file_that_does_not_fit_is_not_used(monkeypatch, tmp_path):
    wrong = write(tmp_path / "browser" / "wrong.pt", torch.ones(2, 4))
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub_with(wrong, []))
    for file in (wrong, None):
        with pytest.raises(EncoderError, match="1 misshaped: weight"):
            pull("tiny", file=file, echo=lambda line: None)
        with pytest.raises(EncoderError, match="ecglens encoders pull tiny"):
            load_encoder("tiny")


def test_a_file_other_than_the_known_or_the_pinned_one_is_refused(monkeypatch, tmp_path, file):
    pull("tiny", file=file, echo=lambda line: None)
    other = write(tmp_path / "browser" / "other.pt", torch.zeros(2, 3))
    with pytest.raises(EncoderError, match=f"{sha256_of(other)}.*{sha256_of(file)} was pinned.*delete"):
        pull("tiny", file=other, echo=lambda line: None)
    assert load_encoder("tiny").weights_sha256 == sha256_of(file)
    monkeypatch.setattr(Tiny, "checkpoint", Checkpoint("tiny.pt", "huggingface:owner/tiny", "MIT", sha256="ab" * 32))
    with pytest.raises(EncoderError, match=f"{sha256_of(file)}.*{'ab' * 32}"):
        pull("tiny", file=file, echo=lambda line: None)


def test_only_encoders_with_weights_can_be_pulled():
    for name in ("age-sex", "tiny@untrained"):
        with pytest.raises(ConfigError, match="no published weights"):
            pull(name, echo=lambda line: None)


def test_links_in_the_cache_are_replaced_and_not_written_through(tmp_path, file):
    folder, precious = tmp_path / "cache" / "ecglens" / "weights" / "tiny", tmp_path / "precious"
    folder.mkdir(parents=True)
    precious.write_text("precious")
    for name in ("tiny.pt", "tiny.pt.partial", "tiny.pt.sha256.partial"):
        (folder / name).symlink_to(precious)
    path = pull("tiny", file=file, echo=lambda line: None)
    assert precious.read_text() == "precious"
    assert not path.is_symlink()
    assert path.read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("name", "published"), [("tiny", "../../x.pt"), ("tiny", "/srv/x.pt"), ("../tiny", "x.pt"), ("/tiny", "x.pt")]
)
def test_names_that_leave_the_cache_are_refused(monkeypatch, tmp_path, file, name, published):
    monkeypatch.setattr(Tiny, "card", EncoderCard(name, dim=2))
    monkeypatch.setattr(Tiny, "checkpoint", Checkpoint(published, "huggingface:owner/tiny", "MIT"))
    before = sorted(tmp_path.rglob("*"))
    for attempt in (lambda: pull("tiny", file=file, echo=lambda line: None), lambda: load_encoder("tiny")):
        with pytest.raises(EncoderError, match="outside the cache"):
            attempt()
    assert sorted(tmp_path.rglob("*")) == before


def test_an_encoder_is_kept_under_its_own_name_however_it_was_called(file):
    pull("tiny_encoders:Tiny", file=file, echo=lambda line: None)
    assert load_encoder("tiny").weights_sha256 == load_encoder("tiny_encoders:Tiny").weights_sha256 == sha256_of(file)
