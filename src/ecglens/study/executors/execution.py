"""Execution of a job in this process, and objects that jobs of one stage share."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from ecglens.errors import WriteError
from ecglens.study.executors.base import Job, Outcome

T = TypeVar("T")


@lru_cache(maxsize=1)
def _kept(_stage: str) -> dict[str, tuple[Any, Any]]:
    return {}


def keep(stage: str, name: str, key: Any, make: Callable[[], T]) -> T:
    """Something that jobs of one stage share in a process, such as a loaded network; the first job of another ends it.

    Parameters
    ----------
    stage
        Stage of the jobs.
    name
        Name of the object; one object per name is kept.
    key
        Identity of the object; with another key it is created again.
    make
        Function that creates the object.
    """
    kept = _kept(stage)
    if name not in kept or kept[name][0] != key:
        kept.pop(name, None)
        kept[name] = key, make()
    made: T = kept[name][1]
    return made


def forget() -> None:
    """Release shared objects, at the start of a run."""
    _kept.cache_clear()


def execute(job: Job) -> Outcome:
    """Run a job on one thread, and turn whatever it raises into a recorded failure."""
    import numba
    import torch
    from threadpoolctl import threadpool_limits

    _kept(job.stage)  # what another stage has kept goes
    threads = torch.get_num_threads(), numba.get_num_threads()
    torch.set_num_threads(1)
    numba.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            return Outcome(job, job.function(job.argument))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a failed job is recorded and does not stop the others
        unwritable = str(error) if isinstance(error, WriteError) else ""
        return Outcome(job, error=traceback.format_exc(), unwritable=unwritable)
    finally:
        torch.set_num_threads(threads[0])
        numba.set_num_threads(threads[1])
