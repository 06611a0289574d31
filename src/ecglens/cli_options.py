"""Options that several commands take."""

from __future__ import annotations

from typing import Annotated, Any

import typer

Options = Annotated[list[str] | None, typer.Option("--option", "-o", help="KEY=VALUE for the reader or encoder.")]


def read_options(pairs: list[str] | None) -> dict[str, Any]:
    """KEY=VALUE pairs, values read as YAML: numbers are numbers."""
    from ecglens.errors import ConfigError, printable
    from ecglens.study.yaml_text import parse_yaml

    wrong = [pair for pair in pairs or [] if "=" not in pair]
    if wrong:
        raise ConfigError(f"--option '{printable(wrong[0])}': write KEY=VALUE")
    split = [pair.partition("=") for pair in pairs or []]
    return {key: parse_yaml(value, f"--option {printable(key)}").data for key, _, value in split}
