import importlib
import shutil
import sys

import pytest

from ecglens.embeddings import provenance
from ecglens.embeddings.provenance import code_digest
from ecglens.encoders.baselines.signal_features import SignalFeatures
from ecglens.errors import EncoderError


@pytest.fixture
def encoder(tmp_path, monkeypatch):
    """A class whose parent lies in a file of its own, beside a copy of the package."""
    (tmp_path / "encoder_parents.py").write_text("class Parent: ...")
    (tmp_path / "encoder_mine.py").write_text(
        "import encoder_parents, torch\nclass Mine(encoder_parents.Parent, torch.nn.Module): ..."
    )
    shutil.copytree(provenance.PACKAGE, tmp_path / "ecglens", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(provenance, "PACKAGE", tmp_path / "ecglens")
    yield importlib.import_module("encoder_mine").Mine
    del sys.modules["encoder_mine"], sys.modules["encoder_parents"]


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("encoder_mine.py", True),
        ("encoder_parents.py", True),
        ("ecglens/encoders/nn/vit.py", True),
        ("ecglens/signals/filters.py", True),
        ("ecglens/probes/trees.py", False),
    ],
)
def test_edited_code_makes_new_embeddings(encoder, tmp_path, file, counts) -> None:
    before = code_digest(encoder)
    (tmp_path / file).write_text((tmp_path / file).read_text() + "\n# edited")
    assert (code_digest(encoder) != before) is counts


def test_installed_packages_do_not_count(encoder) -> None:
    sources = [provenance._source(part) for part in encoder.__mro__]
    assert [path.name for path in sources if path and provenance._is_users(path)] == [
        "encoder_mine.py",
        "encoder_parents.py",
    ]


def test_an_encoder_of_ours_and_one_of_a_user_have_digests_of_their_own(encoder) -> None:
    assert code_digest(encoder) != code_digest(SignalFeatures)


def test_a_class_without_a_file_is_refused() -> None:
    typed: dict[str, type] = {"__name__": "console"}
    exec("class Typed: ...", typed)  # noqa: S102
    with pytest.raises(EncoderError, match="Typed: its code lies in no file"):
        code_digest(typed["Typed"])
