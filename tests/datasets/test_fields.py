"""Fields of publishers' tables: exact ids, one rule for ages, sexes and truth values."""

import pandas as pd
import pytest

from ecglens.datasets.fields import ages, ids, numbers, sexes, truths, whole_numbers


def one(found):
    (value,) = found
    return None if pd.isna(value) else value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12345678901234567", "12345678901234567"),
        ("12345678901234568", "12345678901234568"),
        ("18446744073709551617", "18446744073709551617"),
        ("9007199254740993", "9007199254740993"),
        ("15709.0", "15709"),
        ("0", "0"),
        (" 7 ", "7"),
        ("9007199254740993.0", None),
        ("1.2345678901234568e+16", None),
        ("1e30", None),
        ("007", None),
        ("-1", None),
        ("+1", None),
        ("1.5", None),
        ("1_000", None),
        ("١٢", None),
        ("nan", None),
        ("", None),
        ("9" * 5000, None),
        (None, None),
    ],
)
def test_ids_are_exact_or_refused(text, expected):
    assert one(ids(pd.Series([text], dtype="string"))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", 3),
        ("3.0", 3),
        ("003", 3),
        ("3e0", 3),
        ("٣", 3),
        ("-3", None),
        ("3.5", None),
        ("1e10", None),
        ("9" * 400, None),
    ],
)
def test_whole_numbers(text, expected):
    assert one(whole_numbers(pd.Series([text], dtype="string"))) == expected


@pytest.mark.parametrize(
    ("text", "expected", "of_ptbxl"),
    [
        ("0", 0, 0),
        ("61.5", 61.5, 61.5),
        ("120", 120, 120),
        ("５５", 55, 55),
        ("300", None, 90),
        ("300.0", None, 90),
        *((text, None, None) for text in ("-1", "121", "999", "inf", "-inf", "nan", "1e400", "", "old", "5_5", "0x20")),
    ],
)
def test_ages_that_no_person_has_are_unknown(text, expected, of_ptbxl):
    column = pd.Series([text], dtype="string")
    assert one(ages(column)) == expected
    assert one(ages(column, above_89=300)) == of_ptbxl


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0", "M"), ("1", "F"), ("0.0", "M"), ("1.0", "F"), ("Female", "F"), (" m ", "M"), ("2", None), ("?", None)],
)
def test_sexes(text, expected):
    assert one(sexes(pd.Series([text, "0"], dtype="string"), {0: "M", 1: "F"})[:1]) == expected


def test_numbered_sexes_are_unknown_unless_the_publisher_numbers_them():
    assert sexes(pd.Series(["0", "1", "Male"])).isna().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("True", True), ("false", False), ("1.0", True), ("0.0", False), ("1", True), ("2", None), ("nan", None)],
)
def test_truth_values(text, expected):
    assert one(truths(pd.Series([text], dtype="string"))) == expected


def test_empty_columns_keep_their_types():
    empty = pd.Series([], dtype="string")
    found = [str(rule(empty).dtype) for rule in (numbers, whole_numbers, ages, sexes, truths, ids)]
    assert found == ["Float64", "Int64", "Float64", "string", "boolean", "string"]
