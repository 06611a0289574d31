"""Where jobs run: in this process, or in local worker processes. The numbers are the same in both."""

from __future__ import annotations

import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Job:
    """One independent piece of work.

    Parameters
    ----------
    stage, slug
        What it is; together they are unique in a run.
    function
        A function at module level, so that another process can find it.
    argument
        Its one argument, plain data.
    """

    stage: str
    slug: str
    function: Callable[[Any], Any]
    argument: Any


@dataclass(frozen=True)
class Outcome:
    """How a job ended: with a value, or with the text of a traceback."""

    job: Job
    value: Any
    error: str
    seconds: float


class Executor(Protocol):
    """Runs jobs in any order."""

    def run(self, jobs: Sequence[Job], on_tick: Callable[[], None]) -> Iterator[Outcome]:
        """Yield every job's outcome as it ends; call `on_tick` now and then while waiting."""
        ...


class InProcess:
    """Runs jobs one after the other in this process."""

    def run(self, jobs: Sequence[Job], on_tick: Callable[[], None]) -> Iterator[Outcome]:
        """Yield every job's outcome as it ends."""
        for job in jobs:
            yield _execute(job)
            on_tick()


class LocalProcesses:
    """Runs jobs in worker processes of this machine, each on one thread.

    Parameters
    ----------
    pool
        Made by `local_processes`.
    """

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def run(self, jobs: Sequence[Job], on_tick: Callable[[], None]) -> Iterator[Outcome]:
        """Yield every job's outcome as it ends. A worker that dies takes its jobs with it, as failed."""
        submitted: dict[Future[Outcome], Job] = {self._pool.submit(_execute, job): job for job in jobs}
        waiting = set(submitted)
        while waiting:
            finished, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
            on_tick()
            for future in finished:
                error = future.exception()
                yield (
                    Outcome(submitted[future], None, f"the worker process died: {error}", 0.0)
                    if error
                    else (future.result())
                )


@contextmanager
def make_executor(workers: int) -> Iterator[Executor]:
    """An executor for a number of workers; 1 runs in this process."""
    if workers <= 1:
        yield InProcess()
        return
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    # Libraries read these when they are loaded: the workers are to have one thread each from their first import on.
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    try:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            yield LocalProcesses(pool)
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _execute(job: Job) -> Outcome:
    """Run a job on one thread, and turn whatever it raises into a recorded failure."""
    import torch
    from threadpoolctl import threadpool_limits

    started = time.perf_counter()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            value = job.function(job.argument)
        return Outcome(job, value, "", time.perf_counter() - started)
    except Exception:  # noqa: BLE001 - a failed cell is recorded with its traceback and does not stop the others
        return Outcome(job, None, traceback.format_exc(), time.perf_counter() - started)
    finally:
        torch.set_num_threads(threads)
