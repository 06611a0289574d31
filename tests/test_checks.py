"""Findings of a contract test: their line, and the place where foreign code failed."""

import json

import pytest

from ecglens.checks import Check, message, place, raised


@pytest.mark.parametrize(
    ("passed", "line"),
    [
        (True, "pass  finite                 all of 90"),
        (False, "FAIL  finite                 all of 90 -> Look for division by 0."),
        (None, "info  finite                 all of 90"),
    ],
)
def test_a_finding_is_one_line_with_its_remedy_only_where_it_failed(passed, line) -> None:
    assert str(Check("finite", passed, "all of 90", "Look for division by 0.")) == line


def caught(call) -> Exception:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - any error is the subject
        return error
    raise AssertionError("nothing was raised")


def test_the_message_is_the_last_line_without_control_characters() -> None:
    error = caught(lambda: (_ for _ in ()).throw(ValueError("first\nsecond \x1b[31m")))
    assert message(error) == r"ValueError: second \x1b[31m"
    assert message(KeyError()) == "KeyError: "
    assert len(message(ValueError("x" * 5000))) < 320


def test_the_place_is_the_last_line_of_the_users_own_code() -> None:
    """The error is raised inside the standard library; the line that called it is the user's."""
    error = caught(lambda: json.loads("{"))
    line = caught.__code__.co_firstlineno
    assert place(error).startswith(__file__)
    assert int(place(error).rpartition(" ")[2]) > line


def test_code_that_raised_is_a_failed_check_with_its_place() -> None:
    check = raised("index", caught(lambda: {}["age"]))
    assert (check.name, check.passed, check.detail) == ("index", False, "KeyError: 'age'")
    assert check.remedy.startswith(f"See {__file__}, line ")
