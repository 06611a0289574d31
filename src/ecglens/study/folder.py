"""Checks and lock of the run folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ecglens.errors import StoreError

LOCK = ".lock"
MARKS = (LOCK, "plan.json")
"""Files by which a run folder is known; the lock is the first that a run writes."""

GO_ON = "Finished results are kept. Fix the problem and run the same command again to continue."


def check_folder(out: Path, roots: Sequence[Path]) -> None:
    """Refuse a folder that cannot be a run folder; nothing is written.

    Parameters
    ----------
    out
        The run folder.
    roots
        Folders of the data sets.

    Raises
    ------
    StoreError
        The path is a file, holds other files, or is inside a data set.
    """
    out = out.resolve()
    for root in (root.resolve() for root in roots):
        if out.is_relative_to(root):
            raise StoreError(f"{out}: is inside the data set {root}. Choose another folder.")
    try:
        found = sorted(out.iterdir()) if out.exists() else []
    except OSError as error:
        raise _refusal(out, error) from error
    above = next(path for path in (out, *out.parents) if path.exists())
    if not (above.is_dir() and os.access(above, os.W_OK | os.X_OK)):
        raise StoreError(f"{out}: {above} is not a writable folder. Choose another folder.")
    foreign = [path.name for path in found if not any(root.resolve().is_relative_to(path) for root in roots)]
    if foreign and not set(MARKS) & set(foreign):
        raise StoreError(f"{out}: contains {foreign[0]!r} but no run. Choose an empty or a new folder.")


@contextmanager
def only_run(out: Path) -> Iterator[None]:
    """Create and lock the folder for this process; the lock ends with the process.

    Raises
    ------
    StoreError
        The folder cannot be written to, or another process uses it.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        handle = os.open(out / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        raise _refusal(out, error) from error
    with os.fdopen(handle, "r+"):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(f"{out}: another process uses this run folder. Wait until it ends.") from error
        try:
            yield
        except OSError as error:
            raise StoreError(f"{error.filename or out}: {error.strerror or error}. {GO_ON}") from error


def _refusal(out: Path, error: OSError) -> StoreError:
    shown = f"{str(out)[:200]}…" if len(str(out)) > 200 else out
    return StoreError(f"{shown}: cannot be a run folder: {error.strerror}. Choose a folder that can be written to.")
