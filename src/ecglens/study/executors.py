"""Where jobs run: in this process, or in local worker processes. The numbers are the same in both."""

from __future__ import annotations

import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
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
    workers
        How many.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = self._new_pool()

    def run(self, jobs: Sequence[Job], on_tick: Callable[[], None]) -> Iterator[Outcome]:
        """Yield every job's outcome as it ends.

        A worker that dies takes the jobs of its neighbours with it. Each of these gets another try by itself, so that
        only the one that kills its worker fails.
        """
        submitted: dict[Future[Outcome], Job] = {}
        lost = []
        for job in jobs:
            try:
                submitted[self._pool.submit(_execute, job)] = job
            except BrokenProcessPool:
                lost.append(job)
        waiting = set(submitted)
        while waiting:
            finished, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
            on_tick()
            for future in finished:
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    lost.append(submitted[future])
                elif error:
                    yield Outcome(submitted[future], None, "".join(traceback.format_exception(error)), 0.0)
                else:
                    yield future.result()
        if not lost:
            return
        self.close()
        self._pool = self._new_pool()
        for job in lost:
            if len(jobs) == 1:
                yield Outcome(job, None, "the worker process died: it was killed, or ran out of memory", 0.0)
            else:
                yield from self.run([job], on_tick)

    def close(self) -> None:
        """End the workers; jobs that have not begun are dropped."""
        self._pool.shutdown(cancel_futures=True)

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._workers, mp_context=multiprocessing.get_context("spawn"))


@contextmanager
def make_executor(workers: int) -> Iterator[Executor]:
    """An executor for a number of workers; 1 runs in this process."""
    if workers <= 1:
        yield InProcess()
        return
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    # Libraries read these when they are loaded: the workers are to have one thread each from their first import on.
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    processes = LocalProcesses(workers)
    try:
        yield processes
    finally:
        processes.close()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _execute(job: Job) -> Outcome:
    """Run a job on one thread, and turn whatever it raises into a recorded failure."""
    import numba
    import torch
    from threadpoolctl import threadpool_limits

    started = time.perf_counter()
    threads = torch.get_num_threads(), numba.get_num_threads()
    torch.set_num_threads(1)
    numba.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            value = job.function(job.argument)
        return Outcome(job, value, "", time.perf_counter() - started)
    except Exception:  # noqa: BLE001 - a failed cell is recorded with its traceback and does not stop the others
        return Outcome(job, None, traceback.format_exc(), time.perf_counter() - started)
    finally:
        torch.set_num_threads(threads[0])
        numba.set_num_threads(threads[1])
