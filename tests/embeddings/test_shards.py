"""Many shards read as one; each is damaged, healed and embedded by itself."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ecglens.datasets.base import Index
from ecglens.datasets.card import DatasetCard
from ecglens.embeddings import extract, extract_poolings, load_embeddings
from ecglens.embeddings.extract import CHUNK, find_poolings
from ecglens.embeddings.shards import SHARD, list_shards, shard_bounds
from ecglens.encoders import EncoderCard, Recipe
from ecglens.errors import StoreError
from ecglens.records import Defect, record_table

N, SIZE = 100, 32


class Source:
    """Signals of noise; one cannot be read."""

    name, root = "made-up", None
    card = DatasetCard("made-up", "", "1", "", "", "", "", "scp-ecg", None, None, False, "")

    def __init__(self) -> None:
        signals = np.random.default_rng(0).normal(size=(N, 12, 50)).astype(np.float32)
        self.signals = {f"r{number}": signal for number, signal in enumerate(signals)}

    def index(self) -> Index:
        return Index(record_table({"record_id": name, "fs": 100.0} for name in self.signals), ())

    def read(self, ids):
        return [Defect(name, "truncated", "cut") if name == "r40" else self.signals[name] for name in ids]


class Product:
    """Matrix products whose last bits depend on the batch; counts its calls."""

    card, recipe = EncoderCard("product", dim=8), Recipe()

    def __init__(self) -> None:
        self.weights = np.random.default_rng(1).normal(size=(600, 8)).astype(np.float32)
        self.sizes: list[int] = []

    def encode(self, batch):
        self.sizes.append(len(batch.signals))
        return (batch.signals.reshape(len(batch.signals), -1) @ self.weights)[:, None]


def embed(store, encoder=None, shard=SIZE, records=None):
    source = Source()
    records = source.index().records if records is None else records
    return extract_poolings(source, records, encoder or Product(), store, ["mean"], shard=shard)["mean"]


@pytest.fixture
def sharded(tmp_path):
    return embed(tmp_path / "shards")


def test_a_shard_is_a_whole_number_of_chunks() -> None:
    assert SHARD % CHUNK == 0


@pytest.mark.parametrize("n", [0, 1, 31, 32, 33, 64, 100])
def test_bounds_cover_every_record_once(n) -> None:
    bounds = shard_bounds(n, SIZE)
    assert [number for start, stop in bounds for number in range(start, stop)] == list(range(n))
    assert all(stop - start == SIZE for start, stop in bounds[:-1])


def test_shards_change_neither_batches_nor_embeddings(tmp_path, sharded) -> None:
    one, many = Product(), Product()
    whole = embed(tmp_path / "one", one, shard=SHARD)
    parts = embed(tmp_path / "many", many)
    assert (len(whole.folders), len(parts.folders)) == (1, 4)
    assert one.sizes == many.sizes
    assert whole.record_ids.tolist() == parts.record_ids.tolist()
    np.testing.assert_array_equal(whole.matrix, parts.matrix)
    assert whole.defects == parts.defects == (Defect("r40", "truncated", "cut"),)


def test_shards_that_are_embedded_at_once_and_apart_are_the_same(tmp_path, sharded) -> None:
    records = Source().index().records
    parts = [records.iloc[start:stop] for start, stop in shard_bounds(N, SIZE)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda part: embed(tmp_path / "apart", records=part), parts))
    folders = [folder for part in found for folder in part.folders]
    assert [folder.name for folder in folders] == [folder.name for folder in sharded.folders]
    again = load_embeddings(folders)
    assert again.record_ids.tolist() == sharded.record_ids.tolist()
    np.testing.assert_array_equal(again.matrix, sharded.matrix)


def test_rows_are_taken_across_shards_in_the_order_asked_for(sharded) -> None:
    asked = ["r99", "r0", "nobody", "r40", "r33", "r1", "r99"]
    matrix, found = sharded.take(asked)
    assert found.tolist() == [True, True, False, False, True, True, True]
    place = {name: row for row, name in enumerate(sharded.record_ids)}
    kept = [place[name] for name, there in zip(asked, found, strict=True) if there]
    np.testing.assert_array_equal(matrix, sharded.matrix[kept])
    assert sharded.take([])[0].shape == (0, 8)


def test_one_path_stands_for_all_shards(sharded) -> None:
    path = list_shards(sharded.folders)
    assert load_embeddings(path).folders == sharded.folders
    assert list_shards(sharded.folders) == path
    assert list_shards(sharded.folders[:1]) == sharded.folders[0]
    assert list_shards(sharded.folders[::-1]) != path


@pytest.mark.parametrize("content", [b"", b"{}", b'{"shards": ["../elsewhere"], "seal": ""}'])
def test_a_damaged_list_of_shards_is_refused_and_written_again(sharded, content) -> None:
    path = list_shards(sharded.folders)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        load_embeddings(path)
    assert load_embeddings(list_shards(sharded.folders)).folders == sharded.folders


def test_no_folder_is_no_store() -> None:
    with pytest.raises(StoreError, match="no folder"):
        load_embeddings([])


def cut(path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flip(path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [cut, flip, lambda path: path.unlink()])
@pytest.mark.parametrize("name", ["matrix.npy", "state.npy", "checksum.npy", "record_ids.npy", "provenance.json"])
def test_a_damaged_shard_is_recognised_and_it_alone_embedded_again(tmp_path, sharded, name, damage) -> None:
    expected = sharded.matrix
    damage(sharded.folders[1] / name)
    with pytest.raises(StoreError, match="Run again"):
        _ = load_embeddings(sharded.folders).matrix
    encoder = Product()
    again = embed(tmp_path / "shards", encoder)
    assert sum(encoder.sizes) <= SIZE
    np.testing.assert_array_equal(again.matrix, expected)
    assert again.folders == sharded.folders


def test_other_shards_serve_their_rows_when_one_is_damaged(sharded) -> None:
    flip(sharded.folders[1] / "matrix.npy")
    again = load_embeddings(sharded.folders)
    assert again.take(["r0", "r99"])[1].all()
    with pytest.raises(StoreError, match="1 of 1 embeddings are damaged, the first of record r63"):
        again.take(["r0", "r63"])


def test_a_shard_gone_is_no_whole_store(sharded) -> None:
    sharded.folders[2].rename(sharded.folders[2].with_name("elsewhere"))
    with pytest.raises(StoreError, match="not a store"):
        load_embeddings(sharded.folders)


def test_other_records_leave_the_shards_before_them_as_they_are(tmp_path, sharded) -> None:
    encoder = Product()
    records = Source().index().records
    again = embed(tmp_path / "shards", encoder, records=records.drop("r70"))
    assert again.folders[:2] == sharded.folders[:2]
    assert sum(encoder.sizes) == N - 1 - 2 * SIZE


def test_facts_that_shards_do_not_share_are_left_out(sharded) -> None:
    facts = sharded.provenance
    assert facts["encoder"]["name"] == "product"
    assert facts["dataset"] == {"name": "made-up", "version": "1"}
    assert load_embeddings(sharded.folders[0]).provenance["layout"]["shape"] == [SIZE, 8]


def test_progress_counts_records_of_all_shards(tmp_path) -> None:
    seen = []
    source = Source()
    extract(source, source.index().records, Product(), tmp_path, on_progress=lambda *place: seen.append(place))
    extract_poolings(
        source,
        source.index().records,
        Product(),
        tmp_path,
        ["mean"],
        shard=SIZE,
        on_progress=lambda *place: seen.append(place),
    )
    assert seen == [(32, N), (64, N), (96, N), (N, N)] * 2


def test_what_is_stored_is_found_without_computing_or_writing(tmp_path, sharded) -> None:
    source, encoder = Source(), Product()
    records = source.index().records

    def find(root, rows=records):
        return find_poolings(source, rows, encoder, root, ["mean"], shard=SIZE)["mean"]

    np.testing.assert_array_equal(find(tmp_path / "shards").matrix, sharded.matrix)
    with pytest.raises(StoreError):
        find(tmp_path / "nothing")
    with pytest.raises(StoreError):
        find(tmp_path / "shards", records.drop("r70"))
    assert not (tmp_path / "nothing").exists()
    assert not encoder.sizes


def test_no_records_are_one_empty_shard(tmp_path) -> None:
    found = embed(tmp_path, records=Source().index().records.iloc[:0])
    assert found.matrix.shape == (0, 8)
    assert len(load_embeddings(found.folders).record_ids) == 0
