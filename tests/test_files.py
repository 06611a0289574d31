"""Sealed files: a change of any byte is noticed, and readers of Parquet and JSON read them as they are."""

import errno
import json
import os

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from ecglens.errors import StoreError, WriteError
from ecglens.files import (
    BLANK,
    SEAL,
    is_whole,
    read_json,
    read_schema,
    read_table,
    sweep,
    write_atomically,
    write_json,
    write_table,
)

FRAME = pd.DataFrame({"record_id": ["a", "b", (SEAL + BLANK).decode()], "value": [0.5, np.nan, 2.0], "fold": [0, 1, 2]})


def test_parquet_is_what_was_written_to_us_and_to_others(tmp_path) -> None:
    path = tmp_path / "deep" / "cell.parquet"
    write_table(path, FRAME, {"seed": 7, "sets": {"b", "a"}})
    for read in (read_table, pd.read_parquet, lambda path: pq.read_table(path).to_pandas()):
        pd.testing.assert_frame_equal(read(path), FRAME)
    assert read_schema(path)[1] == {"seed": 7, "sets": ["a", "b"]}


def test_json_is_what_was_written_to_us_and_to_others(tmp_path) -> None:
    facts = {"a": [1, None], "b": {"c": (SEAL + BLANK).decode()}}
    write_json(tmp_path / "facts.json", facts)
    assert read_json(tmp_path / "facts.json") == facts
    others = json.loads((tmp_path / "facts.json").read_text())
    assert others.pop("seal").startswith("ecglens-sha256:")
    assert others == facts


@pytest.mark.parametrize("kind", ["json", "parquet"])
def test_a_flipped_bit_is_noticed_wherever_it_is(tmp_path, kind) -> None:
    path = tmp_path / f"file.{kind}"
    write_json(path, {"a": 1}) if kind == "json" else write_table(path, FRAME)
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1 << place % 8]) + content[place + 1 :])
        assert not is_whole(path), f"byte {place}"
    path.write_bytes(content)
    assert is_whole(path)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: b"",
        lambda content: bytes(len(content)),
        lambda content: os.urandom(len(content)),
        lambda content: SEAL,
        lambda content: SEAL + BLANK,
    ],
)
@pytest.mark.parametrize("read", [read_table, read_json, read_schema])
def test_a_damaged_file_is_named_with_the_remedy(tmp_path, spoil, read) -> None:
    path = tmp_path / "file"
    write_table(path, FRAME)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(StoreError, match=r"/file: the file is damaged.* Run the study again"):
        read(path)


def test_what_is_no_file_is_not_whole(tmp_path) -> None:
    assert not is_whole(tmp_path)
    assert not is_whole(tmp_path / "nothing")
    with pytest.raises(StoreError, match=r"nothing: cannot be read: No such file"):
        read_table(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "Free some space and run again"),
        (errno.EDQUOT, "Free some space and run again"),
        (errno.EROFS, "Use a folder that can be written"),
    ],
)
def test_a_write_that_fails_is_named_and_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch, number, remedy) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(WriteError, match=rf"/file: cannot be written: {os.strerror(number)}\. {remedy}"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_names_that_no_file_can_have_are_an_error_with_a_remedy(tmp_path) -> None:
    with pytest.raises(WriteError, match="Use shorter names"):
        write_atomically(tmp_path / ("n" * 300), b"")
    write_atomically(tmp_path / ("n" * 255), b"as long as can be")


def test_an_empty_folder_in_the_way_is_replaced_and_a_full_one_is_not(tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    write_atomically(tmp_path / "empty", b"file")
    assert (tmp_path / "empty").read_bytes() == b"file"
    (tmp_path / "full" / "mine").mkdir(parents=True)
    with pytest.raises(WriteError, match="full: cannot be written"):
        write_atomically(tmp_path / "full", b"file")
    assert (tmp_path / "full" / "mine").is_dir()


def test_a_link_is_replaced_and_its_target_is_not_written(tmp_path) -> None:
    (tmp_path / "target").write_bytes(b"mine")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_atomically(tmp_path / "link", b"file")
    assert (tmp_path / "target").read_bytes() == b"mine"
    assert (tmp_path / "link").read_bytes() == b"file"


def test_the_mode_of_a_file_is_the_users(tmp_path) -> None:
    before = os.umask(0o002)
    try:
        write_atomically(tmp_path / "file", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o664


def test_a_sweep_removes_what_killed_processes_left_and_nothing_else(tmp_path) -> None:
    part = f".{'0123456789abcdef'}.part"
    strays = [part, f"results/probe/{part}", f"records/{part}", "embeddings/.conv__georgia.done"]
    kept = [".git/config", ".notes.part", f"mine/deep/{part}", "results/probe/a.parquet", ".done", ".lock"]
    for name in [*strays, f"embeddings/{part}/matrix.npy", *kept]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    sweep(tmp_path)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == sorted(kept)
    assert not (tmp_path / "embeddings" / part).exists()
