"""Files behind links, in hidden and unreadable folders; what is a fact and what may pass."""

import errno
import os
import stat

import pytest

from ecglens.datasets.files import excerpt, find, opened, read_failure, signature, walk
from ecglens.errors import RecordError


def names(*folders, hidden=False):
    return sorted(path.name for path, error in walk(*folders, hidden=hidden) if error is None)


@pytest.fixture
def tree(tmp_path):
    """A root with a folder, a link to a folder elsewhere that leads back, and hidden ones."""
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    for folder in (root / "g1", root / ".hidden", elsewhere / "deep"):
        folder.mkdir(parents=True)
    for file in ("root/g1/a.hea", "root/.hidden/b.hea", "root/g1/._a.hea", "elsewhere/c.HEA", "elsewhere/deep/d.hea"):
        (tmp_path / file).write_text(file)
    (root / "g2").symlink_to(elsewhere)
    (root / "g3").symlink_to(root / "g1")
    (elsewhere / "back").symlink_to(root)
    (root / "loop").symlink_to(root / "loop")
    return root


def test_links_are_followed_once_and_hidden_ones_left_out(tree):
    assert names(tree) == ["a.hea", "c.HEA", "d.hea", "loop"]
    assert names(tree / ".hidden") == ["b.hea"]
    assert names(tree, hidden=True) == ["._a.hea", "a.hea", "b.hea", "c.HEA", "d.hea", "loop"]


def test_the_path_without_links_is_the_one_that_is_found(tree):
    found, defects = find([tree], [".hea"])
    assert sorted(str(path.relative_to(tree)) for path in found) == ["g1/a.hea", "g2/c.HEA", "g2/deep/d.hea"]
    assert [(defect.record_id, defect.reason) for defect in defects] == [("loop", "missing-file")]


def test_links_to_nothing_and_missing_folders_are_named(tmp_path):
    (tmp_path / "g1").symlink_to(tmp_path / "not mounted")
    _, defects = find([tmp_path, tmp_path / "gone"], [".hea"])
    assert [(defect.record_id, defect.reason) for defect in defects] == [
        ("g1", "missing-file"),
        ("gone", "missing-file"),
    ]


def test_folders_without_permission_are_named_and_tried_again(tree, monkeypatch):
    real = os.scandir

    def scandir(folder):
        if folder.name == "g1":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    found, defects = find([tree], [".hea"])
    assert [path.name for path in found] == ["c.HEA", "d.hea"]
    assert ("g1", "read-error", True) in [(defect.record_id, defect.reason, defect.passing) for defect in defects]


def test_the_signature_sees_a_change_behind_a_link(tree):
    before = signature(tree)
    (tree / "g2" / "deep" / "d.hea").write_text("longer than before")
    changed = signature(tree)
    assert {name for name in before if before[name] != changed[name]} == {"g2/deep/d.hea"}
    (tree / "g2" / "new.mat").touch()
    assert set(signature(tree)) - set(changed) == {"g2/new.mat"}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ENOENT, "missing-file"),
        (errno.ENOTDIR, "missing-file"),
        (errno.EISDIR, "unreadable"),
        (errno.ENAMETOOLONG, "unreadable"),
        *((code, "read-error") for code in (errno.EIO, errno.EAGAIN, errno.EACCES, errno.ESTALE, errno.ETIMEDOUT)),
        *((code, "read-error") for code in (errno.EMFILE, errno.ENOMEM, errno.ENOLCK, errno.EINTR)),
    ],
)
def test_facts_and_what_may_pass(tmp_path, code, reason):
    assert read_failure(tmp_path, OSError(code, "x")).reason == reason
    by_hdf5 = OSError(
        f"Can't synchronously read data (file read failed: time = now, errno = {code}, error message = 'x')"
    )
    assert read_failure(tmp_path, by_hdf5).reason == reason


def test_want_of_memory_may_pass(tmp_path):
    assert read_failure(tmp_path, MemoryError()).reason == "read-error"


def test_an_error_while_reading_may_pass(tmp_path):
    (tmp_path / "a.mat").touch()
    with pytest.raises(RecordError) as caught, opened(tmp_path / "a.mat"):
        raise OSError(errno.EIO, "Input/output error")
    assert caught.value.reason == "read-error"


def test_pipes_and_devices_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "a.mat")
    (tmp_path / "b.mat").symlink_to("/dev/zero")
    assert stat.S_ISFIFO((tmp_path / "a.mat").stat().st_mode)
    for name in ("a.mat", "b.mat"):
        with pytest.raises(RecordError, match="unreadable"), opened(tmp_path / name):
            pass


def test_excerpts_show_nothing_that_lies_behind_a_link(tmp_path):
    (tmp_path / "a.hea").write_text("secret")
    (tmp_path / "b.hea").symlink_to(tmp_path / "a.hea")
    assert excerpt(tmp_path / "a.hea", "V1\x1b[31m") == r"'V1\x1b[31m'"
    assert "secret" not in excerpt(tmp_path / "b.hea", "secret")
