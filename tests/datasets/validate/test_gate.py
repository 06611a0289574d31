"""What a reader of one's own gets wrong is refused or listed, never used."""

import errno

import numpy as np
import pandas as pd
import pytest
from tests.datasets import readers

from ecglens.datasets import Index
from ecglens.datasets.validate.gate import READER_FAILED, checked_index, checked_read
from ecglens.datasets.validate.inspection import inspect_records, summarise
from ecglens.embeddings import extract
from ecglens.encoders import load_encoder
from ecglens.errors import DatasetError, RecordError
from ecglens.records import COLUMNS, READ_ERROR, Defect, record_table


@pytest.fixture
def root(tmp_path):
    (tmp_path / "file").touch()
    return tmp_path


def test_a_sound_reader_passes_unchanged(root) -> None:
    dataset = readers.Sound(root)
    inspection = inspect_records(dataset)
    pd.testing.assert_frame_equal(checked_index(dataset).records, dataset.table())
    assert inspection.defects == ()
    assert inspection.records["n_samples"].tolist() == [2500] * readers.N
    assert (inspection.records["codes"].str[0] == "AFIB").sum() == readers.N / 2


@pytest.mark.parametrize("reader", readers.REFUSED, ids=lambda reader: reader.__name__)
def test_a_fault_of_the_reader_is_refused_by_name(root, reader) -> None:
    with pytest.raises(DatasetError) as caught:
        inspect_records(reader(root))
    assert f"data set 'mine', reader tests.datasets.readers:{reader.__name__}: " in str(caught.value)
    assert readers.REFUSED[reader] in str(caught.value)


@pytest.mark.parametrize("reader", readers.LEFT_OUT, ids=lambda reader: reader.__name__)
def test_a_fault_of_every_record_leaves_out_every_record(root, reader) -> None:
    inspection = inspect_records(reader(root))
    assert len(inspection.records) == 0
    assert {defect.reason for defect in inspection.defects} == {readers.LEFT_OUT[reader]}
    assert len(inspection.defects) == readers.N


@pytest.mark.parametrize(("reader", "reason"), [(readers.OneRaises, "reader-error"), (readers.OneFlat, "flat-lead")])
def test_a_fault_of_one_record_leaves_out_that_record(root, reader, reason) -> None:
    inspection = inspect_records(reader(root))
    assert [(defect.record_id, defect.reason) for defect in inspection.defects] == [("r7", reason)]
    assert len(inspection.records) == readers.N - 1


def test_the_line_of_the_readers_own_code_is_named(root) -> None:
    (defect,) = inspect_records(readers.OneRaises(root)).defects
    assert defect.detail.startswith("KeyError: 'signal' (")
    assert "readers.py, line " in defect.detail


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.EIO, "Input/output error"), READ_ERROR),
        (PermissionError(errno.EACCES, "denied"), READ_ERROR),
        (FileNotFoundError(errno.ENOENT, "no file"), "missing-file"),
        (RecordError("truncated", "cut"), "truncated"),
        (SystemExit(3), READER_FAILED),
    ],
)
def test_what_read_raises_for_one_record_is_its_reason(root, error, reason) -> None:
    class Raising(readers.Sound):
        def signal(self, i):
            if i == 7:
                raise error
            return readers.ecg(i)

    inspection = inspect_records(Raising(root), batch=16)
    assert [(defect.record_id, defect.reason) for defect in inspection.defects] == [("r7", reason)]


def test_records_without_id_patient_or_with_a_repeated_id_are_left_out(root) -> None:
    class Gaps(readers.Sound):
        def table(self):
            table = super().table().reset_index()
            table.loc[3, "record_id"], table.loc[5, "patient_id"], table.loc[9, "record_id"] = None, " ", "r8"
            table.loc[11, "age"], table.loc[12, "age"] = -1, 300
            return table.set_index("record_id")

    index = checked_index(Gaps(root))
    found = {defect.record_id: defect.reason for defect in index.defects}
    assert found == {"row 4": "unreadable", "r5": "unreadable", "r8": "duplicate-id"}
    assert len(index.records) == readers.N - 3
    assert index.records.loc[["r11", "r12"], "age"].isna().all()
    assert index.records.loc["r13", "age"] == 53


def test_other_columns_are_not_carried_and_the_site_may_be_absent(root) -> None:
    class Other(readers.Sound):
        def table(self):
            return super().table().drop(columns="site").assign(bmi=22)

    assert list(checked_index(Other(root)).records) == list(COLUMNS)
    assert set(checked_index(Other(root)).records["site"]) == {""}


def test_arrays_and_tuples_of_codes_become_lists(root) -> None:
    class Arrays(readers.Sound):
        def row(self, i):
            return super().row(i) | {"codes": [np.array(["AFIB", "LVH"]), ("AFIB", "LVH")][i % 2]}

    assert checked_index(Arrays(root)).records["codes"].tolist() == [["AFIB", "LVH"]] * readers.N


def test_words_of_an_own_vocabulary_may_have_blanks(root) -> None:
    class Words(readers.OwnVocabulary):
        def row(self, i):
            return super().row(i) | {"codes": ["atrial fibrillation; paroxysmal"]}

    assert len(checked_index(Words(root)).records) == readers.N


def test_defects_in_other_places_are_refused(root) -> None:
    class Wandering(readers.Sound):
        def read(self, ids):
            return [Defect("r1", "nan", ""), *super().read(ids[1:])]

    with pytest.raises(DatasetError, match="defect of 'r1' in the place of 'r0'"):
        inspect_records(Wandering(root))


def test_a_signal_of_another_length_than_indexed_is_left_out_of_the_embedding(root) -> None:
    dataset = readers.Sound(root)
    records = inspect_records(dataset).records.head(4).drop(columns="signal_digest")
    dataset.signal = lambda i: readers.ecg(i)[:, : 2000 if i == 2 else 2500]
    found = extract(dataset, records, load_encoder("signal-features"), root / "store")
    assert [(defect.record_id, defect.reason) for defect in found.defects] == [("r2", "length")]


@pytest.mark.parametrize("reader", [readers.Microvolts, readers.NotANumber, readers.ElevenLeads, readers.OneRaises])
def test_embedding_passes_the_same_gate(root, reader) -> None:
    records = readers.Sound(root).table().loc[["r7"]]
    found = extract(reader(root), records, load_encoder("signal-features"), root / "store")
    assert len(found.record_ids) == 0
    assert found.defects[0].reason == readers.LEFT_OUT.get(reader, "reader-error")


@pytest.mark.parametrize("defects", [None, iter([Defect("a", "nan", "")]), ("a",)])
def test_defects_of_another_type_are_refused(root, defects) -> None:
    dataset = readers.Sound(root)
    dataset.index = lambda: Index(dataset.table(), defects)
    with pytest.raises(DatasetError, match=r"Index\.defects"):
        checked_index(dataset)


def test_ids_are_the_readers_to_change_and_blanks_make_no_other_patient(root) -> None:
    class Popping(readers.Sound):
        def row(self, i):
            return super().row(i) | {"patient_id": f" p{i // 2}" if i % 2 else f"p{i // 2}"}

        def read(self, ids):
            return [self.signal(int(ids.pop(0)[1:])) for _ in range(len(ids))]

    inspection = inspect_records(Popping(root))
    assert inspection.defects == ()
    assert inspection.records["patient_id"].nunique() == readers.N / 2


def test_memory_errors_are_no_fault_of_a_record(root) -> None:
    class Hungry(readers.Sound):
        def signal(self, i):
            raise MemoryError

    with pytest.raises(MemoryError):
        checked_read(Hungry(root), readers.Sound(root).table())


def test_an_unreadable_table_is_one_clear_message(root) -> None:
    class Locked(readers.Sound):
        def index(self):
            raise PermissionError(errno.EACCES, "Permission denied", "records.csv")

    with pytest.raises(DatasetError, match=r"could not read: .*records\.csv"):
        checked_index(Locked(root))


def test_nothing_to_read_is_said_in_words(root) -> None:
    class Empty(readers.Sound):
        def index(self):
            return Index(record_table([]), ())

    dataset = Empty(root)
    printed = summarise(inspect_records(dataset), dataset).describe()
    assert printed["patients"] == "none"
    assert "None" not in str(printed.values())
    assert printed["age (years), min / median / max"].startswith("none known")
