"""Critical-difference diagram of average ranks."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ecglens.lenses.scores.summary import Scores
from ecglens.report.drawing import GREY, finish, mark_of
from ecglens.report.figure import Picture
from ecglens.report.frames import rows
from ecglens.report.summary import Summary
from ecglens.stats import cliques


def critical_differences(summary: Summary) -> Picture | None:
    """Average ranks of all encoders with their intervals (Demsar 2006); ``None`` without ranks."""
    ranking = summary.of(Scores).ranking
    table = ranking.table.dropna(subset="rank").reset_index(drop=True)
    if table.empty or np.isnan(ranking.critical_difference):
        return None
    joined = cliques(table["rank"].to_numpy(), ranking.critical_difference)
    figure = Figure(figsize=(6.4, 1.2 + 0.24 * (len(table) + len(joined))), layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(rows(table)):
        y, mark = -place, mark_of(summary.grid.encoders.index(row.encoder))
        axes.plot([row.low, row.high], [y, y], color=mark["color"], linewidth=1.2, alpha=0.5)
        axes.plot(row.rank, y, markersize=6, linestyle="", **mark)
        axes.text(
            np.nanmax([len(table), ranking.shuffled.rank]) + 0.15, y, f"{row.encoder}  {row.rank:.2f}", va="center"
        )
    for level, members in enumerate(joined):
        ranks = table["rank"].to_numpy()[list(members)]
        below = -len(table) - 0.5 * level
        axes.plot(
            [ranks.min() - 0.03, ranks.max() + 0.03],
            [below, below],
            color="black",
            linewidth=2.4,
            solid_capstyle="butt",
        )
    chance = ranking.shuffled.rank
    if not np.isnan(chance):
        axes.axvline(chance, color=GREY, linewidth=0.8, linestyle=":")
        axes.text(chance, 0.45, f"shuffled labels {chance:.2f} ", color=GREY, ha="right", va="center")
    cd = min(ranking.critical_difference, len(table) - 1)
    axes.plot([1, 1 + cd], [0.9, 0.9], color=GREY, linewidth=1.4)
    axes.text(1 + cd / 2, 1.0, f"critical difference {ranking.critical_difference:.2f}", color=GREY, ha="center")
    axes.set(xlim=(0.9, np.nanmax([len(table), chance]) + 0.1), ylim=(-len(table) - 0.5 * len(joined), 1.7), yticks=[])
    axes.set_xlabel("average rank (1 is best)")
    axes.spines["left"].set_visible(False)
    caption = (
        f"Ranks of F1 over {ranking.n_blocks} data sets x tasks, with 95 % bootstrap intervals. Bars join encoders "
        "whose ranks differ by less than the critical difference (Nemenyi, 5 %); dotted: shuffled labels."
    )
    return finish(figure, summary.heading("Average ranks"), caption)
