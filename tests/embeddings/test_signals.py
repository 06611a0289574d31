"""What could not be read this time, or has changed since it was indexed, is never remembered."""

import numpy as np
import pytest

from ecglens.datasets.base import Index
from ecglens.datasets.card import DatasetCard
from ecglens.datasets.validate.inspection import inspect_records
from ecglens.embeddings import extract, extract_poolings, load_embeddings
from ecglens.embeddings.signals import CHANGED, prepare_chunk
from ecglens.encoders import EncoderCard, Recipe
from ecglens.errors import StoreError
from ecglens.records import READ_ERROR, Defect, record_table

CARD = DatasetCard("flaky", "", "1", "", "", "", "", "scp-ecg", None, None, False, "")
N = 20


class Flaky:
    """Records of which some raise for a while; a batch that holds one of them raises as a whole."""

    name, card = "flaky", CARD

    def __init__(self, root) -> None:
        self.root = root
        signals = np.random.default_rng(0).normal(size=(N, 12, 50)).astype(np.float32)
        self.signals = {f"r{number}": signal for number, signal in enumerate(signals)}
        self.locked: set[str] = set()
        self.gone: set[str] = set()

    def index(self) -> Index:
        return Index(record_table({"record_id": name, "fs": 100.0, "codes": []} for name in self.signals), ())

    def read(self, ids):
        if self.locked & set(ids):
            raise BlockingIOError(11, "unable to lock file")
        return [
            Defect(name, "missing-file", "no such file") if name in self.gone else self.signals[name] for name in ids
        ]


class Mean:
    card, recipe = EncoderCard("mean", dim=12), Recipe()

    def encode(self, batch):
        return batch.signals.mean(axis=2)[:, None]


@pytest.fixture
def dataset(tmp_path) -> Flaky:
    return Flaky(tmp_path)


def test_an_inspection_names_them_and_goes_on(dataset) -> None:
    dataset.locked = {"r0", "r7"}
    found = inspect_records(dataset, batch=8)
    assert {(defect.record_id, defect.reason) for defect in found.defects} == {("r0", READ_ERROR), ("r7", READ_ERROR)}
    assert len(found.records) == N - 2


@pytest.mark.parametrize("indexed", [True, False])
def test_what_could_not_be_read_is_tried_again(dataset, tmp_path, indexed) -> None:
    records = inspect_records(dataset).records if indexed else dataset.index().records
    whole = extract(dataset, records, Mean(), tmp_path / "whole", chunk=8)
    dataset.locked = {"r2", "r13"}
    first = extract(dataset, records, Mean(), tmp_path / "store", chunk=8)
    assert {name: defect.reason for name, defect in first.unread.items()} == dict.fromkeys(("r2", "r13"), READ_ERROR)
    assert (first.defects, len(first.record_ids)) == ((), N - 2)
    with pytest.raises(StoreError, match="2 of 20 rows are missing"):
        load_embeddings(first.folders)
    matrix, found = load_embeddings(first.folders, unread=first.unread).take(["r1", "r2"])
    assert found.tolist() == [True, False]
    np.testing.assert_array_equal(matrix, whole.take(["r1"])[0])
    dataset.locked = set()
    again = extract(dataset, records, Mean(), tmp_path / "store", chunk=8)
    assert not again.unread
    np.testing.assert_array_equal(again.matrix, whole.matrix)
    for name in ("matrix", "state", "checksum"):
        assert (again.folders[0] / f"{name}.npy").read_bytes() == (whole.folders[0] / f"{name}.npy").read_bytes()


def test_a_record_that_is_finished_stays_so_when_a_neighbour_is_tried_again(dataset, tmp_path) -> None:
    records = inspect_records(dataset).records
    dataset.locked = {"r2"}
    extract(dataset, records, Mean(), tmp_path / "store", chunk=8)
    dataset.locked = {"r3"}
    found = extract(dataset, records, Mean(), tmp_path / "store", chunk=8)
    assert not found.unread
    assert len(found.matrix) == N


def test_a_signal_that_changed_is_not_stored_under_its_old_digest(dataset, tmp_path) -> None:
    records = inspect_records(dataset).records
    whole = extract(dataset, records, Mean(), tmp_path / "whole")
    before = dataset.signals["r5"]
    dataset.signals["r5"] = dataset.signals["r6"]
    changed = extract_poolings(dataset, records, Mean(), tmp_path / "store", ["mean", "max"])
    for found in changed.values():
        assert {name: defect.reason for name, defect in found.unread.items()} == {"r5": CHANGED}
        assert found.take(["r5"])[1].tolist() == [False]
    dataset.signals["r5"] = before
    np.testing.assert_array_equal(extract(dataset, records, Mean(), tmp_path / "store").matrix, whole.matrix)


@pytest.mark.parametrize("indexed", [True, False])
def test_a_defect_is_remembered_unless_the_record_was_readable_when_it_was_indexed(dataset, tmp_path, indexed) -> None:
    records = inspect_records(dataset).records if indexed else dataset.index().records
    dataset.gone = {"r9"}
    found = extract(dataset, records, Mean(), tmp_path / "store")
    kept, passed = ([], ["r9"]) if indexed else (["r9"], [])
    assert [defect.record_id for defect in found.defects] == kept
    assert list(found.unread) == passed
    dataset.gone = set()
    assert len(extract(dataset, records, Mean(), tmp_path / "store").record_ids) == N - len(kept)


def test_when_nothing_can_be_read_all_records_are_unread(dataset, tmp_path) -> None:
    records = inspect_records(dataset).records
    dataset.locked = set(dataset.signals)
    found = extract(dataset, records, Mean(), tmp_path)
    assert list(found.unread) == list(records.index)
    assert found.matrix.shape == (0, 12)


def test_rows_of_a_chunk_are_batches_defects_or_unread(dataset) -> None:
    records = inspect_records(dataset).records.iloc[4:10]
    dataset.signals["r6"] = dataset.signals["r7"]
    dataset.signals["r8"] = dataset.signals["r8"].astype(float)
    dataset.gone = {"r9"}
    fresh = records.assign(signal_digest=records["signal_digest"].where(records.index != "r9"))
    chunk = prepare_chunk(dataset, fresh, Mean())
    assert list(chunk.ids) == ["r4", "r5", "r6", "r7", "r8", "r9"]
    assert {row: defect.reason for row, defect in chunk.defects.items()} == {5: "missing-file"}
    assert {row: defect.reason for row, defect in chunk.unread.items()} == {2: CHANGED, 4: "dtype"}
    ((rows, batch),) = chunk.batches
    assert rows == [0, 1, 3]
    np.testing.assert_array_equal(batch.signals, np.stack([dataset.signals[f"r{4 + row}"] for row in rows]))
    assert batch.records.index.tolist() == ["r4", "r5", "r7"]


def test_the_digest_is_of_every_sample(dataset) -> None:
    records = inspect_records(dataset).records
    moved = dataset.signals["r3"].copy()
    moved[-1, -1] = np.nextafter(moved[-1, -1], np.float32(9))
    dataset.signals["r3"] = moved
    assert list(prepare_chunk(dataset, records, Mean()).unread) == [3]
    assert not prepare_chunk(dataset, records.drop(columns="signal_digest"), Mean()).unread
