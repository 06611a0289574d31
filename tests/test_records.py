import pandas as pd

from ecglens.records import COLUMNS, READ_ERROR, Defect, drop_duplicate_ids, record_table, sites


def test_table_has_the_columns_and_types_of_the_contract() -> None:
    table = record_table([{"record_id": "a", "age": 61, "sex": "F", "codes": ["AFIB", "SR"]}, {"record_id": "b"}])
    assert table.index.name == "record_id"
    assert list(table.columns) == list(COLUMNS)
    assert table.loc["b", "patient_id"] == "b"
    assert pd.isna(table.loc["b", "age"])
    assert table.loc["a", "codes"] == ["AFIB", "SR"]


def test_a_missing_patient_is_no_patient_of_its_own_if_others_are_known() -> None:
    rows = [{"record_id": "a", "patient_id": "p"}, {"record_id": "b", "patient_id": None}, {"record_id": "c"}]
    assert record_table(rows)["patient_id"].isna().tolist() == [False, True, True]
    assert record_table([{"record_id": "b", "patient_id": float("nan")}])["patient_id"].tolist() == ["b"]


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


def test_a_record_without_a_site_has_the_empty_one() -> None:
    rows = [{"record_id": "a", "site": " Ningbo "}, {"record_id": "b"}, {"record_id": "c", "site": None}]
    assert record_table(rows)["site"].tolist() == ["Ningbo", "", ""]
    assert record_table([])["site"].tolist() == []
    for column in ([1, 2], [1.0, 2.0], ["1.0", "2"], pd.Categorical(["1", "2"])):
        assert sites(pd.DataFrame({"site": column})).tolist() == ["1", "2"]
    assert sites(pd.DataFrame({"site": ["a\x1b[31m"]})).tolist() == ["a\\x1b[31m"]
    assert sites(record_table(rows).drop(columns="site")).tolist() == ["", "", ""]


def test_a_defect_can_be_printed_and_stored_whatever_the_file_is_called() -> None:
    defect = Defect("E\udcff\x1b[31m", "head\x1ber", "/data/\udcff: lead '\x1b]0;T\x07'" + "x" * 5000)
    assert (defect.record_id, defect.reason) == (r"E\udcff\x1b[31m", r"head\x1ber")
    assert defect.detail.isprintable()
    assert len(defect.detail.encode()) < 1100


def test_only_a_read_error_passes() -> None:
    assert Defect("a", READ_ERROR, "").passing
    assert not Defect("a", "unreadable", "").passing
