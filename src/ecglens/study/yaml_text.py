"""Plain data from untrusted YAML text in bounded time, with the line of every value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml

from ecglens.errors import ConfigError, printable

MOST_CHARACTERS, MOST_VALUES, MOST_LEVELS = 200_000, 10_000, 50

Loc = tuple[str | int, ...]
"""Position of a value: keys and indices."""


@dataclass(frozen=True)
class YamlText:
    """Content of a YAML text.

    Parameters
    ----------
    source
        File or option that holds the text, for messages.
    data
        Mappings, lists, text, numbers, true, false, null.
    lines
        Line of every value.
    """

    source: str
    data: Any
    lines: Mapping[Loc, int]

    def line(self, loc: Loc) -> int:
        """The line of a value, or of what would hold it."""
        return next(self.lines[loc[:n]] for n in range(len(loc), -1, -1) if loc[:n] in self.lines)


def read_yaml(path: Path) -> YamlText:
    """Read a file; a `ConfigError` names the file and the line."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(MOST_CHARACTERS + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"cannot read the study file {printable(path, 300)}: {reason}") from error
    return parse_yaml(text, printable(path, 300))


def parse_yaml(text: str, source: str) -> YamlText:
    """Parse a text; a `ConfigError` names the source and the line.

    Examples
    --------
    >>> parse_yaml("a: [1, x]", "here").data
    {'a': [1, 'x']}
    >>> parse_yaml("a: !!int x", "here")
    Traceback (most recent call last):
    ecglens.errors.ConfigError: here:1: 'x' cannot be read as int
    """
    if len(text) > MOST_CHARACTERS:
        raise ConfigError(f"{source}: longer than {MOST_CHARACTERS:,} characters")
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        lines: dict[Loc, int] = {(): 1}
        lines.update(_lines(node, ()) if node else ())
        return YamlText(source, loader.construct_document(node) if node else None, lines)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{source}:{line}: {printable(error.problem, 300)}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(f"{source}:{line}: the character {hex(error.character)} is not allowed here") from error


class _Loader(yaml.SafeLoader):
    """Without dates and without tags of other types; every text is bounded in values and levels, aliases counted."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - a class attribute of PyYAML's
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":value"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    yaml_constructors: ClassVar[dict[Any, Any]] = {
        tag: constructor
        for tag, constructor in yaml.SafeLoader.yaml_constructors.items()
        if tag is None or tag.rpartition(":")[2] in ("null", "bool", "int", "float", "str", "seq", "map")
    }

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._level = 0
        self._sizes: dict[int, tuple[int, int]] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """One node with all below it, or its anchor's node; refused if it is too large."""
        mark: yaml.Mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        is_alias = self.check_event(yaml.AliasEvent)
        self._level += 1
        _refuse_large(mark, len(self._sizes), self._level)
        node = super().compose_node(parent, index)
        self._level -= 1
        if is_alias and id(node) not in self._sizes:
            raise _fault(mark, "this alias is inside its own anchor")
        if node is not None and not is_alias:
            sizes = [self._sizes[id(child)] for child in _children(node)]
            total = 1 + sum(n for n, _ in sizes), 1 + max((height for _, height in sizes), default=0)
            _refuse_large(mark, *total)
            self._sizes[id(node)] = total
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """The value of a node; what Python cannot make of it is refused with its line."""
        try:
            value = super().construct_object(node, deep)
            if isinstance(value, str):
                value.encode()
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            kind = node.tag.rpartition(":")[2]
            raise _fault(node.start_mark, f"'{printable(node.value)}' cannot be read as {kind}") from error
        return value

    def refuse_tag(self, node: yaml.Node) -> Any:
        """Refuse a value that is none of those that a study can hold."""
        raise _fault(node.start_mark, f"the tag '{printable(node.tag)}' has no meaning here; write plain values")


_Loader.add_constructor(None, _Loader.refuse_tag)


def _refuse_large(mark: yaml.Mark, values: int, levels: int) -> None:
    if values > MOST_VALUES:
        raise _fault(mark, f"more than {MOST_VALUES:,} values, each alias counted as what it stands for")
    if levels > MOST_LEVELS:
        raise _fault(mark, f"nested more than {MOST_LEVELS} levels deep")


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    """Nodes directly below a node; a mapping's keys have to be words, each there once."""
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        known = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _fault(key.start_mark, "a list or mapping cannot be the name of a field")
            if key.value in known:
                raise _fault(key.start_mark, f"'{printable(key.value)}' is given twice")
            known.add(key.value)
            yield from (key, value)


def _lines(node: yaml.Node, loc: Loc) -> Iterator[tuple[Loc, int]]:
    """Line of a node and of all below it; that of a field is its name's."""
    if not loc:
        yield loc, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for number, child in enumerate(node.value):
            yield (*loc, number), child.start_mark.line + 1
            yield from _lines(child, (*loc, number))
    elif isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            yield (*loc, key.value), key.start_mark.line + 1
            yield from _lines(child, (*loc, key.value))


def _fault(mark: yaml.Mark, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
