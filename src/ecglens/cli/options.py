"""Options that several commands take."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

import typer

Options = Annotated[list[str] | None, typer.Option("--option", "-o", help="KEY=VALUE for the reader or encoder.")]


def read_options(pairs: list[str] | None, taken: Collection[str] = ()) -> dict[str, Any]:
    """KEY=VALUE pairs, values read as YAML: numbers are numbers. Keys in `taken` are given to the command otherwise."""
    from ecglens.errors import ConfigError, printable
    from ecglens.study.yaml_text import parse_yaml

    wrong = [pair for pair in pairs or [] if "=" not in pair]
    if wrong:
        raise ConfigError(f"--option '{printable(wrong[0])}': write KEY=VALUE")
    split = [pair.partition("=") for pair in pairs or []]
    if given := [key for key, _, _ in split if key in taken]:
        raise ConfigError(f"--option {given[0]}: is no option here; the command line gives it already")
    return {key: parse_yaml(value, f"--option {printable(key)}").data for key, _, value in split}
