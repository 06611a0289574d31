import errno
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from ecglens.files import writing
from ecglens.study.executors import Executor, Job, make_executor

SLEEP = 30.0
"""Seconds that no test waits for, unless it fails."""


def double(number: int) -> int:
    return 2 * number


def refuse(number: int) -> None:
    raise ValueError(f"no {number}")


def die(number: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(mark: str) -> str:
    if Path(mark).exists():
        Path(mark).unlink()
        die(0)
    return "second try"


def leave(code: int) -> None:
    sys.exit(code)


def fill(_: int) -> None:
    with writing(Path("cell.parquet")):
        raise OSError(errno.ENOSPC, "No space left on device")


def give_a_lambda(_: int) -> object:
    return lambda: 0


def meet(place: tuple[str, str, str]) -> str:
    """Wait until another job is there, too."""
    folder, own, other = place
    (Path(folder) / own).touch()
    end = time.monotonic() + SLEEP
    while time.monotonic() < end:
        if (Path(folder) / other).exists():
            return "met"
        time.sleep(0.01)
    return "alone"


def note_and_sleep(file: str) -> None:
    Path(file).write_text(str(os.getpid()))
    time.sleep(SLEEP)


def interrupt_if(wanted: bool) -> None:
    if wanted:
        raise KeyboardInterrupt


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not yet collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def threads(_: int) -> int:
    import torch
    from threadpoolctl import threadpool_info

    return max([torch.get_num_threads(), *(pool["num_threads"] for pool in threadpool_info())])


@pytest.fixture(scope="module", params=[1, 2])
def either(request):
    """An executor of each kind; workers take seconds to start."""
    with make_executor(request.param) as executor:
        yield executor


@pytest.fixture(scope="module")
def workers():
    with make_executor(2) as executor:
        yield executor


def run(executor: Executor, *jobs: Job):
    return {outcome.job.slug: outcome for outcome in executor.run(jobs, lambda: None)}


def test_a_job_that_raises_stops_no_other_and_leaves_its_traceback(either) -> None:
    found = run(either, Job("s", "a", double, 1), Job("s", "b", refuse, 2), Job("s", "c", double, 3))
    assert (found["a"].value, found["c"].value) == (2, 6)
    assert found["a"].error == ""
    assert "ValueError: no 2" in found["b"].error
    assert "in refuse" in found["b"].error


def test_a_job_that_leaves_or_fills_the_disk_says_so(either) -> None:
    found = run(either, Job("s", "a", leave, 3), Job("s", "b", fill, 0), Job("s", "c", double, 3))
    assert "SystemExit: 3" in found["a"].error
    assert found["b"].unwritable.startswith("cell.parquet: cannot be written: No space left on device. Free some space")
    assert found["c"].value == 6


def test_a_job_that_cannot_be_handed_over_or_back_stops_no_other(workers) -> None:
    found = run(workers, Job("s", "a", double, lambda: 0), Job("s", "b", give_a_lambda, 0), Job("s", "c", double, 3))
    assert "lambda" in found["a"].error
    assert "lambda" in found["b"].error
    assert found["c"].value == 6


def test_a_job_whose_worker_dies_once_is_tried_again_even_if_it_is_the_only_one(workers, tmp_path) -> None:
    (tmp_path / "first").touch()
    assert run(workers, Job("s", "a", die_once, str(tmp_path / "first")))["a"].value == "second try"


def test_a_worker_that_dies_twice_costs_no_other_job_and_no_later_stage(workers) -> None:
    found = run(workers, Job("s", "a", die, 1), *(Job("s", str(number), double, number) for number in range(6)))
    assert "the worker process died" in found.pop("a").error
    assert {slug: outcome.value for slug, outcome in found.items()} == {str(n): 2 * n for n in range(6)}
    assert run(workers, Job("s", "later", double, 4))["later"].value == 8


def test_the_rest_of_a_stage_runs_side_by_side_after_a_worker_died(workers, tmp_path) -> None:
    (tmp_path / "first").touch()
    meeting = [Job("s", name, meet, (str(tmp_path), name, other)) for name, other in (("b", "c"), ("c", "b"))]
    found = run(workers, Job("s", "a", die_once, str(tmp_path / "first")), *meeting)
    assert [found[name].value for name in "abc"] == ["second try", "met", "met"]


def test_leaving_ends_the_workers_in_the_middle_of_a_job(tmp_path) -> None:
    jobs = [Job("s", name, note_and_sleep, str(tmp_path / name)) for name in "ab"]
    with pytest.raises(KeyboardInterrupt), make_executor(2) as executor:
        for _ in executor.run(jobs, lambda: interrupt_if(len(list(tmp_path.iterdir())) == 2)):
            pass
    latest = max(path.stat().st_mtime for path in tmp_path.iterdir())
    assert time.time() - latest < SLEEP / 2
    assert not any(alive(int(path.read_text())) for path in tmp_path.iterdir())


def test_a_job_has_one_thread(either) -> None:
    assert run(either, Job("s", "a", threads, 0))["a"].value == 1
