"""Import of objects by ``package.module`` and attribute, from installed packages or user files."""

from __future__ import annotations

import sys
from importlib import import_module, invalidate_caches
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from ecglens.checks import message, place
from ecglens.errors import ConfigError, did_you_mean, printable


def import_object(module: str, attribute: str) -> Any:
    """Import a module and take an attribute of it.

    A module that Python does not know is looked for in the working directory, which joins the end of ``sys.path`` only
    if it holds the module.

    Raises
    ------
    ConfigError
        There is no such module or attribute, or the module is broken: its file and line are named.

    Examples
    --------
    >>> import_object("math", "pi") > 3
    True
    >>> import_object("math", "pie")
    Traceback (most recent call last):
    ecglens.errors.ConfigError: the module math... has no 'pie'. Did you mean 'pi'?
    """
    if not _is_module_path(module):
        raise ConfigError(f"'{printable(module)}' is not the name of a module; write package.module.")
    add_folder(module, Path(), only=False)
    try:
        found = import_module(module)
        if attribute in dir(found):
            return getattr(found, attribute)
    except (Exception, SystemExit) as error:
        raise ConfigError(_why(module, error)) from error
    file = f" ({found.__file__})" if getattr(found, "__file__", None) else ""
    raise ConfigError(
        f"the module {module}{file} has no '{printable(attribute)}'.{did_you_mean(attribute, dir(found))}"
    )


def add_folder(module: str, folder: Path, *, only: bool = True) -> None:
    """Append a folder to ``sys.path`` if it holds a module that Python does not know otherwise.

    Parameters
    ----------
    module
        ``package.module``; the folder has to hold its first part.
    folder
        Where it may lie.
    only
        Whether a module of the same name elsewhere is an error, instead of the one that is taken.
    """
    top = module.partition(".")[0]
    invalidate_caches()
    own = PathFinder.find_spec(top, [str(folder.resolve())]) if _is_module_path(module) else None
    if own is None:
        return
    known = _known(top)
    if known is None:
        sys.path.append(str(folder.resolve()))
    elif only and own.origin and not _same_file(known, own.origin):
        raise ConfigError(f"there are two modules {top!r}: {known} and {own.origin}. Rename one.")


def _known(top: str) -> str | None:
    """Where Python has a module, or would find it; ``None`` if nowhere."""
    loaded = sys.modules.get(top)
    if isinstance(loaded, ModuleType):
        return loaded.__file__ or "built in" if hasattr(loaded, "__file__") else "built in"
    spec = find_spec(top)
    return (spec.origin or "a folder without code") if spec else None


def _same_file(one: str, other: str) -> bool:
    return Path(one).resolve() == Path(other).resolve()


def _is_module_path(module: str) -> bool:
    return all(part.isidentifier() for part in module.split("."))


def _why(module: str, error: BaseException) -> str:
    """Describe a failed import, with file and line if the fault is in user code."""
    if isinstance(error, ModuleNotFoundError) and error.name and f"{module}.".startswith(f"{error.name}."):
        return (
            f"there is no module '{printable(error.name)}': it is not installed, and is not next to the study "
            f"file or in the working directory, {Path().resolve()}."
        )
    return f"{describe_fault(error)}."


def describe_fault(error: BaseException) -> str:
    """Describe an exception of user code, with file and line if any of its lines ran."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}: {type(error).__name__}: {error.msg}"
    where = place(error)
    return message(error) if where.startswith(str(Path(__file__).parent)) else f"{where}: {message(error)}"
