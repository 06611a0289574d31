"""The commands of studies: ``demo``, ``run``, ``results``, ``report``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

Workers = Annotated[int, typer.Option(min=1, help="Number of local worker processes; results do not depend on it.")]


def demo(out: Annotated[Path, typer.Option(help="Run folder.")] = Path("runs/demo"), workers: Workers = CORES) -> None:
    """Run a small but complete study on simulated records."""
    from ecglens.cli.console import progress_bars
    from ecglens.study.demo import run_demo

    with _resumable(), progress_bars() as progress:
        results = run_demo(out, workers=workers, progress=progress)
    _show(results, out, progress.computed)


def run(
    study: Annotated[Path, typer.Argument(help="The study file (YAML).")],
    out: Annotated[Path, typer.Option(help="Run folder; stored results are not computed again.")],
    workers: Workers = CORES,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and its cost; compute nothing.")] = False,
    recompute: Annotated[
        list[str] | None, typer.Option(help="Lens whose cells are computed again, such as overlap; may be repeated.")
    ] = None,
    only_cached: Annotated[
        bool, typer.Option("--only-cached", help="Compute nothing; show stored results of this study.")
    ] = False,
) -> None:
    """Run a study, or finish one that was interrupted."""
    from ecglens.cli.console import print_facts, progress_bars
    from ecglens.study import load_study, run_study
    from ecglens.study.plan import dry_run as plan_only

    chosen = load_study(study)
    if dry_run:
        print_facts(f"{chosen.name}: what it would compute", plan_only(chosen, out))
        return
    with _resumable(), progress_bars() as progress:
        results = run_study(
            chosen, out, workers=workers, progress=progress, recompute=recompute or (), only_cached=only_cached
        )
    _show(results, out, progress.computed or only_cached)


def results(
    folder: Annotated[Path, typer.Argument(help="Run folder.")],
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    latex: Annotated[bool, typer.Option("--latex", help="Print LaTeX tables.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown tables.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the raw numbers as JSON.")] = False,
) -> None:
    """Print the tables of a run, finished or not."""
    from ecglens.cli.console import make_console
    from ecglens.report import print_tables, render, summarise
    from ecglens.study import load_results

    summary = summarise(load_results(folder))
    forms = {"csv": csv, "latex": latex, "markdown": markdown, "json": json}
    chosen = [name for name, wanted in forms.items() if wanted]
    if len(chosen) > 1:
        raise typer.BadParameter("choose one of --csv, --latex, --markdown, --json")
    if chosen:
        typer.echo(render(summary, chosen[0]))
    else:
        print_tables(summary, make_console())


def report(folder: Annotated[Path, typer.Argument(help="Run folder.")]) -> None:
    """Write the HTML report of a run, finished or not."""
    from ecglens.report import write_report
    from ecglens.study import load_results

    typer.echo(write_report(load_results(folder), folder / "report.html"))


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
    from ecglens.cli.console import make_console
    from ecglens.report import print_tables, summarise, write_report

    report = write_report(results, out / "report.html")
    summary = summarise(results)
    if not computed:
        typer.echo("nothing to do: everything was computed before")
    print_tables(summary, make_console())
    typer.echo(f"report: {report}")
    if summary.problems:
        raise typer.Exit(1)
