"""Jobs of a study, their outcomes, and the protocol of executors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True)
class Job:
    """One independent unit of work.

    Parameters
    ----------
    stage, slug
        Stage and name of the job, for messages.
    function
        Function at module level, so that another process can import it.
    argument
        Argument of the function, as plain data.
    """

    stage: str
    slug: str
    function: Callable[[Any], Any]
    argument: Any


@dataclass(frozen=True)
class Outcome:
    """Outcome of a job: a value or a traceback.

    Parameters
    ----------
    job
        The job.
    value
        Return value of the function.
    error
        Traceback of a failed job.
    unwritable
        Reason why a file of the run folder cannot be written; it would affect all further jobs.
    """

    job: Job
    value: Any = None
    error: str = ""
    unwritable: str = ""


@runtime_checkable
class Executor(Protocol):
    """Runs jobs in any order and on any machine; results do not depend on it.

    `execute` runs one job on one thread and raises nothing. A job and its outcome are a few kilobytes of plain data,
    whatever the size of the study; both sides read and write files of one run folder.

    Examples
    --------
    >>> from ecglens.study.executors import Job, execute
    >>> class Backwards:
    ...     def run(self, jobs, on_tick):
    ...         for job in reversed(jobs):
    ...             yield execute(job)
    ...             on_tick()
    >>> [outcome.value for outcome in Backwards().run([Job("s", "a", abs, -1), Job("s", "b", abs, -2)], lambda: None)]
    [2, 1]
    """

    def run(self, jobs: Sequence[Job], on_tick: Callable[[], None]) -> Iterator[Outcome]:
        """Yield the outcome of every job as it ends, with the very job that was given.

        Parameters
        ----------
        jobs
            Jobs to run.
        on_tick
            Function to call regularly while jobs run; it reports progress.
        """
        ...
