"""A damaged store: no wrong value is ever served, and what is damaged, but nothing else, is embedded again."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from ecglens.embeddings import load_embeddings
from ecglens.embeddings.store import EmbeddingStore
from ecglens.errors import StoreError, WriteError
from ecglens.records import Defect

N, DIM = 12, 5
IDS = [f"r{number}" for number in range(N)]
MATRIX = np.random.default_rng(0).normal(size=(N, DIM)).astype(np.float32)
LEFT_OUT = {4: Defect("r4", "recipe", "too short"), 7: Defect("r7", "embedding", "not finite")}
FACTS = {"encoder": "x", "options": {"b": (1, 2), "a": {3}}}


@pytest.fixture
def store(tmp_path) -> EmbeddingStore:
    made = EmbeddingStore(tmp_path, FACTS, IDS, DIM)
    made.write(np.arange(N), MATRIX, LEFT_OUT)
    return made


def heal(store: EmbeddingStore) -> list[int]:
    """Open the store as the next run does, fill what is missing; the rows that were."""
    again = EmbeddingStore(store.folder.parent, FACTS, IDS, DIM)
    assert again.folder == store.folder
    missing = np.flatnonzero(again.missing)
    again.write(missing, MATRIX[missing], {row: LEFT_OUT[row] for row in missing.tolist() if row in LEFT_OUT})
    check(store)
    return missing.tolist()


def check(store: EmbeddingStore) -> None:
    found = load_embeddings(store.folder)
    kept = [row for row in range(N) if row not in LEFT_OUT]
    assert found.record_ids.tolist() == [IDS[row] for row in kept]
    np.testing.assert_array_equal(found.matrix, MATRIX[kept])
    assert sorted(found.defects, key=lambda defect: defect.record_id) == list(LEFT_OUT.values())


def unchanged_or_refused(store: EmbeddingStore) -> None:
    try:
        load_embeddings(store.folder).take(IDS)
    except StoreError:
        return
    check(store)


def edit(name: str, change):
    """Read an array with NumPy, change it, save it with NumPy."""

    def spoil(folder) -> None:
        array = np.load(folder / f"{name}.npy")
        np.save(folder / f"{name}.npy", change(array))

    return spoil


def put(array, row, value):
    array[row] = value
    return array


SPOILT = {
    "matrix cut by a row": (lambda f: os.truncate(f / "matrix.npy", (f / "matrix.npy").stat().st_size - 20), [11]),
    "matrix cut to half": (lambda f: os.truncate(f / "matrix.npy", 128 + 6 * 20 - 1), [5, 6, 8, 9, 10, 11]),
    "matrix cut to its header": (lambda f: os.truncate(f / "matrix.npy", 128), None),
    "matrix empty": (lambda f: os.truncate(f / "matrix.npy", 0), None),
    "matrix longer": (edit("matrix", lambda a: np.vstack([a, a])), []),
    "matrix of garbage": (lambda f: (f / "matrix.npy").write_bytes(os.urandom(500)), None),
    "matrix like a zip file": (lambda f: (f / "matrix.npy").write_bytes(b"PK\x03\x04" + bytes(500)), None),
    "matrix gone": (lambda f: (f / "matrix.npy").unlink(), None),
    "matrix in float64": (edit("matrix", lambda a: a.astype(float)), None),
    "matrix of zeros": (edit("matrix", lambda a: a * 0), None),
    "a value is NaN": (edit("matrix", lambda a: put(a, (3, 2), np.nan)), [3]),
    "two rows are swapped": (edit("matrix", lambda a: put(a, [0, 1], a[[1, 0]])), [0, 1]),
    "states of 7": (edit("state", lambda a: put(a, 5, 7)), [5]),
    "a state says left out": (edit("state", lambda a: put(a, 5, 2)), [5]),
    "a state says done": (edit("state", lambda a: put(a, 4, 1)), [4]),
    "states all left out": (edit("state", lambda a: a * 0 + 2), [row for row in range(N) if row not in LEFT_OUT]),
    "states all done over zeros": (
        lambda f: (edit("matrix", lambda a: a * 0)(f), edit("state", lambda a: a * 0 + 1)(f)),
        range(N),
    ),
    "states all missing": (edit("state", lambda a: a * 0), range(N)),
    "states shorter": (edit("state", lambda a: a[:-1]), [11]),
    "states empty": (lambda f: os.truncate(f / "state.npy", 0), range(N)),
    "checksums gone": (lambda f: (f / "checksum.npy").unlink(), range(N)),
    "a checksum flipped": (edit("checksum", lambda a: put(a, 2, a[2] ^ np.uint64(1))), [2]),
    "ids permuted": (edit("record_ids", lambda a: a[::-1]), []),
    "ids gone": (lambda f: (f / "record_ids.npy").unlink(), []),
    "ids empty": (lambda f: os.truncate(f / "record_ids.npy", 0), []),
    "provenance empty": (lambda f: (f / "provenance.json").write_text(""), []),
    "provenance of nothing": (lambda f: (f / "provenance.json").write_text("{}"), []),
    "provenance too deep": (lambda f: (f / "provenance.json").write_text("[" * 100_000), []),
    "reasons of garbage": (
        lambda f: (f / "defects.jsonl").write_bytes(b'\xff\xfe{{{\n[]\n5\n{"row": []}\n{"row": 4}\n'),
        [4, 7],
    ),
    "reasons gone": (lambda f: (f / "defects.jsonl").unlink(), [4, 7]),
    "reasons swapped": (
        lambda f: (f / "defects.jsonl").write_text((f / "defects.jsonl").read_text().replace("short", "long")),
        [4],
    ),
    "all files gone": (lambda f: [path.unlink() for path in f.iterdir()], range(N)),
    "folder gone": (shutil.rmtree, range(N)),
    "a file in its place": (lambda f: (shutil.rmtree(f), f.write_text("x")), range(N)),
}


@pytest.mark.parametrize("case", SPOILT)
def test_what_is_damaged_and_nothing_else_is_embedded_again(store, case) -> None:
    spoil, rows = SPOILT[case]
    spoil(store.folder)
    expected = [row for row in range(N) if row not in LEFT_OUT] if rows is None else list(rows)
    assert heal(store) == expected


@pytest.mark.parametrize("case", SPOILT)
def test_a_damaged_store_serves_nothing_wrong_before_it_is_healed(store, case) -> None:
    SPOILT[case][0](store.folder)
    unchanged_or_refused(store)


def test_no_flipped_bit_of_any_file_is_served(store) -> None:
    for path in sorted(store.folder.iterdir()):
        content = path.read_bytes()
        for place in range(len(content)):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1 << place % 8]) + content[place + 1 :])
            unchanged_or_refused(store)
        path.write_bytes(content)
    check(store)


def test_rows_of_another_store_are_not_taken_for_its_own(store) -> None:
    other = EmbeddingStore(store.folder.parent, FACTS | {"encoder": "y"}, IDS, DIM)
    other.write(np.arange(N), MATRIX + 1, {})
    for name in ("matrix.npy", "state.npy", "checksum.npy"):
        shutil.copy(other.folder / name, store.folder)
    assert heal(store) == list(range(N))


def test_a_kill_between_any_two_writes_leaves_rows_missing_or_right(tmp_path, monkeypatch) -> None:
    done = EmbeddingStore(tmp_path, FACTS, IDS, DIM)
    done.write(np.arange(6), MATRIX[:6], {4: LEFT_OUT[4]})
    for writes in range(4):
        store = EmbeddingStore(tmp_path, FACTS, IDS, DIM)
        calls = iter(range(100))

        def killed(_: int, calls=calls, writes=writes) -> None:
            if next(calls) == writes:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", killed)
            with pytest.raises(KeyboardInterrupt):
                store.write(np.arange(6, N), MATRIX[6:], {7: LEFT_OUT[7]})
        again = EmbeddingStore(tmp_path, FACTS, IDS, DIM)
        assert not again.missing[:6].any()
        assert again.missing[6:].all() or not again.missing.any()
    assert heal(done) in ([], list(range(6, N)))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_an_error_that_names_the_file_and_the_remedy(store) -> None:
    (store.folder / "matrix.npy").unlink()
    (store.folder / "matrix.npy").symlink_to("/dev/full")
    with pytest.raises(WriteError, match=r"matrix\.npy: cannot be written: No space left.* run again"):
        store.write(np.arange(3), MATRIX[:3], {})


def test_other_users_of_a_shared_folder_may_read_a_store(tmp_path) -> None:
    before = os.umask(0o002)
    try:
        folder = EmbeddingStore(tmp_path / "new", FACTS, IDS, DIM).folder
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o775
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o664}
    assert json.loads((folder / "provenance.json").read_text())["options"] == {"b": [1, 2], "a": [3]}
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
