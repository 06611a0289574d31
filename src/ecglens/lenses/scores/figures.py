"""Figures of scores: F1 of every cell, and learning curves."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecglens.lenses.scores.summary import Scores, encoder_order
from ecglens.lenses.scores.tables import DEFINITION
from ecglens.report.drawing import (
    GREY,
    SHUFFLED_LOOK,
    dataset_handles,
    figure_height,
    finish,
    lane,
    legend_below,
    look_of,
    mark_of,
    rows_of_encoders,
)
from ecglens.report.figure import Picture
from ecglens.report.frames import groups, rows, where
from ecglens.report.summary import Summary
from ecglens.study.draws import SHUFFLED, TRUE


def f1_figure(summary: Summary, task: str) -> Picture | None:
    """Mean F1 with interval: one panel per size, one row per encoder, one dot per data set."""
    table = where(summary.of(Scores).f1, task=task).dropna(subset="mean")
    sizes = [size for size in summary.grid.sizes if size in set(table["size"])]
    if not sizes:
        return None
    encoders = encoder_order(summary)
    figure = Figure(figsize=(max(6.4, 1.6 + 2.1 * len(sizes)), figure_height(summary)), layout="constrained")
    panels = figure.subplots(1, len(sizes), sharey=True, squeeze=False)[0]
    for axes, size in zip(panels, sizes, strict=True):
        for row in rows(where(table, size=size)):
            look = look_of(summary, row.dataset) | (SHUFFLED_LOOK if row.labels == SHUFFLED else {})
            y = lane(summary, encoders, row.encoder, row.dataset)
            below, above = np.nan_to_num([row.mean - row.low, row.high - row.mean])
            axes.errorbar(row.mean, y, xerr=[[below], [above]], markersize=4, linewidth=1, **look)
        axes.set(title=f"size {size}", xlabel="F1", xlim=(0, 1.02))
        rows_of_encoders(axes, encoders)
    shuffled = Line2D([], [], marker="o", linewidth=1, label="shuffled labels", **SHUFFLED_LOOK)
    legend_below(figure, [*dataset_handles(summary), shuffled])
    caption = f"Mean F1, {DEFINITION}, 95 % interval over folds. Grey: the same on shuffled labels."
    return finish(figure, summary.heading("F1", task), caption)


def learning_curve(summary: Summary, task: str) -> Picture | None:
    """Mean F1 by size with intervals: one panel per data set, one line per encoder."""
    table = where(summary.of(Scores).f1, task=task).dropna(subset="mean")
    datasets = [name for name in summary.grid.datasets if name in set(table["dataset"])]
    if table["size"].nunique() < 2:
        return None
    figure = Figure(figsize=(max(4.2, 2.5 * len(datasets)), 3.2), layout="constrained")
    panels = figure.subplots(1, len(datasets), sharey=True, squeeze=False)[0]
    for axes, dataset in zip(panels, datasets, strict=True):
        for (encoder, labels), part in groups(where(table, dataset=dataset), ["encoder", "labels"]):
            line = part.sort_values("n_train")
            look = {"color": mark_of(summary.grid.encoders.index(encoder))["color"]}
            if labels == SHUFFLED:
                axes.plot(line["n_train"], line["mean"], color=GREY, linewidth=0.8, linestyle=":")
                axes.fill_between(line["n_train"], line["low"], line["high"], alpha=0.06, linewidth=0, color=GREY)
                continue
            axes.plot(line["n_train"], line["mean"], linewidth=1.3, markersize=4, **look, marker="o")
            axes.fill_between(line["n_train"], line["low"], line["high"], alpha=0.12, linewidth=0, **look)
        ticks = where(table, dataset=dataset, labels=TRUE).groupby("size")["n_train"].mean().sort_values()
        axes.set(title=summary.shown(dataset), xlabel="size", xscale="log", ylim=(0, 1.02))
        axes.set_xticks(ticks.to_numpy(), ticks.index)
        axes.minorticks_off()
        axes.grid(axis="y", color="#E6E6E6", linewidth=0.6)
    panels[0].set_ylabel("F1")
    shuffled = Line2D([], [], color=GREY, linewidth=0.8, linestyle=":", label="shuffled labels")
    legend_below(figure, [*_encoder_lines(summary), shuffled])
    caption = (
        f"Mean F1, {DEFINITION}, with 95 % intervals over folds. All sizes are tested on the same records and train on "
        f"a part of the next larger one{_own_folds(summary, set(table['size']))}."
    )
    return finish(figure, summary.heading("Learning curves", task), caption)


def _own_folds(summary: Summary, sizes: set[str]) -> str:
    """Phrase on the size with natural prevalence, if there is one."""
    study = summary.study
    whole = [name for name, number in study["sizes"].items() if number is None and name in sizes]
    if study.get("balance") != "equal" or not whole:
        return ""
    return f"; {whole[0]} alone has natural prevalence, and records and folds of its own"


def _encoder_lines(summary: Summary) -> list[Line2D]:
    return [
        Line2D([], [], marker="o", linewidth=1.3, markersize=4, label=name, color=mark_of(number)["color"])
        for number, name in enumerate(summary.grid.encoders)
    ]
