"""A worker process that runs one call after another and ends with its parent process.

This module imports little, so that a worker watches its parent before the libraries are loaded.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from threading import Thread
from typing import Any

from ecglens.errors import ConfigError

NAME = "ecglens-worker"
UNGUARDED = 77
"""Exit code of a worker that met `run_study` while it imported the script it was started from."""
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Unanswered:
    """The traceback of a call that failed."""

    error: str


class Worker:
    """A separate process that executes calls and returns their results.

    The connection to it is the only one there is: it ends when either process does.
    """

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), name=NAME)
        self._process.start()
        theirs.close()
        self._started = False
        self._request = b""

    def give(self, function: Callable[[Any], Any], argument: Any) -> None:
        """Hand over a call; a worker that is still starting gets it as soon as it can take it."""
        self._request = pickle.dumps((function, argument))
        if self._started:
            self._send()

    def take(self) -> Any:
        """Result of the worker's call, or an `Unanswered`; ``None`` if there is none yet.

        Raises
        ------
        EOFError, OSError
            The worker is dead.
        """
        if not self.connection.poll():
            if self._process.is_alive():
                return None
            raise EOFError
        message = self.connection.recv_bytes()
        if self._started:
            return pickle.loads(message)  # noqa: S301 - from a process of our own
        self._started = True
        if self._request:
            self._send()
        return None

    def _send(self) -> None:
        with suppress(ConnectionError):  # a dead worker is found when it is asked
            self.connection.send_bytes(self._request)

    def end(self, patience: float = 0.0) -> None:
        """End the process; it has some seconds to do so by itself, from when its connection was closed."""
        self.connection.close()
        self._process.join(patience)
        self._process.kill()
        self._process.join()

    def check_started(self) -> None:
        """Raise a `ConfigError` if the process, which has ended, could not start."""
        code = self._process.exitcode or 0
        if code > 0 and not self._started:
            raise ConfigError(
                f"a worker process could not start (exit code {code}). A script that uses workers has to be a file, "
                'and to make the call below `if __name__ == "__main__":`, because every worker imports it. Otherwise '
                "use workers=1."
            )


def leave_unguarded_script() -> None:
    """Leave, quietly, if this is a worker that is importing its script: the process that started it says why."""
    if multiprocessing.current_process().name == NAME:
        sys.exit(UNGUARDED)


def _serve(connection: Connection) -> None:
    _end_with_parent()
    # A terminal interrupts all processes of a command: the parent decides what becomes of the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, ConnectionError):
        connection.send_bytes(b"started")
        while True:
            connection.send_bytes(_answer(connection.recv_bytes()))


def _answer(request: bytes) -> bytes:
    try:
        function, argument = pickle.loads(request)  # noqa: S301 - from the parent
        return pickle.dumps(function(argument))
    except Exception:  # noqa: BLE001 - whatever a call raises is its answer
        return pickle.dumps(Unanswered(traceback.format_exc()))


def _end_with_parent() -> None:
    """End this process when its parent ends: by the kernel where it can, even in the middle of a long call."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def watch() -> None:
        wait([sentinel])
        os._exit(1)

    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    Thread(target=watch, daemon=True).start()
