"""Options that several commands take."""

from __future__ import annotations

from typing import Annotated, Any

import typer

Options = Annotated[list[str] | None, typer.Option("--option", "-o", help="KEY=VALUE for the reader or encoder.")]


def read_options(pairs: list[str] | None) -> dict[str, Any]:
    """KEY=VALUE pairs, values read as YAML: numbers are numbers."""
    import yaml

    from ecglens.errors import ConfigError

    wrong = [pair for pair in pairs or [] if "=" not in pair]
    if wrong:
        raise ConfigError(f"--option {wrong[0]!r}: write KEY=VALUE")
    return {key: yaml.safe_load(value) for key, _, value in (pair.partition("=") for pair in pairs or [])}
