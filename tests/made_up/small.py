"""A summary that holds the numbers of one lens only, for tests of one table or figure."""

from typing import Any

import pandas as pd

from ecglens.report import Summary
from ecglens.report.gaps import Grid
from ecglens.study.results import STATE, DefectRow, FailureRow, JointRow, Results, SampleRow, cell_frame

GRID = Grid(
    datasets=("here", "there"), encoders=("conv", "features"), tasks=("af",), sizes=("S", "L"), shuffled=("conv",)
)
STUDY = {
    "name": "Small",
    "datasets": [{"name": "here"}, {"name": "there"}],
    "encoders": [{"name": "conv"}, {"name": "features"}],
    "tasks": ["af"],
    "sizes": {"L": 1000, "S": 250},
    "shuffled": ["conv"],
    "folds": 5,
    "probes": [{"name": "mlp"}, {"name": "xgboost"}],
    "attribution": {"top_k": 20},
    "geometry": {"k": 10, "seeds": 4, "repeats": 4},
}


def empty(row: Any) -> pd.DataFrame:
    """A table without rows."""
    return pd.DataFrame(columns=[*row.columns()])


def stored(row: Any, *rows: dict[str, Any]) -> pd.DataFrame:
    """Rows of a stage as they are read back: text is text, even if all of it is missing."""
    frame = cell_frame(row, {}, pd.DataFrame(rows, columns=None if rows else [*row.columns()]))
    text = [*row.texts(), *STATE]
    # As text, old releases of pandas would turn what is missing into the word nan.
    return frame.astype(dict.fromkeys(text, "str")).where(
        frame[text].notna().reindex(columns=frame.columns, fill_value=True)
    )


def small_results(study: dict[str, Any] | None = None, **changes: Any) -> Results:
    """Results of a study that has not begun; `changes` are its fields, or tables of stages."""
    fields = {name: changes.pop(name) for name in [*changes] if name in Results.__dataclass_fields__}
    nothing = {
        "provenance": {"encoders": {}},
        "records": {},
        "defects": empty(DefectRow),
        "samples": empty(SampleRow),
        "joint_samples": empty(JointRow),
        "failures": empty(FailureRow),
    }
    return Results(study=STUDY | (study or {}), **nothing | fields, tables=changes)


def summary_of(
    *found: Any, grid: Grid = GRID, simulated: frozenset[str] = frozenset(), results: Results | None = None
) -> Summary:
    """A summary in which lenses found this, and nothing else."""
    titles = {task: f"task {task}" for task in grid.tasks}
    named = {type(each).__name__: each for each in found}
    return Summary(results or small_results(), grid, titles, simulated, (), named)


def texts_of(table: Any) -> list[list[str]]:
    """What a table shows, without notes."""
    return [[cell.text for cell in row] for row in table.rows]


def column(table: Any, name: str) -> list[Any]:
    """Cells of a column."""
    return [row[table.columns.index(name)] for row in table.rows]
