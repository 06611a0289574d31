"""Orderly stop on Ctrl-C and SIGTERM, with an immediate message."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
STDERR = 2
SHOW_CURSOR = b"\x1b[?25h"
"""Progress bars hide it."""


class Interrupted(KeyboardInterrupt):
    """The process received a signal to stop.

    Parameters
    ----------
    number
        The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


@contextmanager
def stops_cleanly(advice: str) -> Iterator[None]:
    """Raise `Interrupted` on SIGINT and SIGTERM and print a line; a second signal ends the process.

    A signal that the process was started to ignore stays ignored.

    Parameters
    ----------
    advice
        Line to print: how to resume.
    """

    def raise_it(number: int, _: FrameType | None) -> None:
        raise Interrupted(number)

    wanted = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, raise_it) for number in wanted}
    # Python raises only between two of its own instructions, which may be seconds later; the number comes at once.
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    old = signal.set_wakeup_fd(writer)
    speaker = Thread(target=_speak, args=(reader, advice), daemon=True)
    speaker.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(old)
        os.close(writer)
        speaker.join()
        for number, handler in before.items():
            signal.signal(number, handler)


def _speak(reader: int, advice: str) -> None:
    """Print the line on the first signal, end the process on the second."""
    asked = 0
    with os.fdopen(reader, "rb", buffering=0) as numbers:
        for number in iter(lambda: numbers.read(1), b""):
            asked += number[0] in SIGNALS
            if asked == 1:
                os.write(STDERR, f"\n{advice}\n".encode())
            elif asked == 2:
                os.write(STDERR, SHOW_CURSOR if os.isatty(STDERR) else b"")
                os._exit(128 + number[0])
