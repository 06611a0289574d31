"""Local executors: jobs run in this process or in worker processes, with the same results."""

from __future__ import annotations

import os
import traceback
from collections import deque
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import wait

from ecglens.study.executors.base import Executor, Job, Outcome
from ecglens.study.executors.execution import execute, forget
from ecglens.worker import Unanswered, Worker

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
DIED = "the worker process died in two tries: it was killed, or ran out of memory"
PATIENCE = 5.0
"""Seconds that idle workers have to end by themselves."""


class InProcess:
    """Runs jobs one after the other in this process."""

    def run(self, jobs: Sequence[Job], on_tick: Callable[[], None]) -> Iterator[Outcome]:
        """Yield every job's outcome as it ends."""
        forget()
        for job in jobs:
            yield execute(job)
            on_tick()


class LocalProcesses:
    """Runs jobs in worker processes of this machine, each on one thread.

    Parameters
    ----------
    workers
        Largest number of worker processes; they start when there are jobs for them.

    Notes
    -----
    Not an executor of loky or of the standard library: when a worker dies, those give up all jobs that wait and all
    workers, and do not tell which job it was. Here only that job is lost, and tried once more alone.
    """

    def __init__(self, workers: int) -> None:
        self._most = workers
        self._workers: list[Worker] = []

    def run(self, jobs: Sequence[Job], on_tick: Callable[[], None]) -> Iterator[Outcome]:
        """Yield every job's outcome as it ends.

        A job whose worker dies is tried once more, when all others are done and memory is free.
        """
        lost: list[Job] = []
        yield from self._spread(jobs, on_tick, lost)
        for job in lost:
            again: list[Job] = []
            yield from self._spread([job], on_tick, again)
            yield from (Outcome(job, error=DIED) for job in again)

    def _spread(self, jobs: Sequence[Job], on_tick: Callable[[], None], lost: list[Job]) -> Iterator[Outcome]:
        """Run jobs side by side; those whose worker died are added to `lost`."""
        waiting, busy = deque(jobs), dict[Worker, Job]()
        try:
            while waiting or busy:
                while waiting and len(busy) < self._most:
                    worker, job = self._idle(busy), waiting.popleft()
                    try:
                        worker.give(execute, job)
                        busy[worker] = job
                    except Exception:  # noqa: BLE001 - anything may refuse to be pickled
                        yield Outcome(job, error=traceback.format_exc())
                wait([worker.connection for worker in self._workers], timeout=0.5)
                on_tick()
                for worker in list(self._workers):
                    try:
                        answer = worker.take()
                    except (EOFError, OSError):
                        self._remove(worker)
                        worker.check_started()
                        lost += [busy.pop(worker)] if worker in busy else []
                        continue
                    if answer is not None:
                        job = busy.pop(worker)
                        yield (
                            Outcome(job, error=answer.error)
                            if isinstance(answer, Unanswered)
                            else replace(answer, job=job)
                        )
        finally:
            for worker in busy:
                self._remove(worker)

    def _idle(self, busy: Container[Worker]) -> Worker:
        for worker in self._workers:
            if worker not in busy:
                return worker
        self._workers.append(Worker())
        return self._workers[-1]

    def _remove(self, worker: Worker) -> None:
        worker.end()
        self._workers = [other for other in self._workers if other is not worker]

    def close(self, patience: float = 0.0) -> None:
        """End the workers; those that are idle have some seconds to end by themselves."""
        for worker in self._workers:
            worker.connection.close()
        for worker in self._workers:
            worker.end(patience)
        self._workers = []


@contextmanager
def make_executor(workers: int) -> Iterator[Executor]:
    """An executor for a number of workers; 1 runs in this process."""
    if workers <= 1:
        yield InProcess()
        return
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    # Libraries read these when they are loaded: the workers are to have one thread each from their first import on.
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    processes, patience = LocalProcesses(workers), 0.0
    try:
        yield processes
        patience = PATIENCE
    finally:
        processes.close(patience)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
