"""Figures of separability: label against source level, and projections."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ecglens.lenses.separability.summary import Separability, leading
from ecglens.report.drawing import GREY, LABEL_COLOURS, dot, finish, legend_below, look_of, mark_of
from ecglens.report.figure import Picture
from ecglens.report.frames import groups, rows, where
from ecglens.report.summary import Summary

COLUMN_WORDS = {"label": "label", "dataset": "source"}
PANELS = (("knn_rescaled", "rescaled kNN"), ("ari", "ARI of k-means"))


def levels(summary: Summary, task: str) -> Picture | None:
    """Separability at label level against source level: one mark per encoder, hollow for untrained ones."""
    table = where(summary.of(Separability).table, task=task)
    figure = Figure(figsize=(7.4, 3.9), layout="constrained")
    drawn = set()
    for axes, (metric, words) in zip(figure.subplots(1, 2), PANELS, strict=True):
        label, dataset = (leading(table, level, metric).dropna(subset="value") for level in ("label", "source"))
        axes.axline((0, 0), slope=1, color="#BBBBBB", linewidth=0.8, linestyle="--")
        axes.axhspan(-1, _chance(label), color="#F0F0F0", zorder=0)
        axes.axvspan(-1, _chance(dataset), color="#F0F0F0", zorder=0)
        across = {row.encoder: row for row in rows(dataset)}
        for up in (row for row in rows(label) if row.encoder in across):
            look = _look(summary, up.encoder)
            x, xerr = _error(across[up.encoder])
            y, yerr = _error(up)
            axes.errorbar(x, y, xerr=xerr, yerr=yerr, linestyle="", linewidth=0.8, markersize=6, **look)
            drawn.add(up.encoder)
        low = min(-0.05, *(float(np.nanmin([*part["value"], 0.0])) - 0.03 for part in (label, dataset)))
        axes.set(title=words, xlabel="source level", ylabel="label level", xlim=(low, 1.05), ylim=(low, 1.05))
        axes.set_aspect("equal")
        axes.text(0.03, 0.97, "follows the diagnosis", transform=axes.transAxes, va="top", color=GREY)
        axes.text(0.97, 0.14, "follows the source", transform=axes.transAxes, ha="right", color=GREY)
    if not drawn:
        return None
    legend_below(figure, [dot(name, **_look(summary, name)) for name in summary.grid.encoders if name in drawn])
    caption = (
        "Label level against source level at equal counts, with 95 % intervals over patients; 0 is chance, 1 is "
        "perfect. Above the dashed line the diagnosis dominates; grey: up to the 95th percentile of chance; hollow: "
        "untrained."
    )
    return finish(figure, summary.heading("Diagnosis or source", task), caption)


def _look(summary: Summary, encoder: str) -> dict[str, Any]:
    hollow = {"markerfacecolor": "white"} if encoder in summary.baselines else {}
    return mark_of(summary.grid.encoders.index(encoder)) | hollow


def _chance(numbers: pd.DataFrame) -> float:
    """The highest 95th percentile under permutation of any encoder."""
    return float(np.nanmax([*numbers["null_high"], 0.0]))


def _error(row: Any) -> tuple[float, list[list[float]]]:
    """A value with the lengths of its error bars."""
    reach = np.nan_to_num([row.value - row.patient_low, row.patient_high - row.value])
    return row.value, [[max(0.0, side)] for side in reach.tolist()]


def planes(summary: Summary, task: str, encoder: str, points: pd.DataFrame) -> Picture:
    """UMAP and PCA, each coloured by label and by data set."""
    by_label = {0: ("negative", LABEL_COLOURS[0]), 1: ("positive", LABEL_COLOURS[1])}
    by_dataset = {name: (summary.shown(name), look_of(summary, name)["color"]) for name in summary.grid.datasets}
    columns: Any = (("label", by_label), ("dataset", by_dataset))
    methods = list(groups(points, "method"))
    kept = where(summary.of(Separability).table, task=task, encoder=encoder, level="picture").set_index(
        ["space", "metric"]
    )
    figure = Figure(figsize=(7.4, 3.3 * len(methods) + 0.5), layout="constrained")
    panels = figure.subplots(len(methods), 2, squeeze=False)
    for line, (method, part) in zip(panels, methods, strict=True):
        for axes, (column, looks) in zip(line, columns, strict=True):
            _scatter(axes, part, [looks[value][1] for value in part[column]])
            axes.set_title(f"{method.upper()} by {COLUMN_WORDS[column]}")
        words = [
            f"{metric} {kept.loc[(method, metric), 'value']:.2f}"
            for metric in ("trustworthiness", "continuity")
            if (method, metric) in kept.index
        ]
        for axes in line:
            # Below the points, not on them.
            axes.text(0, 0, ", ".join(words), transform=axes.transAxes, fontsize=7, color="#444444", va="top")
    for axes, (_, looks) in zip(panels[-1], columns, strict=True):
        handles = [dot(name, color=colour) for name, colour in looks.values()]
        axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.05), ncols=2, handletextpad=0.1)
    n = len(points) // max(1, len(methods))
    caption = (
        f"{n:,} records; distances between groups have no meaning in UMAP. Trustworthiness and continuity: whether "
        "neighbours in the plane are neighbours in the embedding, and the reverse; 1 is perfect, about 0.5 is chance."
    )
    return finish(figure, summary.heading(f"Projections of {encoder}", task), caption, form="png")


def _scatter(axes: Axes, points: pd.DataFrame, colours: list[str]) -> None:
    """Points in random order, so that no group hides another."""
    order = np.random.default_rng(0).permutation(len(points))
    area = float(np.clip(9000 / max(1, len(points)), 3, 20))
    xy = points[["x", "y"]].to_numpy()[order]
    axes.scatter(xy[:, 0], xy[:, 1], s=area, c=np.array(colours)[order], alpha=0.75, linewidths=0)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
