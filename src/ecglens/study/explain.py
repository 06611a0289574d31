"""Error messages for study files: file, line, field, found value and legal values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from ecglens.errors import ConfigError, EcgLensError, did_you_mean, printable
from ecglens.options import OptionError, found, words, wrong
from ecglens.study.config import Study, with_lenses
from ecglens.study.poolings import written
from ecglens.study.yaml_text import Loc, YamlText

MOST_PROBLEMS = 20


@contextmanager
def at(study: Study, *loc: str | int) -> Iterator[None]:
    """Add the field or entry of the study, and its position, to an error."""
    try:
        yield
    except OptionError as error:
        raise ConfigError(f"{study.place(*loc, error.option)}: {error}") from error
    except EcgLensError as error:
        raise type(error)(f"{study.place(*loc)}: {error}") from error


def explain(error: ValidationError, text: YamlText) -> str:
    """All problems of a study file, one line per field.

    Parameters
    ----------
    error
        Error from the validation of `text.data`.
    text
        Text of the study file.
    """
    problems = {_field(problem["loc"])[0]: problem for problem in reversed(error.errors(include_url=False))}
    # What holds something wrong is not itself another thing that is wrong.
    holders = {loc[:depth] for loc in problems for depth in range(len(loc))}
    wanted = [problem for loc, problem in reversed(problems.items()) if loc not in holders]
    lines = dict.fromkeys(_line(problem, text) for problem in wanted[:MOST_PROBLEMS])
    rest = len(wanted) - MOST_PROBLEMS
    return "\n".join([*lines, *([f"and {rest} more"] if rest > 0 else [])])


def _line(problem: Mapping[str, Any], text: YamlText) -> str:
    loc, expected, known = _field(problem["loc"])
    loc = written(text.data, loc)
    name = ".".join(printable(part) for part in loc) or "study"
    said = _say(problem["type"], loc, _value(text.data, loc), expected, known, problem.get("ctx", {}))
    return f"{text.source}:{text.line(loc)}: {name}: {said}"


def _say(kind: str, loc: Loc, value: Any, expected: str, known: tuple[str, ...], context: Mapping[str, Any]) -> str:
    if kind == "extra_forbidden":
        return f"unknown field.{did_you_mean(loc[-1], known)} Known fields: {', '.join(known)}."
    if kind == "invalid_key":
        return f"found {found(loc[-1])} as the name of a field, expected text."
    if kind == "missing":
        return f"is missing, expected {expected}"
    if "error" in context:
        return str(context["error"])
    return wrong(value, expected)


def _field(loc: tuple[int | str, ...]) -> tuple[Loc, str, tuple[str, ...]]:
    """Where a problem lies in the file, what is legal there, and the fields of what holds it.

    Pydantic's place goes on into the alternatives of a type, which are no places in the file.
    """
    kind: Any = with_lenses()
    limits: list[Any] = []
    known: tuple[str, ...] = ()
    for depth, part in enumerate(loc):
        inner = _without_none(kind)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            known = tuple(inner.model_fields)
            field = inner.model_fields.get(str(part), FieldInfo(annotation=object))
            kind, limits = field.annotation, [*field.metadata, field]
            continue
        arguments = get_args(inner)
        if get_origin(inner) is tuple and isinstance(part, int):
            kind, limits = arguments[0], []
        elif get_origin(inner) is dict and loc[depth + 1 :] != ("[key]",):
            kind, limits = arguments[1], []
        else:
            return tuple(loc[:depth]), words(kind, limits), known
    return tuple(loc), words(kind, limits), known


def _without_none(kind: Any) -> Any:
    """``X`` of ``X | None`` and of an annotated ``X``."""
    if get_origin(kind) is Annotated:
        return _without_none(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        others = [each for each in get_args(kind) if each is not type(None)]
        return _without_none(others[0]) if len(others) == 1 else kind
    return kind


def _value(data: Any, loc: Loc) -> Any:
    """Value at a position, or the last value on the way there."""
    for part in loc:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            break
    return data
