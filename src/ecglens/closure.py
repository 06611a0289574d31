"""Digest of the code that a function, class or module depends on."""

from __future__ import annotations

import hashlib
import inspect
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from ecglens.errors import EncoderError
from ecglens.module_files import ModuleFiles
from ecglens.python_source import DATA, Import, PythonSource, read_source

OWN = "ecglens"
IGNORED = frozenset({f"{OWN}._version"})
"""Modules that make no numbers."""
MAIN = ("__main__", "__mp_main__")
STDLIB = Path(sysconfig.get_paths()["stdlib"])
INSTALLED = ("site-packages", "dist-packages")
"""Folders of installed packages."""


def code_digest(*targets: Any) -> str:
    """Compute the digest of the code that functions, classes or modules depend on.

    It covers the modules that define them and the modules that these import, directly or not: those of ecglens, those
    of the same package, and for code outside ecglens all that do not belong to an installed package. Comments,
    docstrings and formatting do not count, nor does the folder in which a package lies. A data file counts if it lies
    beside a module that names it in a string, or that names files by their ending, as in ``f"{name}.csv"``.

    What a registry finds by its name is not imported, and its table of names does not count: add what was found to
    `targets`.

    Parameters
    ----------
    targets
        Functions, classes or modules. Of a class, the classes it inherits from count as well. Any other object counts
        by its class.

    Returns
    -------
    str
        16 hexadecimal digits.

    Raises
    ------
    EncoderError
        The code is in no file, such as a class that was typed into a console.

    Examples
    --------
    >>> from ecglens import registry, errors
    >>> code_digest(registry.Registry) == code_digest(registry) != code_digest(errors)
    True
    """
    files = dict(place for target in targets for place in _places(target))
    return _Closure(ModuleFiles(known=dict(files))).digest(files)


def digest_modules(modules: Iterable[str], root: Path) -> str:
    """Digest of the code of modules that lie below a folder, without importing them.

    Parameters
    ----------
    modules
        Their names, such as ``"ecglens.geometry"``.
    root
        Folder of their top-level packages.
    """
    return _Closure(ModuleFiles(Path(root))).digest(modules)


def import_closure(modules: Iterable[str], root: Path) -> list[str]:
    """Names of the modules that `digest_modules` covers, sorted."""
    return sorted(_Closure(ModuleFiles(Path(root))).modules(modules))


@dataclass(frozen=True)
class _Closure:
    """Modules that some modules import.

    Parameters
    ----------
    files
        Where modules lie.
    """

    files: ModuleFiles

    def digest(self, modules: Iterable[str]) -> str:
        """Digest of names and code of all modules, and of their data files."""
        lines = []
        for name in self.modules(modules):
            path = self.files.find(name)
            source = self._source(name)
            if path is None or source is None:
                raise EncoderError(f"{name}: its code lies in no file.")
            lines.append(f"{name}\0{source.digest}")
            data = _data_files(path.parent, source)
            lines += [f"{name}\0{file.name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in data]
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]

    def modules(self, modules: Iterable[str]) -> set[str]:
        """The modules and everything that they import."""
        found, waiting = set[str](), list(modules)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                source = self._source(name)
                for each in source.imports if source else ():
                    waiting += self._targets(name, each, set()) - IGNORED
        return found

    def _targets(self, importer: str, each: Import, seen: set[tuple[str, str]]) -> set[str]:
        """Modules that one import of a module brings in."""
        module = self._absolute(importer, each)
        if not self._counts(importer, module):
            return set()
        if not each.name:
            return {module}
        return self._definers(module, each.name, seen)

    def _definers(self, module: str, name: str, seen: set[tuple[str, str]]) -> set[str]:
        """Modules in which a name is defined that is imported from a module, through re-exports."""
        if (module, name) in seen:
            return set()
        seen.add((module, name))
        source = self._source(module)
        bound = source.bound.get(name) if source else None
        if bound is None and self.files.find(f"{module}.{name}"):
            return {f"{module}.{name}"}
        if bound is None and source:
            bound = self._stub(module).get(name)
        found: set[str] = set()
        for each in bound or (None,):
            found |= (self._targets(module, each, seen) if each else set()) or {module}
        return found

    def _stub(self, module: str) -> Any:
        """Names that the stub of a lazy package binds."""
        path = self.files.find(module)
        stub = path.with_suffix(".pyi") if path else None
        return read_source(stub).bound if stub and stub.is_file() else {}

    def _absolute(self, importer: str, each: Import) -> str:
        if not each.level:
            return each.module
        path = self.files.find(importer)
        is_package = path is not None and path.stem == "__init__"
        parts = importer.split(".")
        base = parts[: len(parts) - each.level + is_package]
        return ".".join([*base, each.module] if each.module else base)

    def _counts(self, importer: str, module: str) -> bool:
        """Whether a module that another imports is part of the code."""
        own, top = importer.partition(".")[0], module.partition(".")[0]
        if top not in {own, OWN} and (own == OWN or top in sys.stdlib_module_names):
            return False
        path = self.files.find(module)
        return path is not None and (top in {own, OWN} or not _is_installed(path))

    def _source(self, name: str) -> PythonSource | None:
        path = self.files.find(name)
        return read_source(path) if path else None


def _data_files(folder: Path, source: PythonSource) -> list[Path]:
    named = (folder.glob(f"*{data}") if data in DATA else (folder / data,) for data in source.data)
    return sorted({path for paths in named for path in paths if path.is_file()})


def _places(target: Any) -> Iterator[tuple[str, Path]]:
    """Name and file of the modules that define an object."""
    if isinstance(target, partial):
        target = target.func
    if isinstance(target, ModuleType):
        if not getattr(target, "__file__", None):
            raise EncoderError(f"{target.__name__}: its code lies in no file.")
        yield _name(target.__name__, Path(str(target.__file__))), Path(str(target.__file__))
        return
    kind = target if inspect.isclass(target) or inspect.isroutine(target) else type(target)
    own = _file_of(kind)
    if own is None:
        raise EncoderError(f"{kind.__qualname__}: its code lies in no file. Define it in a module.")
    yield _name(kind.__module__, own), own
    for part in kind.__mro__[1:] if inspect.isclass(kind) else ():
        path = _file_of(part)
        if path is not None and not _is_installed(path):
            yield _name(part.__module__, path), path


def _name(module: str, path: Path) -> str:
    """Name of a module; of a script that runs, the name of its file."""
    return path.stem if module in MAIN else module


def _file_of(kind: Any) -> Path | None:
    try:
        found = inspect.getsourcefile(inspect.unwrap(kind))
    except (TypeError, OSError):
        return None  # built in, or typed into a console
    return Path(found) if found else None


def _is_installed(path: Path) -> bool:
    return not {*INSTALLED}.isdisjoint(path.parts) or path.is_relative_to(STDLIB)
