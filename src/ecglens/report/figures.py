"""Figures of the report, drawn from the summary alone."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecglens.report.curves import cutoff_curve, learning_curve, reliability_curve
from ecglens.report.drawing import (
    GREY,
    SHUFFLED_LOOK,
    STYLE,
    Picture,
    dataset_handles,
    figure_height,
    finish,
    lane,
    lane_height,
    legend_below,
    look_of,
    rows_of_encoders,
)
from ecglens.report.frames import groups, rows, where
from ecglens.report.geometry_figures import levels, planes
from ecglens.report.rank_figure import critical_differences
from ecglens.report.score_tables import DEFINITION
from ecglens.report.summary import Summary
from ecglens.study.samples import SHUFFLED, TRUE

LINES: dict[str, dict[str, Any]] = {
    "chance": {"color": "black", "linewidth": 1.4},
    "independent": {"color": "black", "linewidth": 1.4, "linestyle": (0, (1, 1))},
    "ceiling": {"color": GREY, "linewidth": 1.4},
}
"""Columns of the overlap that stand across its bars."""


def draw_figures(summary: Summary) -> list[Picture]:
    """All figures for which there are numbers."""
    of_a_task = (_f1, learning_curve, _overlap, _overlap_matrix, cutoff_curve, reliability_curve, levels)
    with mpl.rc_context(STYLE):
        drawn = [picture for picture in [critical_differences(summary)] if picture]
        for task in summary.grid.tasks:
            drawn += [picture for draw in of_a_task if (picture := draw(summary, task))]
            points = groups(where(summary.projection, task=task), "encoder")
            drawn += [planes(summary, task, encoder, part) for encoder, part in points]
    return drawn


def _f1(summary: Summary, task: str) -> Picture | None:
    """Mean F1 with interval: a panel per size, a row per encoder, a dot per data set."""
    table = where(summary.f1, task=task).dropna(subset="mean")
    sizes = [size for size in summary.grid.sizes if size in set(table["size"])]
    if not sizes:
        return None
    figure = Figure(figsize=(max(6.4, 1.6 + 2.1 * len(sizes)), figure_height(summary)), layout="constrained")
    panels = figure.subplots(1, len(sizes), sharey=True, squeeze=False)[0]
    for axes, size in zip(panels, sizes, strict=True):
        for row in rows(where(table, size=size)):
            look = look_of(summary, row.dataset) | (SHUFFLED_LOOK if row.labels == SHUFFLED else {})
            y = lane(summary, row.encoder, row.dataset)
            below, above = np.nan_to_num([row.mean - row.low, row.high - row.mean])
            axes.errorbar(row.mean, y, xerr=[[below], [above]], markersize=4, linewidth=1, **look)
        axes.set(title=f"size {size}", xlabel="F1", xlim=(0, 1.02))
        rows_of_encoders(axes, summary)
    shuffled = Line2D([], [], marker="o", linewidth=1, label="shuffled labels", **SHUFFLED_LOOK)
    legend_below(figure, [*dataset_handles(summary), shuffled])
    caption = f"Mean F1, {DEFINITION}, 95 % interval over folds. Grey: the same on shuffled labels."
    return finish(figure, "scores", summary.heading("F1", task), caption)


def _overlap(summary: Summary, task: str) -> Picture | None:
    """Overlap with the reference: a row per encoder, a bar per data set, chance and ceiling as lines."""
    table = where(summary.portability.overlap, task=task, labels=TRUE).dropna(subset="share")
    if table.empty:
        return None
    table = table.rename(columns={"chance": "independent", "null_mean": "chance"})
    figure = Figure(figsize=(6.4, figure_height(summary)), layout="constrained")
    axes = figure.subplots()
    height = lane_height(summary)
    for row in rows(table):
        y = lane(summary, row.encoder, row.dataset)
        axes.barh(y, row.share, height=0.9 * height, color=look_of(summary, row.dataset)["color"])
        for name, look in LINES.items():
            axes.plot([getattr(row, name)] * 2, [y - height / 2, y + height / 2], **look)
    for encoder, part in groups(table, "encoder"):
        y = lane(summary, encoder, part["reference"].iloc[0])
        axes.text(0.01, y, "reference", color=GREY, fontsize=7, verticalalignment="center")
    axes.set(xlabel=f"share of the top {summary.study['attribution']['top_k']} features", xlim=(0, 1))
    rows_of_encoders(axes, summary)
    lines = [Line2D([], [], label=name, **look) for name, look in LINES.items() if table[name].notna().any()]
    legend_below(figure, [*dataset_handles(summary), *lines])
    caption = (
        "Features in common with the reference, the data set on which the best probe scores highest. Chance: mean "
        "under permuted labels; independent: of two independent choices; ceiling: of two halves of one data set."
    )
    return finish(figure, "overlap", summary.heading("Feature overlap", task), caption)


def _overlap_matrix(summary: Summary, task: str) -> Picture | None:
    """Overlap of every pair of data sets under the best probe, the diagonal being the ceiling: a panel per encoder."""
    table = where(summary.portability.matrix, task=task, labels=TRUE).dropna(subset="share")
    best = where(summary.portability.overlap, task=task)[["encoder", "probe"]].drop_duplicates()
    pairs = table.merge(best, on=["encoder", "probe"])
    inside = where(summary.portability.reliability, task=task, labels=TRUE).merge(best, on=["encoder", "probe"])
    encoders = [name for name in summary.ranking.order if name in set(pairs["encoder"])]
    if not encoders or len(summary.grid.datasets) < 3:
        return None
    names = list(summary.grid.datasets)
    figure = Figure(figsize=(max(4.4, 2.2 * len(encoders) + 1), 3.0), layout="constrained")
    panels = figure.subplots(1, len(encoders), sharey=True, squeeze=False)[0]
    for axes, encoder in zip(panels, encoders, strict=True):
        square = np.full((len(names), len(names)), np.nan)
        for row in rows(where(pairs, encoder=encoder)):
            a, b = names.index(row.dataset), names.index(row.other)
            square[a, b] = square[b, a] = row.share
        for row in rows(where(inside, encoder=encoder)):
            square[names.index(row.dataset), names.index(row.dataset)] = row.reliability_share_mean
        axes.imshow(square, vmin=0, vmax=1, cmap="cividis")
        for (a, b), value in np.ndenumerate(square):
            if not np.isnan(value):
                axes.text(b, a, f"{value:.2f}", ha="center", va="center", color="white" if value < 0.6 else "black")
        shown = [summary.shown(name).removeprefix("simulated-") for name in names]
        axes.set(title=encoder, xticks=range(len(names)), yticks=range(len(names)), yticklabels=shown)
        axes.set_xticklabels(shown, rotation=40, ha="right")
    caption = (
        f"Share of the top {summary.study['attribution']['top_k']} features that two data sets have in common, best "
        "probe. On the diagonal: two halves of one data set, the ceiling."
    )
    return finish(figure, "overlap", summary.heading("Feature overlap of every pair", task), caption)
