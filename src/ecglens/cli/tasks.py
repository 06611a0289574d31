"""The commands ``ecglens tasks``."""

from __future__ import annotations

from typing import Annotated

import typer

tasks_app = typer.Typer(help="Tasks: list, show.", no_args_is_help=True)


@tasks_app.command("list")
def tasks_list() -> None:
    """List the tasks of ecglens and of installed packages."""
    from ecglens.tasks import TASKS, get_task

    for task in map(get_task, TASKS.names()):
        typer.echo(f"{task.name:<12} {task.title}")


@tasks_app.command("show")
def tasks_show(
    name: Annotated[str, typer.Argument(help="A name from `ecglens tasks list`, or package.module:TASK.")],
) -> None:
    """Show the codes of a task in every vocabulary, with their meanings, its rule and its notes."""
    from ecglens.cli.console import print_facts
    from ecglens.tasks import describe, get_task

    print_facts(name, describe(get_task(name)))
