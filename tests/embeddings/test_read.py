import numpy as np
import pytest

from ecglens.embeddings.read import digest, read_shard
from ecglens.embeddings.store import EmbeddingStore, store_name
from ecglens.errors import StoreError
from ecglens.records import Defect

IDS = ["c", "a", "b", "d"]
MATRIX = np.arange(8, dtype=np.float32).reshape(4, 2)


@pytest.fixture
def folder(tmp_path):
    store = EmbeddingStore(tmp_path, {"encoder": "x"}, IDS, 2)
    store.write(np.array([0, 1, 3]), MATRIX[[0, 1, 3]], {1: Defect("a", "recipe", "too short")})
    return store.folder


def test_finished_rows_are_taken_by_their_place(folder) -> None:
    shard = read_shard(folder, unread=["b"])
    assert shard.record_ids.tolist() == ["c", "d"]
    assert shard.defects == (Defect("a", "recipe", "too short"),)
    np.testing.assert_array_equal(shard.take(np.array([1, 0])), MATRIX[[3, 0]])


@pytest.mark.parametrize("unread", [[], ["c"], ["a"]])
def test_other_rows_than_those_named_may_not_be_missing(folder, unread) -> None:
    with pytest.raises(StoreError, match="1 of 4 rows are missing"):
        read_shard(folder, unread=unread)


def test_the_name_of_a_finished_folder_is_known_before_there_is_one(tmp_path, folder) -> None:
    store = EmbeddingStore(tmp_path, {"encoder": "x"}, IDS, 2)
    store.write(np.array([2]), MATRIX[[2]], {})
    finished = store.shard({}).folder
    assert finished.name == store_name({"encoder": "x"}, IDS, 2) == digest(store.provenance)
    assert finished.name != store_name({"encoder": "x"}, IDS[::-1], 2)
