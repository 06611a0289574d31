"""What a run folder may be."""

import errno
from pathlib import Path

import pytest

from ecglens.errors import StoreError
from ecglens.study.folder import check_folder, only_run


@pytest.fixture
def root(tmp_path) -> Path:
    folder = tmp_path / "data" / "georgia"
    folder.mkdir(parents=True)
    (folder / "E00001.hea").touch()
    (tmp_path / "file").touch()
    return folder


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("file", "cannot be a run folder: Not a directory"),
        ("file/below", "file is not a writable folder"),
        ("n" * 300, "…: cannot be a run folder: File name too long"),
        ("data/georgia", "is inside the data set"),
        ("data/georgia/runs/first", "is inside the data set"),
        ("link/runs", "is inside the data set"),
        (".", "contains 'file' but no run. Choose an empty or a new folder"),
    ],
)
def test_what_cannot_be_a_run_folder_is_refused_and_left_as_it_is(root, tmp_path, out, message) -> None:
    (tmp_path / "link").symlink_to(root)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StoreError, match=message):
        check_folder(tmp_path / out, [root])
    assert sorted(tmp_path.rglob("*")) == before


def test_new_and_empty_folders_and_those_of_a_run_are_taken(root, tmp_path) -> None:
    run = tmp_path / "runs" / "first"
    check_folder(run, [root])
    check_folder(tmp_path / "data", [root])  # holds nothing but the data set
    with only_run(run):
        (run / "notes.txt").touch()
    check_folder(run, [root])


def test_a_folder_that_cannot_be_made_is_refused() -> None:
    with pytest.raises(StoreError, match="/proc/x: cannot be a run folder"), only_run(Path("/proc/x")):
        pass


def test_one_run_at_a_time(tmp_path) -> None:
    refused = pytest.raises(StoreError, match="another process")
    with only_run(tmp_path), refused, only_run(tmp_path):
        pass


def test_the_lock_follows_no_link(tmp_path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("content")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".lock").symlink_to(precious)
    with pytest.raises(StoreError, match="cannot be a run folder"), only_run(tmp_path / "run"):
        pass
    assert precious.read_text() == "content"


@pytest.mark.parametrize("file", [None, "results/probe/cell.parquet"])
def test_a_disk_that_is_full_while_the_run_lasts_is_one_message(tmp_path, file) -> None:
    refused = pytest.raises(StoreError, match=r"No space left on device\. .*run the same command again")
    with refused as caught, only_run(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device", file)
    assert str(caught.value).startswith(f"{file or tmp_path}: ")
    with only_run(tmp_path):
        pass
