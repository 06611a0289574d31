"""Find the file of a module by its name, without importing it."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path

CODE = (".py", *EXTENSION_SUFFIXES)


@dataclass(frozen=True)
class ModuleFiles:
    """Where modules lie; what was found once is remembered.

    Parameters
    ----------
    root
        Folder of all top-level packages; by default they are looked for where Python does.
    known
        Files of modules that are not to be looked for.

    Examples
    --------
    >>> ModuleFiles().find("ecglens.module_files").name
    'module_files.py'
    >>> ModuleFiles().find("ecglens.no_such_module") is None
    True
    """

    root: Path | None = None
    known: dict[str, Path | None] = field(default_factory=dict)
    _tops: dict[str, ModuleSpec | None] = field(default_factory=dict)

    def find(self, name: str) -> Path | None:
        """The file of a module; of a package, its ``__init__``."""
        if name not in self.known:
            self.known[name] = self._find(name)
        return self.known[name]

    def _find(self, name: str) -> Path | None:
        parent, _, own = name.rpartition(".")
        if not parent:
            spec = self._top(name)
            return Path(spec.origin) if spec and spec.has_location and spec.origin else None
        names = [f"{stem}{suffix}" for stem in (f"{own}/__init__", own) for suffix in CODE]
        places = (Path(folder, name) for folder in self._folders(parent) for name in names)
        return next((path for path in places if path.is_file()), None)

    def _folders(self, package: str) -> list[str]:
        """Folders in which the modules of a package lie."""
        parent, _, own = package.rpartition(".")
        if parent:
            return [str(Path(folder, own)) for folder in self._folders(parent)]
        spec = self._top(package)
        return list(spec.submodule_search_locations or ()) if spec else []

    def _top(self, name: str) -> ModuleSpec | None:
        if name not in self._tops:
            self._tops[name] = self._look_up(name) if name else None
        return self._tops[name]

    def _look_up(self, name: str) -> ModuleSpec | None:
        if self.root is not None:
            return PathFinder.find_spec(name, [str(self.root)])
        try:
            return find_spec(name)
        except (ValueError, ImportError):  # a module without a spec, such as a script
            return None
