"""Figures of the report, drawn from the summary alone."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecglens.report.frames import groups, rows, where
from ecglens.report.summary import Summary
from ecglens.study.plan import SHUFFLED

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#F0E442")
"""Okabe and Ito (2008): told apart with any common colour vision."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
LABEL_COLOURS = {0: "#B8B8B8", 1: "#882255"}
GREY = "#8A8A8A"
SHUFFLED_LOOK: Any = {"color": "#C4C4C4", "zorder": 1}
LEVEL_METRICS = {"ari": "ARI of k-means", "knn_rescaled": "rescaled kNN"}
STYLE: Any = {
    "font.size": 8.5, "axes.titlesize": 9, "axes.spines.top": False, "axes.spines.right": False,
    "axes.edgecolor": "#444444", "legend.frameon": False, "svg.hashsalt": "ecglens",
}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A drawn figure.

    Parameters
    ----------
    section
        The section of the report it belongs to.
    title, caption
        What it shows, and how to read it.
    form
        ``"svg+xml"`` or ``"png"``.
    width
        In CSS pixels, at which text has its intended size.
    content
        The file.
    """

    section: str
    title: str
    caption: str
    form: str
    width: int
    content: bytes

    @property
    def uri(self) -> str:
        """The figure as a data URI."""
        return f"data:image/{self.form};base64,{base64.b64encode(self.content).decode()}"


def draw_figures(summary: Summary) -> list[Picture]:
    """All figures for which there are numbers."""
    drawn: list[Picture] = []
    with mpl.rc_context(STYLE):
        for task in summary.grid.tasks:
            drawn += [picture for draw in (_f1, _overlap, _levels) if (picture := draw(summary, task))]
            points = groups(where(summary.projection, task=task), "encoder")
            drawn += [_umap(summary, task, encoder, part) for encoder, part in points]
    return drawn


def _f1(summary: Summary, task: str) -> Picture | None:
    """Mean F1 with interval: a panel per size, a row per encoder, a dot per data set."""
    table = where(summary.f1, task=task).dropna(subset="mean")
    sizes = [size for size in summary.grid.sizes if size in set(table["size"])]
    if not sizes:
        return None
    figure = Figure(figsize=(max(6.4, 1.6 + 2.1 * len(sizes)), _height(summary)), layout="constrained")
    panels = figure.subplots(1, len(sizes), sharey=True, squeeze=False)[0]
    for axes, size in zip(panels, sizes, strict=True):
        for row in rows(where(table, size=size)):
            look = _look(summary, row.dataset) | (SHUFFLED_LOOK if row.labels == SHUFFLED else {})
            y = _lane(summary, row.encoder, row.dataset)
            below, above = np.nan_to_num([row.mean - row.low, row.high - row.mean])
            axes.errorbar(row.mean, y, xerr=[[below], [above]], markersize=4, linewidth=1, **look)
        axes.set(title=f"size {size}", xlabel="F1", xlim=(0, 1.02))
        _rows_of_encoders(axes, summary)
    shuffled = Line2D([], [], marker="o", linewidth=1, label="shuffled labels", **SHUFFLED_LOOK)
    _legend(figure, [*_dataset_handles(summary), shuffled])
    caption = "Best probe of each cell, 95 % interval over folds. Grey: the same on shuffled labels."
    return _picture(figure, "scores", summary.heading("F1", task), caption)


def _overlap(summary: Summary, task: str) -> Picture | None:
    """Overlap with the reference: a row per encoder, a bar per data set, chance as a line."""
    table = where(summary.overlap, task=task).dropna(subset="share")
    if table.empty:
        return None
    figure = Figure(figsize=(6.4, _height(summary)), layout="constrained")
    axes = figure.subplots()
    height = _lane_height(summary)
    for row in rows(table):
        y = _lane(summary, row.encoder, row.dataset)
        axes.barh(y, row.share, height=0.9 * height, color=_look(summary, row.dataset)["color"])
        axes.plot([row.chance, row.chance], [y - height / 2, y + height / 2], color="black", linewidth=1.4)
    for encoder, part in groups(table, "encoder"):
        y = _lane(summary, encoder, part["reference"].iloc[0])
        axes.text(0.01, y, "reference", color=GREY, fontsize=7, verticalalignment="center")
    axes.set(xlabel=f"share of the top {summary.study['attribution']['top_k']} features", xlim=(0, 1))
    _rows_of_encoders(axes, summary)
    chance = Line2D([], [], color="black", linewidth=1.4, label="chance")
    _legend(figure, [*_dataset_handles(summary), chance])
    caption = "Features in common with the reference, the data set on which the best probe scores highest."
    return _picture(figure, "overlap", summary.heading("Feature overlap", task), caption)


def _levels(summary: Summary, task: str) -> Picture | None:
    """Label-level against data set-level separability, a mark per encoder."""
    table = where(summary.separability, task=task)
    wide = table.pivot_table(index=["metric", "encoder"], columns="level", values="mean")
    wide = wide.reindex(columns=["dataset", "label"]).dropna()
    if wide.empty:
        return None
    low = min(0.0, float(wide.to_numpy().min())) - 0.05
    figure = Figure(figsize=(7.4, 3.7), layout="constrained")
    for axes, (metric, words) in zip(figure.subplots(1, 2), LEVEL_METRICS.items(), strict=True):
        axes.axline((0, 0), slope=1, color="#BBBBBB", linewidth=0.8, linestyle="--")
        for number, encoder in enumerate(summary.grid.encoders):
            if (metric, encoder) in wide.index:
                place: Any = wide.loc[(metric, encoder)]
                axes.scatter(place["dataset"], place["label"], s=42, **_mark(number))
        axes.set(title=words, xlabel="data set level", ylabel="label level", xlim=(low, 1.05), ylim=(low, 1.05))
        axes.set_aspect("equal")
        axes.text(0.03, 0.97, "follows the diagnosis", transform=axes.transAxes, va="top", color=GREY)
        axes.text(0.97, 0.14, "follows the recorder", transform=axes.transAxes, ha="right", color=GREY)
    _legend(figure, [_dot(encoder, **_mark(number)) for number, encoder in enumerate(summary.grid.encoders)])
    caption = "Above the dashed line the embedding follows the label more than the data set. 0 is chance, 1 is perfect."
    return _picture(figure, "separability", summary.heading("Diagnosis or recorder", task), caption)


def _umap(summary: Summary, task: str, encoder: str, points: pd.DataFrame) -> Picture:
    """The same points twice, coloured by label and by data set, in random order so that no group hides another."""
    points = points.sample(frac=1, random_state=0)
    area = np.clip(9000 / len(points), 3, 20)
    by_label = {0: ("negative", LABEL_COLOURS[0]), 1: ("positive", LABEL_COLOURS[1])}
    by_dataset = {name: (summary.shown(name), _look(summary, name)["color"]) for name in summary.grid.datasets}
    panels: Any = (("by label", "label", by_label), ("by data set", "dataset", by_dataset))
    figure = Figure(figsize=(7.4, 3.9), layout="constrained")
    for axes, (title, column, looks) in zip(figure.subplots(1, 2), panels, strict=True):
        colours = [looks[value][1] for value in points[column]]
        axes.scatter(points["x"], points["y"], s=area, c=colours, alpha=0.75, linewidths=0)
        axes.set(title=title, xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        handles = [_dot(name, color=colour) for name, colour in looks.values()]
        axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=2, handletextpad=0.1)
    caption = f"{len(points):,} records; distances between far groups have no meaning."
    return _picture(figure, "separability", summary.heading(f"UMAP of {encoder}", task), caption, form="png")


def _look(summary: Summary, dataset: str) -> dict[str, Any]:
    """Colour and marker of a data set, the same in every figure."""
    return _mark(summary.grid.datasets.index(dataset))


def _mark(number: int) -> dict[str, Any]:
    return {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}


def _dot(label: str, **look: Any) -> Line2D:
    return Line2D([], [], linestyle="", label=label, **({"marker": "o"} | look))


def _dataset_handles(summary: Summary) -> list[Line2D]:
    return [_dot(summary.shown(name), **_look(summary, name)) for name in summary.grid.datasets]


def _legend(figure: Figure, handles: Sequence[Line2D]) -> None:
    figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 4))


def _height(summary: Summary) -> float:
    return 1.3 + 0.16 * len(summary.grid.encoders) * (len(summary.grid.datasets) + 1)


def _lane_height(summary: Summary) -> float:
    return 1 / (len(summary.grid.datasets) + 1)


def _lane(summary: Summary, encoder: str, dataset: str) -> float:
    """Where the mark of an encoder and a data set stands: encoders are one apart, data sets share the space."""
    datasets = summary.grid.datasets
    within = (datasets.index(dataset) - (len(datasets) - 1) / 2) * _lane_height(summary)
    return summary.grid.encoders.index(encoder) + within


def _rows_of_encoders(axes: Axes, summary: Summary) -> None:
    encoders = summary.grid.encoders
    axes.set(yticks=range(len(encoders)), yticklabels=encoders, ylim=(len(encoders) - 0.5, -0.5))
    axes.grid(axis="x", color="#E6E6E6", linewidth=0.6)
    axes.set_axisbelow(True)


def _picture(figure: Figure, section: str, title: str, caption: str, form: str = "svg") -> Picture:
    figure.suptitle(title, fontsize=10)
    file = BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(file, format=form, dpi=170, metadata={"Date": None} if form == "svg" else None)
    media = {"svg": "svg+xml", "png": "png"}[form]
    return Picture(section, title, caption, media, round(96 * figure.get_figwidth()), file.getvalue())
