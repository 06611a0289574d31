"""Facts about a Python file, without running it: digest of its code, imports and bound names."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

DATA = (".csv", ".json", ".txt")
"""How the names of data files end that belong to the code."""


@dataclass(frozen=True)
class Import:
    """An import of a module, or of a name from a module.

    Parameters
    ----------
    level
        Number of leading dots.
    module
        The module as the statement names it.
    name
        The name that is imported from it, or ``*``; empty for a plain ``import``.
    """

    level: int
    module: str
    name: str = ""


@dataclass(frozen=True)
class PythonSource:
    """The facts of one file.

    Parameters
    ----------
    digest
        SHA-256 of its syntax tree without comments, docstrings, formatting, and the tables of registries.
    imports
        Every import, also inside functions, except under ``if TYPE_CHECKING:``.
    bound
        Each name of the module's top level to where it comes from: an import, or ``None`` if it is defined here.
    data
        Strings that may name data files.
    """

    digest: str
    imports: frozenset[Import]
    bound: Mapping[str, frozenset[Import | None]]
    data: frozenset[str]


def read_source(path: Path) -> PythonSource:
    """Facts of a file; a file that Python cannot parse, such as a compiled one, counts by its bytes.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "area.py"
    ...     _ = path.write_text("from math import pi\\n\\ndef area(r):\\n    return pi * r * r")
    ...     source = read_source(path)
    >>> sorted(source.bound)
    ['area', 'pi']
    """
    facts = path.stat()
    return _read(str(path), facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=8192)
def _read(path: str, _mtime: int, _size: int) -> PythonSource:
    content = Path(path).read_bytes()
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return PythonSource(hashlib.sha256(content).hexdigest(), frozenset(), {}, frozenset())
    words: list[str] = []
    imports: set[Import] = set()
    data: set[str] = set()
    _visit(tree, words, imports, data)
    bound: dict[str, set[Import | None]] = {}
    for name, source in _bindings(tree.body):
        bound.setdefault(name, set()).add(source)
    return PythonSource(
        hashlib.sha256("\0".join(words).encode(errors="surrogatepass")).hexdigest(),
        frozenset(imports),
        {name: frozenset(sources) for name, sources in bound.items()},
        frozenset(data),
    )


def _visit(node: ast.AST, words: list[str], imports: set[Import], data: set[str], counted: bool = True) -> None:
    """Write a node down as words, and collect imports and names of data files.

    Fields without a value are left out, so that a tree reads the same in all versions of Python.
    """
    words.append(type(node).__name__)
    if counted and isinstance(node, ast.Import | ast.ImportFrom):
        imports.update(source for _, source in _imported(node))
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(DATA):
        data.add(node.value)
    for name in node._fields:
        value = getattr(node, name, None)
        if value is None and not isinstance(node, ast.Constant):
            continue
        if isinstance(value, ast.AST):
            words.append(name)
            _visit(value, words, imports, data, counted)
        elif isinstance(value, list):
            if value:
                words += [name, "["]
                branch = counted and not (name == "body" and _is_type_checking(node))
                for item in value:
                    _visit_item(item, words, imports, data, branch)
                words.append("]")
        else:
            words += [name, type(value).__name__, repr(value)]


def _visit_item(item: object, words: list[str], imports: set[Import], data: set[str], counted: bool) -> None:
    if not isinstance(item, ast.AST):
        words.append(repr(item))
    elif not _is_silent(item):
        _visit(item, words, imports, data, counted)


def _is_silent(node: ast.AST) -> bool:
    """Whether a statement makes no numbers: a docstring, a string beneath an assignment, the table of a registry."""
    value = getattr(node, "value", None)
    if isinstance(node, ast.Expr):
        return isinstance(value, ast.Constant) and isinstance(value.value, str)
    named = getattr(value, "func", None) if isinstance(node, ast.Assign | ast.AnnAssign) else None
    return getattr(named, "id", getattr(named, "attr", "")).endswith("Registry")


def _is_type_checking(node: ast.AST) -> bool:
    if not isinstance(node, ast.If):
        return False
    test = node.test
    return getattr(test, "id", None) == "TYPE_CHECKING" or getattr(test, "attr", None) == "TYPE_CHECKING"


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Import]]:
    """Names that an import binds, and where each comes from."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, Import(node.level, node.module or "", alias.name)
        elif alias.asname:
            yield alias.asname, Import(0, alias.name)
        else:
            yield alias.name.partition(".")[0], Import(0, alias.name)


def _bindings(statements: list[ast.stmt]) -> Iterator[tuple[str, Import | None]]:
    """Names that statements bind in their own scope, once per binding."""
    for node in statements:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imported(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, None
        elif isinstance(node, ast.If | ast.For | ast.While | ast.With | ast.Try | ast.TryStar | ast.Match):
            yield from _bindings(_nested(node))
        else:
            yield from ((part.id, None) for part in ast.walk(node) if isinstance(part, ast.Name) and _binds(part))


def _binds(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _nested(node: ast.AST) -> list[ast.stmt]:
    """Statements inside a compound one, in all its branches but those for type checkers."""
    skipped = {"body"} if _is_type_checking(node) else set()
    found: list[ast.stmt] = []
    for name, value in ast.iter_fields(node):
        for item in value if isinstance(value, list) and name not in skipped else ():
            if isinstance(item, ast.stmt):
                found.append(item)
            elif isinstance(item, ast.ExceptHandler | ast.match_case):
                found += item.body
    return found
