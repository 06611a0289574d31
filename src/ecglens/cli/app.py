"""The command ``ecglens``. Every command is one call of the API; heavy libraries are imported inside them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Annotated, NoReturn

import typer

from ecglens._version import __version__
from ecglens.cli import matrices, study
from ecglens.cli.data import data_app
from ecglens.cli.encoders import encoders_app
from ecglens.cli.tasks import tasks_app
from ecglens.output import clean_lines

app = typer.Typer(help="Benchmark the embeddings of ECG foundation models.", no_args_is_help=True)
app.add_typer(data_app, name="data")
app.add_typer(tasks_app, name="tasks")
app.add_typer(encoders_app, name="encoders")

COMMANDS: tuple[Callable[..., None], ...] = (
    study.demo, study.run, study.results, study.report, matrices.overlap, matrices.geometry, matrices.reference_scale
)  # fmt: skip
for command in COMMANDS:
    app.command()(command)
app.command("calibrate", hidden=True)(matrices.reference_scale)  # its name until 0.1


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        typer.echo(f"ecglens {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command.

    Exit codes: 0, all is well; 1, something failed or could not be computed, as the first lines of the output say; 2,
    the command was refused or could not go on, for the reason that one message gives; 130 or 143, it was interrupted.
    """
    from ecglens.errors import EcgLensError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a character that the output cannot show ends no command
            stream.reconfigure(errors="replace")
    try:
        app()
    except EcgLensError as error:
        _refuse(f"{type(error).__name__}: {error}")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _refuse(
            f"{where}{error.strerror or error}. Fix the problem, or choose another place, and run the command again."
        )


def _refuse(message: str) -> NoReturn:
    typer.echo(clean_lines(message), err=True)
    sys.exit(2)
