import numpy as np
import pandas as pd
import pytest

from ecglens.datasets import Index
from ecglens.datasets.validate.rules import check_index, sort_out
from ecglens.records import Defect, record_table


def table(**columns) -> pd.DataFrame:
    """Three records, with other values in some columns."""
    rows = [{"record_id": name, "fs": 500, "codes": ["SR"], "age": 50, "sex": "F"} for name in "abc"]
    return record_table(rows).astype(object).assign(**columns)


def failed(index) -> list[str]:
    return [check.name for check in check_index(index) if not check.passed]


def test_a_sound_table_passes_every_rule() -> None:
    checks = check_index(Index(table(), (Defect("d", "header", "broken"),)))
    names = "index columns record_id patient_id codes fs age sex n_samples fold path"
    assert [check.name for check in checks] == names.split()
    assert all(check.passed for check in checks)


@pytest.mark.parametrize("index", [None, {"records": 1}, Index([], ()), Index(table(), {}), Index(table(), ("no",))])
def test_another_type_ends_the_list(index) -> None:
    (check,) = check_index(index)
    assert (check.name, check.passed) == ("index", False)
    assert "ecglens.datasets.Index" in check.remedy


def test_missing_and_repeated_columns_are_named() -> None:
    short = table().drop(columns=["age", "site"])
    check = check_index(Index(short, ()))[-1]
    assert (check.name, check.passed) == ("columns", False)
    assert check.detail.startswith("no age; has ")
    twice = pd.concat([table(), table()[["sex"]]], axis=1)
    assert "sex twice" in check_index(Index(twice, ()))[-1].detail


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({"patient_id": [1, 2, 3]}, "patient_id"),
        ({"patient_id": [None] * 3}, "patient_id"),
        ({"codes": ["SR", ["SR"], ["SR"]]}, "codes"),
        ({"codes": [[1], ["SR"], ["SR"]]}, "codes"),
        ({"codes": [[" SR"], ["SR"], ["SR"]]}, "codes"),
        ({"fs": ["500", 500, 500]}, "fs"),
        ({"fs": [True, 500, 500]}, "fs"),
        ({"age": ["50", 50, 50]}, "age"),
        ({"sex": ["female", "F", "M"]}, "sex"),
        ({"n_samples": [10.5, 10, 10]}, "n_samples"),
        ({"fold": ["1", 1, 1]}, "fold"),
        ({"path": [1, "x", "y"]}, "path"),
    ],
)
def test_each_rule_names_its_column(columns, rule) -> None:
    assert failed(Index(table(**columns), ())) == [rule]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"patient_id": pd.array(["p", None, "q"], dtype="string")}, "unreadable"),
        ({"codes": [["SR"], None, ["SR"]]}, "unlabelled"),
        ({"codes": [["SR"], ["AFIB;LVH"], ["SR"]]}, "unlabelled"),
        ({"codes": [["SR"], ["unknown"], ["SR"]]}, "unlabelled"),
        ({"fs": [500, 49.9, 5000]}, "fs"),
        ({"fs": [50, 5001, 500]}, "fs"),
        ({"fs": [500, None, 500]}, "fs"),
    ],
)
def test_a_record_that_cannot_be_used_leaves_the_others(columns, reason) -> None:
    kept, defects = sort_out(table(**columns), "scp-ecg")
    assert kept.index.tolist() == ["a", "c"]
    assert [(each.record_id, each.reason) for each in defects] == [("b", reason)]
    assert {name: str(kind) for name, kind in kept.dtypes.items()} == {
        name: str(kind) for name, kind in record_table([{"record_id": "a", "fs": 1, "codes": []}]).dtypes.items()
    }


def test_the_first_of_two_records_with_one_id_stays() -> None:
    doubled = pd.concat([table(), table().iloc[:1].assign(age=80)])
    kept, defects = sort_out(doubled, "scp-ecg")
    assert kept["age"].tolist() == [50, 50, 50]
    assert [(each.record_id, each.reason) for each in defects] == [("a", "duplicate-id")]


def test_the_form_of_a_code_depends_on_the_vocabulary() -> None:
    numbers = table(codes=[["164889003"], ["AFIB"], []])
    assert sort_out(numbers, "snomed-ct")[0].index.tolist() == ["a", "c"]
    assert sort_out(numbers, "my-codes")[0].index.tolist() == ["a", "b", "c"]
    assert sort_out(table(codes=[["any text; at all"]] * 3), "my-codes")[1] == []


def test_impossible_ages_become_unknown_and_patients_lose_blanks() -> None:
    kept, _ = sort_out(table(age=[-1, 120, np.nan], patient_id=[" p", "p ", "q"]), "scp-ecg")
    assert kept["age"].isna().tolist() == [True, False, True]
    assert kept["patient_id"].tolist() == ["p", "p", "q"]
