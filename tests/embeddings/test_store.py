import json

import numpy as np
import pytest

from ecglens.embeddings import load_embeddings
from ecglens.embeddings.read import digest
from ecglens.embeddings.store import EmbeddingStore
from ecglens.errors import StoreError
from ecglens.records import Defect

IDS = ["c", "a", "b"]
MATRIX = np.arange(6, dtype=np.float32).reshape(3, 2)


def test_what_is_written_is_read_back(tmp_path) -> None:
    store = EmbeddingStore(tmp_path, {"encoder": "x"}, IDS, 2)
    store.write(np.arange(3), MATRIX, {})
    found = load_embeddings(store.folder)
    assert list(found.record_ids) == IDS
    np.testing.assert_array_equal(found.matrix, MATRIX)
    assert found.provenance["encoder"] == "x"


def test_rows_are_taken_by_id_in_the_order_asked_for(tmp_path) -> None:
    store = EmbeddingStore(tmp_path, {}, IDS, 2)
    store.write(np.arange(3), MATRIX, {1: Defect("a", "recipe", "too short")})
    matrix, found = load_embeddings(store.folder).take(["b", "a", "nobody", "c"])
    np.testing.assert_array_equal(matrix, MATRIX[[2, 0]])
    np.testing.assert_array_equal(found, [True, False, False, True])


def test_records_left_out_keep_their_reason_and_have_no_row(tmp_path) -> None:
    store = EmbeddingStore(tmp_path, {}, IDS, 2)
    defect = Defect("a", "recipe", "too short")
    store.write(np.arange(3), MATRIX, {1: defect})
    found = load_embeddings(store.folder)
    assert found.defects == (defect,)
    assert list(found.record_ids) == ["c", "b"]
    assert not store.missing.any()


def test_an_unfinished_store_is_not_served(tmp_path) -> None:
    store = EmbeddingStore(tmp_path, {}, IDS, 2)
    store.write(np.array([0]), MATRIX[:1], {})
    with pytest.raises(StoreError, match="2 of 3 rows are missing"):
        load_embeddings(store.folder)
    again = EmbeddingStore(tmp_path, {}, IDS, 2)
    np.testing.assert_array_equal(again.missing, [False, True, True])


def test_other_provenance_is_another_store(tmp_path) -> None:
    one = EmbeddingStore(tmp_path, {"recipe": "a"}, IDS, 2)
    two = EmbeddingStore(tmp_path, {"recipe": "b"}, IDS, 2)
    assert one.folder != two.folder
    assert two.missing.all()


def test_a_reason_cut_short_by_a_kill_does_not_spoil_the_others(tmp_path) -> None:
    store = EmbeddingStore(tmp_path, {}, IDS, 2)
    store.write(np.arange(3), MATRIX, {1: Defect("a", "recipe", "too short")})
    whole = (store.folder / "defects.jsonl").read_text()
    (store.folder / "defects.jsonl").write_text(whole + whole + whole[:9])
    assert [defect.record_id for defect in load_embeddings(store.folder).defects] == ["a"]
    again = EmbeddingStore(tmp_path, {}, IDS, 2)
    assert (again.folder / "defects.jsonl").read_text() == whole
    again.write(np.array([0]), MATRIX[:1], {0: Defect("c", "recipe", "too long")})
    assert [defect.record_id for defect in load_embeddings(store.folder).defects] == ["c", "a"]


def test_other_records_and_another_width_are_another_store(tmp_path) -> None:
    stores = [EmbeddingStore(tmp_path, {}, ids, dim) for ids, dim in ((IDS, 2), (IDS, 3), (IDS[::-1], 2), ([], 2))]
    assert len({store.folder for store in stores}) == 4
    assert load_embeddings(stores[3].folder).matrix.shape == (0, 2)


def test_something_else_is_not_a_store(tmp_path) -> None:
    (tmp_path / "provenance.json").write_text(json.dumps({}))
    with pytest.raises(StoreError, match="not a store"):
        load_embeddings(tmp_path)


def test_digest_depends_on_content_and_not_on_order() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_a_folder_has_its_digest_as_its_name_only_if_no_row_is_missing(tmp_path) -> None:
    store = EmbeddingStore(tmp_path, {"encoder": "x"}, ["a", "b"], 3)
    name = digest(store.provenance)
    store.write(np.array([0]), np.ones((1, 3), dtype=np.float32), {})
    unread = {1: Defect("b", "read-error", "locked")}
    assert store.shard(unread).folder == tmp_path / f"partial-{name}"
    again = EmbeddingStore(tmp_path, {"encoder": "x"}, ["a", "b"], 3)
    assert again.missing.tolist() == [False, True]
    again.write(np.array([1]), np.full((1, 3), 2, dtype=np.float32), {})
    assert again.shard({}).folder == tmp_path / name
    assert [path.name for path in tmp_path.iterdir()] == [name]
    (tmp_path / name / "matrix.npy").write_bytes(b"")
    damaged = EmbeddingStore(tmp_path, {"encoder": "x"}, ["a", "b"], 3)
    assert damaged.missing.all()
    assert [path.name for path in tmp_path.iterdir()] == [f"partial-{name}"]
