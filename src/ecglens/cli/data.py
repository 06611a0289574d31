"""The commands ``ecglens data list``, ``check`` and ``simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ecglens.cli.options import Options, read_options
from ecglens.output import clean

data_app = typer.Typer(help="Data sets: list, check, simulate.", no_args_is_help=True)


@data_app.command("list")
def data_list() -> None:
    """List the data sets of ecglens and of installed packages."""
    from ecglens.cli.console import print_facts
    from ecglens.datasets import DATASETS

    for name in DATASETS.names():
        card = DATASETS.load(name).card
        expected = f"{card.expected_records:,} records" if card.expected_records else "records not counted"
        print_facts(name, {"title": f"{card.title}, {card.version}", "holds": expected, "from": card.country,
                      "licence": card.licence, "get it": card.url, "layout": card.layout})  # fmt: skip


@data_app.command("check")
def data_check(
    name: Annotated[str, typer.Argument(help="A name from `ecglens data list`, or package.module:Reader.")],
    root: Annotated[Path, typer.Argument(help="Folder with the records.")],
    option: Options = None,
) -> None:
    """Read every record; print counts, label prevalence, ages, lengths and defects; test the reader if it is custom."""
    from ecglens.cli.console import print_facts, progress_bars
    from ecglens.datasets import DATASETS, Dataset, open_dataset
    from ecglens.datasets.validate.conformance import Report, check_reader
    from ecglens.datasets.validate.inspection import inspect_records, summarise

    options = read_options(option, ("reader", "root"))

    def open_at(root: Path, **more: str) -> Dataset:
        return open_dataset(name, root, **options | more)

    with progress_bars() as progress:
        if name in DATASETS.builtins:
            dataset = open_at(root)
            report = Report(dataset, (), inspect_records(dataset, on_progress=progress.show))
        else:
            report = check_reader(open_at, root, on_progress=progress.show)
    for check in report.checks:
        typer.echo(clean(check))
    inspection = report.inspection
    if inspection:
        print_facts(f"{name} in {root}", summarise(inspection, report.dataset).describe())
        for defect in inspection.defects:
            typer.echo(f"  left out {defect.record_id}: {defect.reason}: {defect.detail}")
    if not report.passed or not inspection or inspection.records.empty:
        raise typer.Exit(1)


@data_app.command("simulate")
def data_simulate(
    root: Annotated[Path, typer.Argument(help="New folder, with one subfolder per data set.")],
    records: Annotated[int, typer.Option(min=1, help="Number of records per data set.")] = 240,
    seed: Annotated[int, typer.Option(min=0, help="Random seed.")] = 0,
) -> None:
    """Write four simulated data sets in the published file layouts."""
    from ecglens.datasets.simulated import simulate_all

    simulate_all(root, records, seed)
    typer.echo(f"simulated records in {root}")
