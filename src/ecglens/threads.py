"""Threads: numba's limit for our own work, and one thread for NumPy's products."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cache
from itertools import pairwise
from typing import Any, TypeVar

import numba
import numpy as np
from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(kernel: Callable[..., None], n: int, *arguments: Any, fewest: int = 1) -> None:
    """Call ``kernel(start, stop, *arguments)`` on parts of ``range(n)``, in as many threads as numba may use.

    A thread gets `fewest` or more of the range: to start one for less would take longer than the work.
    """
    parts = min(numba.get_num_threads(), max(1, n // fewest))
    edges = np.linspace(0, n, parts + 1).astype(int).tolist()
    if len(edges) == 2:
        kernel(0, n, *arguments)
        return
    with ThreadPoolExecutor(len(edges) - 1) as pool:
        waiting = [pool.submit(kernel, *ends, *arguments) for ends in pairwise(edges)]
        for part in waiting:
            part.result()


def spread(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Results of `work` in the order of the items, each in one thread, as many at a time as numba may use threads."""

    def alone(item: Item) -> Result:
        numba.set_num_threads(1)
        return work(item)

    with one_thread(), ThreadPoolExecutor(numba.get_num_threads()) as pool:
        return list(pool.map(alone, items))


def one_thread() -> AbstractContextManager[Any]:
    """Limit NumPy's products to one thread, because more threads slow down small products."""
    limiter: AbstractContextManager[Any] = _libraries().limit(limits=1)
    return limiter


@cache
def _libraries() -> ThreadpoolController:
    """Cached, because the search through loaded libraries takes milliseconds."""
    return ThreadpoolController()
