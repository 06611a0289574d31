"""Types of fields: names that become file names, paths, numbers that are no booleans."""

from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from ecglens.options import words
from ecglens.study.field_types import MOST_RECORDS, Folder, Name, Number, expand_path, switch, whole


class Fields(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)

    name: Name = "x"
    folder: Folder | None = None
    number: Number = 0.5
    count: int = whole(3, 2, 5)
    flag: bool = switch(False)


def refused(**fields: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Fields(**fields)
    (problem,) = caught.value.errors()
    return str(problem["msg"])


@pytest.mark.parametrize("name", ["a", "0", "ecg-fm@untrained", "A.b_c-9", "a" * 80])
def test_names_that_every_file_system_takes(name, tmp_path) -> None:
    assert Fields(name=name).name == name
    (tmp_path / name).touch()


@pytest.mark.parametrize(
    "name", ["", "-a", ".", "..", ".a", "a/b", "a\\b", "a b", "a:b", "é", "a\n", "\0", "a" * 81, 5]
)
def test_names_that_are_no_file_names_are_refused(name) -> None:
    refused(name=name)


def test_home_and_variables_are_filled_in(monkeypatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("ECGS", "ecgs")
    assert expand_path("~/$ECGS/${ECGS}") == Path("/home/me/ecgs/ecgs")
    assert expand_path(Path("~")) == Path("/home/me")
    assert expand_path("a/~/b") == Path("a/~/b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$NOT_SET_ANYWHERE/x", "the environment variable $NOT_SET_ANYWHERE is not set"),
        ("a/${NOT_SET_ANYWHERE}", "the environment variable ${NOT_SET_ANYWHERE} is not set"),
        ("a\0b", "the character NUL"),
        ("a" * 256, "too long for a file system"),
        ("é" * 128, "too long for a file system"),
        ("a/" * 2001, "too long for a file system"),
        ("~nobody-of-this-name/x", "nobody-of-this-name"),
    ],
)
def test_paths_that_no_file_system_takes_are_refused(text, message) -> None:
    assert message in refused(folder=text)


def test_the_longest_names_are_taken(tmp_path) -> None:
    for name in ("a" * 255, "é" * 127):
        path = expand_path(str(tmp_path / name))
        path.touch()
        assert path.exists()


@pytest.mark.parametrize("value", [5, None, True, ["a"], {"a": 1}])
def test_what_is_no_path_is_left_to_the_type(value) -> None:
    assert expand_path(value) is value


@pytest.mark.parametrize("value", [1, 6, True, "3", 3.0, 3.5, None])
def test_a_whole_number_is_nothing_else_and_in_its_range(value) -> None:
    refused(count=value)


def test_the_ends_of_a_range_are_legal() -> None:
    assert [Fields(count=n).count for n in (2, 5)] == [2, 5]
    assert Fields().count == 3


@pytest.mark.parametrize("value", [True, "1", float("nan"), float("inf"), None])
def test_a_number_is_finite_and_no_boolean(value) -> None:
    refused(number=value)


def test_a_whole_number_is_a_number() -> None:
    assert Fields(number=1).number == 1.0


@pytest.mark.parametrize("value", [0, 1, "yes", "true", None])
def test_a_switch_is_true_or_false(value) -> None:
    refused(flag=value)
    assert Fields(flag=True).flag is True


def test_limits_are_said_in_words() -> None:
    assert words(int, [Fields.model_fields["count"]]) == "a whole number from 2 to 5"
    assert words(Annotated[int, whole(4, 4, MOST_RECORDS)]) == "a whole number from 4 to 10,000,000"
    assert words(Name).startswith("a name of at most 80 letters")
    assert words(Folder) == "the path of a folder"
