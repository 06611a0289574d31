"""What runs the jobs of a study, one piece of work each, and how a job ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True)
class Job:
    """One independent piece of work.

    Parameters
    ----------
    stage, slug
        What it is, for messages.
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
    """How a job ended: with a value, or with the text of a traceback.

    Parameters
    ----------
    job
        Which job.
    value
        What its function returned.
    error
        The traceback of a job that failed.
    unwritable
        Why a file of the run folder cannot be written: the next job would fail for it, too.
    """

    job: Job
    value: Any = None
    error: str = ""
    unwritable: str = ""


@runtime_checkable
class Executor(Protocol):
    """Runs jobs in any order and anywhere: the numbers do not depend on it.

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
            What to run.
        on_tick
            To be called now and then while jobs run: it reports progress.
        """
        ...
