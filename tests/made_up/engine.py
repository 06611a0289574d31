"""A lens with everything that a report can show, and hostile text; it computes nothing."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure
from tests.made_up.small import small_results

from ecglens.lens import Lens
from ecglens.report import Summary, summarise
from ecglens.report.drawing import finish
from ecglens.report.figure import Picture
from ecglens.report.section import Finding, Note, Section, highlights
from ecglens.report.table import Cell, Table, gap_cell, texts

HOSTILE = "<script>alert('x')</script>"
VALUES = pd.DataFrame({"encoder": ["conv", "features"], "value": [1 / 3, 0.7], "low": [0.1, 0.6], "high": [0.5, 0.8]})
NUMBERS = Table(
    "Numbers",
    ("encoder", "value"),
    (
        (Cell("conv"), Cell("0.33 [0.10, 0.50]", ("all folds score alike",))),
        (Cell("features"), Cell("0.70 [0.60, 0.80]", strong=True)),
        (Cell("age-sex"), gap_cell("cannot-fill", "needs 500 positives, has 301")),
    ),
    "What is shown.",
    terms=(("value", "2 TP & more"),),
)
DETAILS = Table("Closer look", ("encoder", "n"), (texts("conv", "1,234"),), details=True)
FOLDED = Table("Said above", ("encoder", "n"), (texts(HOSTILE, "5"),), folded=True)
NOTHING = Table("Nothing", ("encoder",), ())


class Found:
    """What the lens made of the results."""


def figures() -> Iterator[Picture]:
    figure = Figure(figsize=(2.0, 1.0))
    figure.subplots().plot([0, 1], [0, 1])
    yield finish(figure, "A line", "From 0 to 1.")


def sections(summary: Summary) -> list[Section]:
    return [
        Section(
            name="numbers",
            title="Numbers",
            place=10,
            tables=(NUMBERS, DETAILS, NOTHING),
            figures=figures,
            frames={"values": VALUES},
            notes=(Note("conv", "A note & a sign."),),
            problems=("Nothing worked.",),
        ),
        highlights((FOLDED,), (Finding("Found?", "What was asked.", ("conv: yes",)),)),
    ]


LENS = Lens(name="made-up", summarise=lambda _: Found(), sections=sections)


def engine_summary(study: dict | None = None, **changes) -> Summary:
    """A summary of a run that asks this lens only."""
    return summarise(small_results(study, **{"lenses": ("tests.made_up.engine:LENS",)} | changes))
