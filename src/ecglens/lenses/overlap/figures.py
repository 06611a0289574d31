"""Figures of feature overlap with the reference and between all pairs of data sets."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecglens.lenses.overlap.summary import Portability
from ecglens.lenses.scores.summary import encoder_order
from ecglens.report.drawing import (
    GREY,
    dataset_handles,
    figure_height,
    finish,
    lane,
    lane_height,
    legend_below,
    look_of,
    rows_of_encoders,
)
from ecglens.report.figure import Picture
from ecglens.report.frames import groups, rows, where
from ecglens.report.summary import Summary
from ecglens.study.draws import TRUE

LINES: dict[str, dict[str, Any]] = {
    "chance": {"color": "black", "linewidth": 1.4},
    "independent": {"color": "black", "linewidth": 1.4, "linestyle": (0, (1, 1))},
    "ceiling": {"color": GREY, "linewidth": 1.4},
}
"""Columns that are drawn as lines across the bars."""


def overlap_figure(summary: Summary, task: str) -> Picture | None:
    """Overlap with the reference: one row per encoder, one bar per data set, lines for chance and ceiling."""
    table = where(summary.of(Portability).overlap, task=task, labels=TRUE).dropna(subset="share")
    if table.empty:
        return None
    table = table.rename(columns={"chance": "independent", "null_mean": "chance"})
    figure = Figure(figsize=(6.4, figure_height(summary)), layout="constrained")
    axes = figure.subplots()
    height, encoders = lane_height(summary), encoder_order(summary)
    for row in rows(table):
        y = lane(summary, encoders, row.encoder, row.dataset)
        axes.barh(y, row.share, height=0.9 * height, color=look_of(summary, row.dataset)["color"])
        for name, look in LINES.items():
            axes.plot([getattr(row, name)] * 2, [y - height / 2, y + height / 2], **look)
    for encoder, part in groups(table, "encoder"):
        y = lane(summary, encoders, encoder, part["reference"].iloc[0])
        axes.text(0.01, y, "reference", color=GREY, fontsize=7, verticalalignment="center")
    axes.set(xlabel=f"share of the top {summary.study['attribution']['top_k']} features", xlim=(0, 1))
    rows_of_encoders(axes, encoders)
    lines = [Line2D([], [], label=name, **look) for name, look in LINES.items() if table[name].notna().any()]
    legend_below(figure, [*dataset_handles(summary), *lines])
    caption = (
        "Features in common with the reference, the data set on which the best probe scores highest. Chance: mean "
        "under permuted labels; independent: of two independent choices; ceiling: of two halves of one data set."
    )
    return finish(figure, summary.heading("Feature overlap", task), caption)


def overlap_matrix(summary: Summary, task: str) -> Picture | None:
    """Overlap of all pairs of data sets for the best probe: one panel per encoder, with the ceiling on the diagonal."""
    table = where(summary.of(Portability).matrix, task=task, labels=TRUE).dropna(subset="share")
    best = where(summary.of(Portability).overlap, task=task)[["encoder", "probe"]].drop_duplicates()
    pairs = table.merge(best, on=["encoder", "probe"])
    inside = where(summary.of(Portability).reliability, task=task, labels=TRUE).merge(best, on=["encoder", "probe"])
    encoders = [name for name in encoder_order(summary) if name in set(pairs["encoder"])]
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
    return finish(figure, summary.heading("Feature overlap of all pairs", task), caption)
