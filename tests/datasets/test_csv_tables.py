import csv

import pandas as pd
import pytest

from ecglens.datasets.csv_tables import drop_unreadable, read_rows
from ecglens.errors import DatasetError


@pytest.fixture
def table(tmp_path):
    def write(text: str):
        (tmp_path / "table.csv").write_text(text, encoding="utf-8")
        return tmp_path / "table.csv"

    return write


def test_fields_are_text_as_in_the_csv_module(table) -> None:
    path = table('id,name\n007,"a, b"\n1.50,\n3,"say ""x"""\n')
    rows, defects = read_rows(path, ["id", "name"])
    with path.open(newline="") as file:
        expected = list(csv.DictReader(file))
    assert rows.astype(object).where(rows.notna(), "").to_dict("records") == expected
    assert rows.loc[1, "name"] is pd.NA
    assert defects == []


def test_lines_with_too_many_fields_become_defects_and_the_others_stay(table) -> None:
    rows, defects = read_rows(table("id,name\n1,a\n2,b,c\n3,d\n"), ["id"])
    assert rows["id"].tolist() == ["1", "3"]
    assert [(each.record_id, each.reason) for each in defects] == [("table.csv, line 3", "unreadable")]


def test_a_byte_order_mark_is_no_part_of_a_name(table) -> None:
    assert list(read_rows(table("\ufeffid,name\n1,a\n"), ["id"])[0].columns) == ["id", "name"]


def test_equal_columns_of_one_name_are_one(table) -> None:
    assert list(read_rows(table("id,x,x\n1,a,a\n"), ["x"])[0].columns) == ["id", "x"]
    with pytest.raises(DatasetError, match="two columns 'x' differ"):
        read_rows(table("id,x,x\n1,a,b\n"), ["x"])


@pytest.mark.parametrize(
    ("text", "message"),
    [("id,name\n1,a\n", r"lacks the column\(s\) age\. It has: 'id, name'"), ("", "cannot be read as a table")],
)
def test_what_is_no_such_table_is_refused(table, text, message) -> None:
    with pytest.raises(DatasetError, match=message):
        read_rows(table(text), ["age"])


def test_a_missing_file_is_refused(tmp_path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        read_rows(tmp_path / "none.csv", [])


def test_rows_without_a_required_value_become_defects(tmp_path) -> None:
    rows = pd.DataFrame({"record_id": ["a", "b", pd.NA], "fs": [500, 400, 300]})
    required = pd.DataFrame({"record_id": rows["record_id"], "age": ["1", pd.NA, "3"]})
    kept, defects = drop_unreadable(tmp_path / "table.csv", rows, required)
    assert kept.index.tolist() == ["a"]
    assert [each.reason for each in defects] == ["unreadable"] * 2
    assert defects[0].record_id == "b"
