"""Search and safe opening of files below a root."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ecglens.errors import RecordError, printable
from ecglens.records import READ_ERROR, Defect

_FACTS: Mapping[int, str] = {
    errno.ENOENT: "missing-file",
    errno.ENOTDIR: "missing-file",
    errno.EISDIR: "unreadable",
    errno.ELOOP: "unreadable",
    errno.ENAMETOOLONG: "unreadable",
    errno.EINVAL: "unreadable",
}
"""System errors that persist until a file changes; without permissions, because sizes and times do not show them."""


def walk(*folders: Path, hidden: bool = False) -> Iterator[tuple[Path, OSError | None]]:
    """Files below some folders, and folders that cannot be listed, with the error.

    Links are followed. A folder that can be reached by several paths is entered once, by the path without links.

    Parameters
    ----------
    folders
        Folders to start from; they may be links or hidden.
    hidden
        Whether to list hidden files and enter hidden folders.
    """
    waiting, linked = deque(folders), deque[Path]()
    entered: set[tuple[int, int]] = set()
    while waiting or linked:
        folder = (waiting or linked).popleft()
        try:
            state = folder.stat()
            if (state.st_dev, state.st_ino) in entered:
                continue
            entered.add((state.st_dev, state.st_ino))
            with os.scandir(folder) as listing:
                entries = [entry for entry in listing if hidden or not entry.name.startswith(".")]
        except OSError as error:
            yield folder, error
            continue
        for entry in sorted(entries, key=lambda entry: entry.name):
            path = folder / entry.name
            if is_folder(path):
                (linked if entry.is_symlink() else waiting).append(path)
            else:
                yield path, None


def find(folders: Iterable[Path], suffixes: Iterable[str]) -> tuple[list[Path], list[Defect]]:
    """Files with one of some suffixes, and defects of unreadable folders and broken links."""
    found: list[Path] = []
    defects: list[Defect] = []
    for path, error in walk(*folders):
        if error is not None:
            failure = read_failure(path, error)
            defects.append(Defect(path.name, failure.reason, failure.detail))
        elif path.suffix.lower() in suffixes:
            found.append(path)
        elif _state(path) is None:
            defects.append(Defect(path.name, "missing-file", f"{path}: a link to nothing"))
    return found, defects


def signature(root: Path) -> dict[str, tuple[int, int] | None]:
    """Sizes and times of all files below a root, with links followed; equal signatures mean unchanged files.

    Examples
    --------
    >>> signature(Path("/nowhere"))
    {}
    """
    states = {os.path.relpath(path, root): _state(path) for path, error in walk(root, hidden=True) if not error}
    return {name: state and (state.st_size, state.st_mtime_ns) for name, state in sorted(states.items())}


def is_folder(path: Path) -> bool:
    """Whether a path is a folder; unlike `Path.is_dir`, it never raises."""
    state = _state(path)
    return state is not None and stat.S_ISDIR(state.st_mode)


def _state(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Open a regular file; yields the file and its size in bytes.

    Raises
    ------
    RecordError
        ``missing-file``, ``unreadable`` or ``read-error``; also for errors while the file is open.
    """
    try:
        size = file_size(path)
        with path.open("rb") as file:
            yield file, size
    except OSError as error:
        raise read_failure(path, error) from error


def file_size(path: Path) -> int:
    """Size of a regular file in bytes; pipes and devices are refused without opening them."""
    state = path.stat()
    if not stat.S_ISREG(state.st_mode):
        raise RecordError("unreadable", f"{path}: is no regular file")
    return state.st_size


def read_failure(path: Path, error: Exception) -> RecordError:
    """`RecordError` for an error while reading a file: a permanent reason, or ``read-error``, which may pass.

    Examples
    --------
    >>> read_failure(Path("a.mat"), OSError(errno.EIO, "Input/output error")).reason
    'read-error'
    >>> read_failure(Path("a.hdf5"), OSError("truncated file")).reason
    'unreadable'
    """
    code = getattr(error, "errno", None)
    # HDF5 tells the system's number in its message only.
    told = re.search(r"errno = ([0-9]+)", str(error)) if isinstance(error, OSError) else None
    code = int(told[1]) if code is None and told else code
    code = errno.ENOMEM if isinstance(error, MemoryError) else code
    reason = "unreadable" if code is None else _FACTS.get(code, READ_ERROR)
    hint = ". Reading it again may help." if reason == READ_ERROR else ""
    return RecordError(reason, f"{path}: {os.strerror(code) if code else error}{hint}")


def excerpt(path: Path, text: str) -> str:
    """Content of a file, quoted for a message; nothing if a link leads to it, because then it can be any file."""
    if os.path.realpath(path) != os.path.normpath(path.absolute()):
        return "content that is not shown, because a link leads to the file"
    return f"'{printable(text, 200)}'"
