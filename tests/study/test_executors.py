import os
import signal

import pytest

from ecglens.study.executors import Job, make_executor


def double(number: int) -> int:
    return 2 * number


def refuse(number: int) -> None:
    raise ValueError(f"no {number}")


def die(number: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def threads(_: int) -> int:
    import torch
    from threadpoolctl import threadpool_info

    return max([torch.get_num_threads(), *(pool["num_threads"] for pool in threadpool_info())])


def run(workers: int, *jobs: Job):
    with make_executor(workers) as executor:
        return {outcome.job.slug: outcome for outcome in executor.run(jobs, lambda: None)}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_job_that_raises_stops_no_other_and_leaves_its_traceback(workers: int) -> None:
    found = run(workers, Job("s", "a", double, 1), Job("s", "b", refuse, 2), Job("s", "c", double, 3))
    assert (found["a"].value, found["c"].value) == (2, 6)
    assert found["a"].error == ""
    assert "ValueError: no 2" in found["b"].error
    assert "in refuse" in found["b"].error


def test_a_worker_that_dies_is_a_failure_with_a_reason() -> None:
    found = run(2, Job("s", "a", die, 1))
    assert "the worker process died" in found["a"].error


def test_a_worker_that_dies_costs_no_other_job_and_no_later_stage() -> None:
    with make_executor(2) as executor:
        jobs = [Job("s", "a", die, 1), *(Job("s", str(number), double, number) for number in range(6))]
        found = {outcome.job.slug: outcome for outcome in executor.run(jobs, lambda: None)}
        assert "the worker process died" in found.pop("a").error
        assert {slug: outcome.value for slug, outcome in found.items()} == {str(n): 2 * n for n in range(6)}
        (later,) = executor.run([Job("s", "later", double, 4)], lambda: None)
        assert later.value == 8


@pytest.mark.parametrize("workers", [1, 2])
def test_a_job_has_one_thread(workers: int) -> None:
    assert run(workers, Job("s", "a", threads, 0))["a"].value == 1
