"""Functions compiled by numba, without the global interpreter lock and cached on disk if possible."""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Callable
from functools import cache, partial
from typing import Any, overload

from numba import njit

Function = Callable[..., Any]


@overload
def compiled(function: Function) -> Function: ...
@overload
def compiled(**options: Any) -> Callable[[Function], Function]: ...
def compiled(function: Function | None = None, **options: Any) -> Any:
    """Compile a function when it is first called, and cache the machine code on disk.

    Without a folder to write to (neither the package's, nor the user's, nor ``NUMBA_CACHE_DIR``), it is compiled anew
    in every process, and a warning says so.

    Parameters
    ----------
    function
        The function; without one, a decorator is returned.
    options
        Further options of `numba.njit`.
    """
    if function is None:
        return partial(compiled, **options)
    try:
        return njit(cache=True, nogil=True, **options)(function)
    except RuntimeError as error:
        if "no locator available" not in str(error):
            raise
        _warn()
        return njit(nogil=True, **options)(function)


@cache
def _warn() -> None:
    """Warn once per run, not once per worker."""
    if multiprocessing.parent_process() is None:
        warnings.warn(
            "compiled functions cannot be kept on disk, and are compiled anew in every process (about a minute): "
            "set NUMBA_CACHE_DIR to a folder that can be written to",
            RuntimeWarning,
            stacklevel=3,
        )
