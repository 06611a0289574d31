"""A study runs on any object that follows the protocol, with the same numbers."""

import pickle

import pytest

from ecglens.errors import ConfigError
from ecglens.study import run_study
from ecglens.study.executors import Executor, InProcess, LocalProcesses, execute


class Backwards:
    """Runs jobs from the last to the first, each from its pickled form, as another machine would."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.largest = 0

    def run(self, jobs, on_tick):
        self.stages += [job.stage for job in jobs[:1]]
        for job in reversed(jobs):
            sent = pickle.dumps(job)
            self.largest = max(self.largest, len(sent))
            found = execute(pickle.loads(sent))  # noqa: S301 - its own
            yield type(found)(job, found.value, found.error, found.unwritable)
            on_tick()


@pytest.fixture
def study(data, study_of):
    return study_of(data, encoders=["age-sex"], shuffled=[], sizes={"tiny": 20})


def test_the_numbers_do_not_depend_on_the_executor(study, tmp_path) -> None:
    executor = Backwards()
    other = run_study(study, tmp_path / "other", executor=executor)
    here = run_study(study, tmp_path / "here")
    assert other.failures.empty
    for name in ("probe", "comparison", "attribution", "overlap", "geometry"):
        assert getattr(other, name).equals(getattr(here, name))
    assert executor.stages[:2] == ["index", "embed"]
    assert executor.largest < 16_384


def test_something_else_is_refused_before_anything_is_written(study, tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"executor: int has no method run\(jobs, on_tick\)"):
        run_study(study, tmp_path / "run", executor=3)
    assert not (tmp_path / "run").exists()


def test_the_executors_of_the_house_follow_the_protocol() -> None:
    assert isinstance(InProcess(), Executor)
    assert isinstance(LocalProcesses(2), Executor)
