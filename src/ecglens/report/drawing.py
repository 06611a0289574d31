"""Shared parts of figures: colours, marks, legends and rendering."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from textwrap import wrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecglens.report.figure import Picture
from ecglens.report.summary import Summary

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#F0E442")
"""Colours of Okabe and Ito (2008), distinguishable with colour vision deficiency."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
LABEL_COLOURS = {0: "#B8B8B8", 1: "#882255"}
GREY = "#8A8A8A"
LETTERS_PER_INCH = 12
"""Of a title, in its size."""
SHUFFLED_LOOK: Any = {"color": "#C4C4C4", "zorder": 1}
STYLE: Any = {
    "font.size": 8.5, "axes.titlesize": 9, "axes.spines.top": False, "axes.spines.right": False,
    "axes.edgecolor": "#444444", "legend.frameon": False, "svg.hashsalt": "ecglens",
}  # fmt: skip


def look_of(summary: Summary, dataset: str) -> dict[str, Any]:
    """Colour and marker of a data set, the same in every figure."""
    return mark_of(summary.grid.datasets.index(dataset))


def mark_of(number: int) -> dict[str, Any]:
    """Colour and marker of the n-th of something."""
    return {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}


def dot(label: str, **look: Any) -> Line2D:
    """A mark for a legend."""
    return Line2D([], [], linestyle="", label=label, **({"marker": "o"} | look))


def dataset_handles(summary: Summary) -> list[Line2D]:
    """Legend marks of the data sets."""
    return [dot(summary.shown(name), **look_of(summary, name)) for name in summary.grid.datasets]


def legend_below(figure: Figure, handles: Sequence[Line2D]) -> None:
    """One legend for all panels."""
    widest = max(len(str(handle.get_label())) for handle in handles) / LETTERS_PER_INCH + 0.6
    columns = max(1, min(len(handles), 4, int(figure.get_figwidth() / widest)))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns)


def figure_height(summary: Summary) -> float:
    """Height in inches of one row per encoder with one lane per data set."""
    return 1.3 + 0.16 * len(summary.grid.encoders) * (len(summary.grid.datasets) + 1)


def lane_height(summary: Summary) -> float:
    """Height of a data set's lane within an encoder's row."""
    return 1 / (len(summary.grid.datasets) + 1)


def lane(summary: Summary, encoders: Sequence[str], encoder: str, dataset: str) -> float:
    """Vertical position of the mark of an encoder and a data set."""
    datasets = summary.grid.datasets
    within = (datasets.index(dataset) - (len(datasets) - 1) / 2) * lane_height(summary)
    return encoders.index(encoder) + within


def rows_of_encoders(axes: Axes, encoders: Sequence[str]) -> None:
    """Label the rows with encoder names."""
    axes.set(yticks=range(len(encoders)), yticklabels=encoders, ylim=(len(encoders) - 0.5, -0.5))
    axes.grid(axis="x", color="#E6E6E6", linewidth=0.6)
    axes.set_axisbelow(True)


def finish(figure: Figure, title: str, caption: str, form: str = "svg") -> Picture:
    """Render a figure in memory."""
    figure.suptitle("\n".join(wrap(title, round(LETTERS_PER_INCH * figure.get_figwidth()))), fontsize=10)
    file = BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(file, format=form, dpi=170, metadata={"Date": None} if form == "svg" else None)
    media = {"svg": "svg+xml", "png": "png"}[form]
    return Picture(title, caption, media, round(96 * figure.get_figwidth()), file.getvalue())
