"""Figure of the synthetic reference scale."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from ecglens.report.drawing import STYLE, mark_of


def draw_dial(numbers: pd.DataFrame, path: Path) -> None:
    """Draw metrics by dial, solid at label level and dashed at source level.

    Parameters
    ----------
    numbers
        Values with columns ``"<level>: <metric>"``, indexed by the dial from 0 (fully source-driven) to 1 (fully
        label-driven).
    path
        Path of the figure; its suffix is its format.
    """
    metrics = list(dict.fromkeys(name.split(": ")[1] for name in numbers.columns))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6.4, 3.4), layout="constrained")
        axes = figure.subplots()
        for name in numbers.columns:
            level, metric = name.split(": ")
            look = {"color": mark_of(metrics.index(metric))["color"], "linestyle": "-" if level == "label" else "--"}
            axes.plot(numbers.index, numbers[name], linewidth=1.4, label=name, **look)
        axes.axhline(0, color="black", linewidth=0.8)
        axes.set(xlabel="dial: 0 source, 1 diagnosis", ylabel="value")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        figure.savefig(path, dpi=170)
