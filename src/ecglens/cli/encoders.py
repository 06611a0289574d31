"""The commands ``ecglens encoders``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecglens.cli.options import Options, read_options
from ecglens.output import clean

encoders_app = typer.Typer(help="Encoders: list, show, pull weights, check.", no_args_is_help=True)

EncoderName = Annotated[str, typer.Argument(help="A name from `ecglens encoders list`, or package.module:Encoder.")]


@encoders_app.command("list")
def encoders_list() -> None:
    """List the encoders of ecglens and of installed packages."""
    from ecglens.encoders import ENCODERS, load_card

    for name in ENCODERS.names():
        card = load_card(name)
        typer.echo(f"{name:<20} dim {card.dim:<6} {card.summary}")


@encoders_app.command("show")
def encoders_show(name: EncoderName) -> None:
    """Show the card and the recipes of an encoder; no weights are needed."""
    from ecglens.cli.console import print_facts
    from ecglens.encoders import describe

    print_facts(name, describe(name))


@encoders_app.command("pull")
def encoders_pull(
    name: EncoderName,
    file: Annotated[Path | None, typer.Option(help="Check and store this file instead of downloading one.")] = None,
) -> None:
    """Show the licence of the published weights of an encoder, then download and check them."""
    from ecglens.encoders.weights.pull import pull

    typer.echo(pull(name, file, echo=typer.echo))


@encoders_app.command("check")
def encoders_check(
    name: EncoderName,
    weights: Annotated[Path | None, typer.Option(help="Checkpoint of the encoder.")] = None,
    option: Options = None,
) -> None:
    """Check an encoder on simulated records."""
    from ecglens.encoders import load_encoder
    from ecglens.encoders.checks.conformance import check_encoder

    given = {"weights": weights} if weights else {}
    checks = check_encoder(load_encoder(name, **given, **read_options(option, ("name", *given))))
    for check in checks:
        typer.echo(clean(check))
    if any(check.passed is False for check in checks):
        raise typer.Exit(1)
