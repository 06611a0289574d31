"""The command ``ecglens``. Every command is one call of the API; heavy libraries are imported inside them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from ecglens import cli_matrices
from ecglens._version import __version__
from ecglens.cli_data import data_app
from ecglens.cli_options import Options, read_options
from ecglens.output import clean, clean_lines

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

app = typer.Typer(help="Do ECG embeddings carry cardiology, or the source?", no_args_is_help=True)
tasks_app = typer.Typer(help="Tasks: list, show.", no_args_is_help=True)
encoders_app = typer.Typer(help="Encoders: list, show, pull weights, check.", no_args_is_help=True)
app.add_typer(data_app, name="data")
app.add_typer(tasks_app, name="tasks")
app.add_typer(encoders_app, name="encoders")

for command in (cli_matrices.overlap, cli_matrices.geometry, cli_matrices.reference_scale):
    app.command()(command)
app.command("calibrate", hidden=True)(cli_matrices.reference_scale)  # its name until 0.1

Workers = Annotated[int, typer.Option(min=1, help="Local worker processes; the numbers do not depend on it.")]
EncoderName = Annotated[str, typer.Argument(help="A name from `ecglens encoders list`, or package.module:Encoder.")]


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        typer.echo(f"ecglens {__version__}")
        raise typer.Exit


@app.command()
def demo(out: Annotated[Path, typer.Option(help="Run folder.")] = Path("runs/demo"), workers: Workers = CORES) -> None:
    """Run a small but complete study on simulated records."""
    from ecglens.study.demo import run_demo
    from ecglens.terminal import progress_bars

    with _resumable(), progress_bars() as progress:
        results = run_demo(out, workers=workers, progress=progress)
    _show(results, out, progress.computed)


@app.command()
def run(
    study: Annotated[Path, typer.Argument(help="The study file (YAML).")],
    out: Annotated[Path, typer.Option(help="Run folder; what it holds is not computed again.")],
    workers: Workers = CORES,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and its cost, compute nothing.")] = False,
    recompute: Annotated[
        list[str] | None, typer.Option(help="Lens whose cells are computed again, such as overlap; may be repeated.")
    ] = None,
    only_cached: Annotated[
        bool, typer.Option("--only-cached", help="Compute nothing: show what is stored for this study.")
    ] = False,
) -> None:
    """Run a study, or finish one that was interrupted."""
    from ecglens.study import load_study, run_study
    from ecglens.study.plan import dry_run as plan_only
    from ecglens.terminal import print_facts, progress_bars

    chosen = load_study(study)
    if dry_run:
        print_facts(f"{chosen.name}: what it would compute", plan_only(chosen, out))
        return
    with _resumable(), progress_bars() as progress:
        results = run_study(
            chosen, out, workers=workers, progress=progress, recompute=recompute or (), only_cached=only_cached
        )
    _show(results, out, progress.computed)


@app.command()
def results(
    folder: Annotated[Path, typer.Argument(help="Run folder.")],
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    latex: Annotated[bool, typer.Option("--latex", help="Print LaTeX tables.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown tables.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the numbers behind the tables as JSON.")] = False,
) -> None:
    """Print the tables of a run, finished or not."""
    from ecglens.report import print_tables, render, summarise
    from ecglens.study import load_results
    from ecglens.terminal import make_console

    summary = summarise(load_results(folder))
    forms = {"csv": csv, "latex": latex, "markdown": markdown, "json": json}
    chosen = [name for name, wanted in forms.items() if wanted]
    if len(chosen) > 1:
        raise typer.BadParameter("choose one of --csv, --latex, --markdown, --json")
    if chosen:
        typer.echo(render(summary, chosen[0]))
    else:
        print_tables(summary, make_console())


@app.command()
def report(folder: Annotated[Path, typer.Argument(help="Run folder.")]) -> None:
    """Write the HTML report of a run, finished or not."""
    from ecglens.report import write_report
    from ecglens.study import load_results

    typer.echo(write_report(load_results(folder), folder / "report.html"))


@tasks_app.command("list")
def tasks_list() -> None:
    """List the tasks that ecglens has built in, and those that installed packages add."""
    from ecglens.tasks import TASKS, get_task

    for task in map(get_task, TASKS.names()):
        typer.echo(f"{task.name:<12} {task.title}")


@tasks_app.command("show")
def tasks_show(
    name: Annotated[str, typer.Argument(help="A name from `ecglens tasks list`, or package.module:TASK.")],
) -> None:
    """Show the codes of a task in every vocabulary, with their meanings, its rule and its notes."""
    from ecglens.tasks import describe, get_task
    from ecglens.terminal import print_facts

    print_facts(name, describe(get_task(name)))


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
    from ecglens.encoders import describe
    from ecglens.terminal import print_facts

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
    """Test on simulated records whether an encoder keeps the contract."""
    from ecglens.encoders import load_encoder
    from ecglens.encoders.checks.conformance import check_encoder

    given = {"weights": weights} if weights else {}
    checks = check_encoder(load_encoder(name, **given, **read_options(option, ("name", *given))))
    for check in checks:
        typer.echo(clean(check))
    if any(check.passed is False for check in checks):
        raise typer.Exit(1)


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
        _refuse(f"{where}{error.strerror or error}. Mend this, or choose another place, and run the command again.")


def _refuse(message: str) -> NoReturn:
    typer.echo(clean_lines(message), err=True)
    sys.exit(2)


@contextmanager
def _resumable() -> Iterator[None]:
    """On Ctrl-C or SIGTERM, say at once how to go on; exit with 130 or 143."""
    from ecglens.interrupts import Interrupted, stops_cleanly

    try:
        with stops_cleanly("stopping; run the same command again to continue"):
            yield
    except Interrupted as interrupt:
        raise typer.Exit(interrupt.exit_code) from None


def _show(results: Any, out: Path, computed: bool) -> None:
    """Write the report, print the tables, and exit with a code that says whether every cell ended well."""
    from ecglens.report import print_tables, summarise, write_report
    from ecglens.terminal import make_console

    report = write_report(results, out / "report.html")
    summary = summarise(results)
    if not computed:
        typer.echo("nothing to do: everything was computed before")
    print_tables(summary, make_console())
    typer.echo(f"report: {report}")
    if summary.problems:
        raise typer.Exit(1)
