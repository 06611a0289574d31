"""Curves of feature overlap by cut-off, and of reliability by number of fits."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ecglens.lenses.overlap.summary import Portability
from ecglens.report.drawing import dot, finish, legend_below, mark_of
from ecglens.report.figure import Picture
from ecglens.report.frames import groups, where
from ecglens.report.summary import Summary
from ecglens.report.table import number
from ecglens.study.draws import SHUFFLED, TRUE


def cutoff_curve(summary: Summary, task: str) -> Picture | None:
    """Overlap above chance by number of top features: one line per encoder."""
    curves = where(summary.of(Portability).curve, task=task)
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
    verdict = summary.of(Portability).cutoffs.get(task)
    caption = (
        "Best probe, mean over data sets against the reference; dotted: shuffled labels; area: mean height, where all "
        f"curves have a value. {verdict.sentence if verdict else ''}"
    )
    return finish(figure, summary.heading("Overlap by cut-off", task), caption.strip())


def reliability_curve(summary: Summary, task: str) -> Picture | None:
    """Reliability of rankings within a data set by number of averaged fits: one panel per encoder."""
    table = where(summary.of(Portability).growth, task=task)
    best = where(summary.of(Portability).overlap, task=task)[["encoder", "probe"]].drop_duplicates()
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
        "data set, best probe; dotted: shuffled labels. If the line is flat, only more records help."
    )
    return finish(figure, summary.heading("Reliability of rankings", task), caption)
