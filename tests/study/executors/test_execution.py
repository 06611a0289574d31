import pytest

from ecglens.errors import WriteError
from ecglens.study.executors import Job, execute
from ecglens.study.executors.execution import forget, keep


@pytest.fixture(autouse=True)
def _forgetful():
    forget()
    yield
    forget()


def make(made: list[str], name: str):
    return lambda: (made.append(name), name)[1]


def test_one_thing_of_a_name_is_kept_until_its_key_changes() -> None:
    made: list[str] = []
    for key in ("a", "a", "b", "b", "a"):
        assert keep("embed", "encoder", key, make(made, key)) == key
    assert keep("embed", "dataset", "a", make(made, "other")) == "other"
    assert keep("embed", "encoder", "a", make(made, "again")) == "a"
    assert made == ["a", "b", "a", "other"]


def test_what_cannot_be_made_leaves_nothing_behind() -> None:
    made: list[str] = []
    keep("embed", "encoder", "a", make(made, "a"))
    with pytest.raises(ZeroDivisionError):
        keep("embed", "encoder", "b", lambda: 1 // 0)
    keep("embed", "encoder", "a", make(made, "a"))
    assert made == ["a", "a"]


def keep_one(_: object) -> list[str]:
    made: list[str] = []
    keep("embed", "encoder", "a", make(made, "a"))
    return made


def test_a_job_of_another_stage_ends_what_was_kept() -> None:
    first, second = Job("embed", "first", keep_one, 0), Job("embed", "second", keep_one, 0)
    assert [execute(job).value for job in (first, second)] == [["a"], []]
    assert execute(Job("scores", "other", abs, -1)).value == 1
    assert execute(second).value == ["a"]


def write(_: object) -> None:
    raise WriteError("cell.parquet: the disk is full")


def test_an_outcome_says_how_a_job_ended() -> None:
    done, failed, full = (execute(Job("s", "a", function, -1)) for function in (abs, len, write))
    assert (done.value, done.error, done.unwritable) == (1, "", "")
    assert (failed.value, failed.unwritable) == (None, "")
    assert "TypeError" in failed.error
    assert full.unwritable == "cell.parquet: the disk is full"
