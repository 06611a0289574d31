"""Curves of the report: scores over sizes, overlap over cut-offs, agreement over fits."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecglens.report.drawing import GREY, Picture, dot, finish, legend_below, mark_of
from ecglens.report.frames import groups, where
from ecglens.report.score_tables import DEFINITION
from ecglens.report.summary import Summary
from ecglens.report.tables import number
from ecglens.study.samples import SHUFFLED, TRUE


def learning_curve(summary: Summary, task: str) -> Picture | None:
    """Mean F1 over sizes with bands: a panel per data set, a line per encoder."""
    table = where(summary.f1, task=task).dropna(subset="mean")
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
    return finish(figure, "scores", summary.heading("Learning curves", task), caption)


def cutoff_curve(summary: Summary, task: str) -> Picture | None:
    """Overlap beyond chance over the size of the top: a line per encoder."""
    curves = where(summary.portability.curve, task=task)
    table = where(curves, labels=TRUE)
    if table["k"].nunique() < 2:
        return None
    figure = Figure(figsize=(5.2, 3.1), layout="constrained")
    axes = figure.subplots()
    for encoder, part in groups(table, "encoder"):
        mark = mark_of(summary.grid.encoders.index(encoder))
        axes.plot(part["k"], part["excess"], linewidth=1.3, markersize=5, label=encoder, **mark)
        chance = where(curves, labels=SHUFFLED, encoder=encoder)
        axes.plot(chance["k"], chance["excess"], linewidth=0.9, linestyle=":", color=mark["color"])
    ticks = np.sort(table["k"].unique())
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set(xscale="log", xlabel="features in the top", ylabel="overlap (0 independent, 1 identical)")
    axes.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks])
    axes.minorticks_off()
    axes.grid(axis="y", color="#E6E6E6", linewidth=0.6)
    areas = table.groupby("encoder", sort=False)["area"].first()
    marks = {name: mark_of(summary.grid.encoders.index(name)) for name in areas.index}
    legend_below(figure, [dot(f"{name}, area {number(area)}", **marks[name]) for name, area in areas.items()])
    verdict = summary.portability.cutoffs.get(task)
    caption = (
        "Best probe, mean over data sets against the reference; dotted: shuffled labels; area: mean height, where all "
        f"curves have a value. {verdict.sentence if verdict else ''}"
    )
    return finish(figure, "overlap", summary.heading("Overlap and the cut-off", task), caption.strip())


def reliability_curve(summary: Summary, task: str) -> Picture | None:
    """How well a ranking repeats inside one data set, over the fits that it averages: a panel per encoder."""
    table = where(summary.portability.growth, task=task)
    best = where(summary.portability.overlap, task=task)[["encoder", "probe"]].drop_duplicates()
    table = table.merge(best, on=["encoder", "probe"])
    encoders = [name for name in summary.grid.encoders if name in set(table["encoder"])]
    if not encoders:
        return None
    figure = Figure(figsize=(max(4.2, 2.3 * len(encoders)), 2.9), layout="constrained")
    panels = figure.subplots(1, len(encoders), sharey=True, squeeze=False)[0]
    for axes, encoder in zip(panels, encoders, strict=True):
        for (dataset, labels), part in groups(where(table, encoder=encoder), ["dataset", "labels"]):
            line: pd.DataFrame = part.sort_values("count")
            mark = mark_of(summary.grid.datasets.index(dataset))
            look = mark if labels == TRUE else {"linestyle": ":", "color": mark["color"]}
            axes.plot(line["count"], line["value"], linewidth=1.2, markersize=4, **look)
        axes.set(title=encoder, xlabel="fits averaged", ylim=(0, 1.02))
        axes.grid(axis="y", color="#E6E6E6", linewidth=0.6)
    panels[0].set_ylabel("Jaccard of two tops")
    names = [name for name in summary.grid.datasets if name in set(table["dataset"])]
    handles = [dot(summary.shown(name), **mark_of(summary.grid.datasets.index(name))) for name in names]
    legend_below(figure, handles)
    caption = (
        f"Top {summary.study['attribution']['top_k']} features of two groups of fits (folds and seeds) on the same "
        "data set, best probe; dotted: shuffled labels. Where the line is flat, only more records help."
    )
    return finish(figure, "overlap", summary.heading("How well a ranking repeats", task), caption)


def _own_folds(summary: Summary, sizes: set[str]) -> str:
    """Names the size that is not balanced as the others are."""
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
