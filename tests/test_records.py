import numpy as np
import pandas as pd
import pytest

from ecglens.errors import RecordError
from ecglens.records import COLUMNS, check_signal, drop_duplicate_ids, record_table


def ecg(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(scale=0.3, size=(12, 500)).astype(np.float32)


def test_table_has_the_columns_and_types_of_the_contract() -> None:
    table = record_table([{"record_id": "a", "age": 61, "sex": "F", "codes": ["AFIB", "SR"]}, {"record_id": "b"}])
    assert table.index.name == "record_id"
    assert list(table.columns) == list(COLUMNS)
    assert table.loc["b", "patient_id"] == "b"
    assert pd.isna(table.loc["b", "age"])
    assert table.loc["a", "codes"] == ["AFIB", "SR"]


def test_an_empty_table_keeps_its_columns() -> None:
    assert list(record_table([]).columns) == list(COLUMNS)


def test_later_rows_of_an_id_are_defects_that_name_the_first() -> None:
    rows = [
        {"record_id": "a", "path": "1.dat"},
        {"record_id": "a", "path": "2.dat"},
        {"record_id": "b", "path": "3.dat"},
    ]
    kept, defects = drop_duplicate_ids(record_table(rows))
    assert list(kept["path"]) == ["1.dat", "3.dat"]
    assert [(d.record_id, d.reason) for d in defects] == [("a", "duplicate-id")]
    assert "2.dat" in defects[0].detail
    assert "1.dat" in defects[0].detail


def test_a_plausible_signal_passes() -> None:
    check_signal(ecg())


@pytest.mark.parametrize(
    ("reason", "spoil"),
    [
        ("missing-lead", lambda x: x[:11]),
        ("empty", lambda x: x[:, :1]),
        ("nan", lambda x: np.where(np.arange(500) == 7, np.nan, x)),
        ("flat-lead", lambda x: np.concatenate([x[:11], np.zeros((1, 500), dtype=np.float32)])),
        ("amplitude", lambda x: x / 1000),
        ("amplitude", lambda x: x * 1000),
    ],
)
def test_each_fault_is_named(reason: str, spoil) -> None:
    with pytest.raises(RecordError) as caught:
        check_signal(spoil(ecg()).astype(np.float32))
    assert caught.value.reason == reason


def test_the_flat_lead_is_named() -> None:
    x = ecg()
    x[6] = 0.1
    with pytest.raises(RecordError, match="V1"):
        check_signal(x)
