"""Options of encoders and readers, checked against the signature of their constructor."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from ecglens.errors import ConfigError, did_you_mean, printable

PLAIN = (NoneType, bool, int, float, str, list, dict)
"""Types of values in a study file; other values come from Python and are not checked."""


class OptionError(ConfigError):
    """An option that is unknown, or whose value has the wrong type.

    Parameters
    ----------
    option
        Name of the option.
    message
        Description of the fault.
    """

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


def check_options(
    what: str,
    factory: Callable[..., Any],
    options: Mapping[str, Any],
    *,
    positional: int = 0,
    others: Sequence[str] = (),
) -> None:
    """Refuse options that a class or function does not take.

    Parameters
    ----------
    what
        Owner of the options, as named in messages.
    factory
        The class or function.
    options
        Name to value.
    positional
        Number of first parameters that the caller fills.
    others
        Further legal words, for messages.

    Raises
    ------
    OptionError
        Unknown option, or a value that does not fit the annotation.
    ConfigError
        An option is missing, or the object cannot be called.

    Examples
    --------
    >>> def net(dim: int = 8): ...
    >>> check_options("net", net, {"dim": 16})
    >>> check_options("net", net, {"dim": "x"})
    Traceback (most recent call last):
    ecglens.options.OptionError: net: dim: found 'x', expected a whole number.
    """
    parameters = list(parameters_of(factory).values())[positional:]
    legal = {each.name: each for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)}
    takes_any = any(each.kind is each.VAR_KEYWORD for each in parameters)
    known = list(dict.fromkeys((*others, *legal)))
    listed = f"Options: {', '.join(known) or 'none'}."
    for name, value in options.items():
        if name not in legal and not takes_any:
            meant = did_you_mean(name, known)
            raise OptionError(name, f"{what}: unknown option '{printable(name)}'.{meant} {listed}")
        annotation = legal[name].annotation if name in legal else Any
        if not _fits(value, annotation):
            raise OptionError(name, f"{what}: {name}: {wrong(value, words(annotation))}")
    missing = [name for name, each in legal.items() if each.default is each.empty and name not in options]
    if missing:
        raise ConfigError(f"{what}: the option {missing[0]!r} is missing. {listed}")


def parameters_of(factory: Any) -> Mapping[str, inspect.Parameter]:
    """Parameters of a class or function, with annotations resolved to types if possible."""
    try:
        return inspect.signature(factory, eval_str=True).parameters
    except (NameError, AttributeError, SyntaxError):
        return inspect.signature(factory).parameters
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{found(factory)} is neither a Python class nor a Python function") from error


def found(value: Any) -> str:
    """A value as shown in messages.

    Examples
    --------
    >>> found(True), found(None), found("x" * 200)[-3:]
    ('true', 'null', "x…'")
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f"'{printable(value)}'"
    return printable(repr(value) if isinstance(value, PLAIN) else f"<{type(value).__name__}>")


def wrong(value: Any, expected: str) -> str:
    """A sentence on a value that is not what was expected, with the closest of the words that are legal.

    Examples
    --------
    >>> wrong("men", words(Literal["mean", "max"]))
    "found 'men', expected 'mean' or 'max'. Did you mean 'mean'?"
    """
    choices = expected.split("'")[1::2] if isinstance(value, str) else ()
    return f"found {found(value)}, expected {expected}.{did_you_mean(value, choices)}"


def words(annotation: Any, limits: Sequence[Any] = ()) -> str:
    """Describe the legal values of a type in words.

    Parameters
    ----------
    annotation
        Its type; a class may have words of its own as the attribute `in_words`.
    limits
        Objects with the attributes `ge`, `le`, `min_length`, `max_length` or `title`, as pydantic keeps them.

    Examples
    --------
    >>> words(int | None), words(Literal["mean", "max"]), words(tuple[str, ...])
    ('a whole number or null', "'mean' or 'max'", 'a list of text')
    """
    if own_words := [each.title for each in limits if isinstance(getattr(each, "title", None), str)]:
        return str(own_words[-1])
    kind, arguments = get_origin(annotation) or annotation, get_args(annotation)
    if kind is Annotated:
        return words(arguments[0], arguments[1:])
    if kind in (Union, UnionType):
        return " or ".join(words(each) for each in arguments)
    if kind is Literal:
        return " or ".join(found(each) for each in arguments)
    if kind in (tuple, list, Sequence):
        each = words(arguments[0]) if arguments else "values"
        least = ", at least one" if any(getattr(limit, "min_length", None) for limit in limits) else ""
        return f"a list, each entry {each}{least}" if "," in each else f"a list of {each}{least}"
    own = getattr(kind, "in_words", None) or _WORDS.get(kind, "another value")
    return f"{own}{_range(limits)}"


def _range(limits: Sequence[Any]) -> str:
    flat = [each for limit in limits for each in (limit, *getattr(limit, "metadata", ()))]
    bounds = {name: getattr(each, name) for each in flat for name in _BOUNDS if getattr(each, name, None) is not None}
    low, high = (
        next((bounds[name] for name in names if name in bounds), None) for names in (_BOUNDS[::2], _BOUNDS[1::2])
    )
    unit = " characters" if "max_length" in bounds else ""
    if low is not None and high is not None:
        return f"{' of' if unit else ' from'} {low:,} to {high:,}{unit}"
    return f" of at most {high:,}{unit}" if high is not None else f" of {low:,} or more" if low is not None else ""


_BOUNDS = ("ge", "le", "min_length", "max_length")

_WORDS: Mapping[Any, str] = {
    NoneType: "null",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    dict: "a mapping",
    Mapping: "a mapping",
}


def _fits(value: Any, annotation: Any) -> bool:
    """Whether a plain value fits an annotation; one that is not understood fits everything."""
    if type(value) not in PLAIN:
        return True
    kind, arguments = get_origin(annotation) or annotation, get_args(annotation)
    if kind is Annotated:
        return _fits(value, arguments[0])
    if kind in (Union, UnionType):
        return any(_fits(value, each) for each in arguments)
    if kind is Literal:
        return any(value == each and type(value) is type(each) for each in arguments)
    if kind in (tuple, list, Sequence):
        return isinstance(value, list) and (not arguments or all(_fits(each, arguments[0]) for each in value))
    if kind in (int, float):
        most = 2**63 - 1 if kind is int else sys.float_info.max
        return type(value) in (int, kind) and -most <= value <= most
    known: Mapping[Any, type] = {NoneType: NoneType, bool: bool, str: str, Path: str, dict: dict, Mapping: dict}
    return isinstance(value, known.get(kind, object))
