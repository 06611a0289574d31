"""Tables of feature overlap: with the reference, of all pairs of data sets, reliability and cut-offs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ecglens.attribution.reliability import NO_CEILING
from ecglens.lenses.overlap.summary import CORRECTED, Portability
from ecglens.lenses.scores.summary import Scores
from ecglens.report.frames import groups, rows, where
from ecglens.report.summary import Summary
from ecglens.report.table import SHORT, Cell, Table, gap_cell, named, number, p_text, texts
from ecglens.status import DONE
from ecglens.study.draws import TRUE

AGAINST = ("chance", "independent", "halves", "ceiling", "corrected")
"""Columns of the chance levels, the ceiling and the corrected share."""

FEWER = "mean over {some} of {all} data sets; in the others the ceiling is too low or was not measured"
TOO_LOW = (
    "cannot tell how much of the ceiling is reached: its interval reaches chance, or a single split gives no "
    "interval (see the overlap of all pairs)"
)


def overlap_tables(summary: Summary) -> list[Table]:
    """All tables of feature overlap, by kind and task."""
    of_a_task = (reference_table, reliability_table, pair_table, curve_table, cutoff_table)
    return [make(summary, task) for make in of_a_task for task in summary.grid.tasks]


def reference_table(summary: Summary, task: str) -> Table:
    """Overlap with the reference for the best probe of every encoder, under true and shuffled labels."""
    found = []
    overlap = where(summary.of(Portability).overlap, task=task)
    for mean in rows(summary.of(Scores).ranking.sorted(where(summary.of(Portability).means, task=task))):
        part = where(overlap, encoder=mean.encoder, labels=mean.labels)
        cells = {row.dataset: _share_cell(row) for row in rows(part)}
        cells[mean.reference] = Cell("reference", quiet=True)
        shares = (cells[name] for name in summary.grid.datasets)
        place = (named(mean.encoder, mean.labels), SHORT.get(mean.probe, mean.probe) or "–", mean.size or "–")
        means = (number(mean.share), *_against(mean)[:-1])
        corrected = (_corrected(getattr(mean, name), getattr(mean, f"n_{name}"), mean.n) for name in CORRECTED)
        found.append(_row(mean.labels, *place, *shares, *means, *corrected))
    verdict = summary.of(Portability).cutoffs.get(task)
    caption = (
        f"Share of the top {summary.study['attribution']['top_k']} features (mean absolute SHAP value, best probe) "
        "that a data set has in common with the reference, on which the probe scores highest."
    )
    terms = (
        ("chance", "mean share under permuted labels [5th, 95th percentile]"),
        ("independent", "share of two independent choices"),
        ("halves", "share of a half of one data set and a half of the other (by chance)"),
        ("ceiling", "share of two patient-disjoint halves of one data set"),
        ("corrected", "share of halves, rescaled so that 0 is chance and 1 the ceiling"),
        ("groups", "the same on groups of features that are correlated beyond 0.9 in the reference"),
        *((("cut-off", verdict.sentence),) if verdict else ()),
    )
    columns = (
        "encoder", "probe", "size", *map(summary.shown, summary.grid.datasets), "mean", *AGAINST, "corrected, groups",
    )  # fmt: skip
    title = summary.heading("Feature overlap", task)
    return Table(title, columns, tuple(found), caption, n_names=3, terms=terms)


def _against(row: Any) -> tuple[str, ...]:
    """Values of the columns `AGAINST`."""
    halves = number(row.halves) + ("" if pd.isna(row.halves_chance) else f" ({number(row.halves_chance)})")
    spread = "" if pd.isna(row.null_mean) else f" [{number(row.null_low)}, {number(row.null_high)}]"
    low, high = getattr(row, "ceiling_low", np.nan), getattr(row, "ceiling_high", np.nan)
    ceiling = number(row.ceiling) + ("" if pd.isna(low) else f" [{number(low)}, {number(high)}]")
    return number(row.null_mean) + spread, number(row.chance), halves, ceiling, number(row.corrected)


def _corrected(value: float, some: int, every: int) -> Cell:
    """A mean, with a note if some data sets are missing."""
    return Cell(number(value), (FEWER.format(some=some, all=every),) if 0 < some < every else ())


def _row(labels: str, *values: Any) -> tuple[Cell, ...]:
    """Cells of a row, grey for shuffled labels."""
    cells = texts(*values)
    return cells if labels == TRUE else tuple(replace(cell, quiet=True) for cell in cells)


def _share_cell(row: Any) -> Cell:
    if row.status != DONE:
        return gap_cell(row.status, row.reason)
    notes = []
    if row.most < 1:
        notes.append(f"one side uses fewer than {row.k:.0f} features: at most {number(row.most)} can be shared")
    if pd.isna(row.ceiling):
        notes.append(NO_CEILING)
    elif pd.isna(row.corrected):
        notes.append(TOO_LOW)
    return Cell(number(row.share), tuple(notes))


def reliability_table(summary: Summary, task: str) -> Table:
    """Reliability of the ranking of every probe within each data set."""
    table = summary.of(Scores).ranking.sorted(where(summary.of(Portability).reliability, task=task))
    chosen = _best(summary, task)
    found = [
        _row(
            row.labels,
            named(row.encoder, row.labels),
            Cell(row.probe, strong=(row.encoder, row.probe) in chosen),
            summary.shown(row.dataset),
            number(row.splits, 0),
            _spread(row.reliability_share_mean, row.reliability_share_std),
            _spread(row.reliability_jaccard_mean, row.reliability_jaccard_std),
            _spread(row.kendall_tau_mean, row.kendall_tau_std),
            _level(row.levels_off),
            "sampled" if pd.isna(row.additivity_error) else f"{row.additivity_error:.0e}",
        )
        for row in rows(table)
    ]
    columns = (
        "encoder", "probe", "data set", "splits", "share", "Jaccard", "Kendall's tau", "levels off after",
        "additivity error",
    )  # fmt: skip
    caption = (
        "Agreement of the rankings of two patient-disjoint halves of a data set, mean ± standard deviation over "
        "splits. Marked: the best probe."
    )
    terms = (
        ("share, Jaccard", f"of the top {summary.study['attribution']['top_k']}; tau is over all features"),
        ("levels off after", "fits (folds and seeds) beyond which averaging more does not help"),
        ("additivity error", "largest error of the sum of SHAP values, relative to the largest output"),
    )
    title = summary.heading("Reliability of rankings within data sets", task)
    return Table(title, columns, tuple(found), caption, n_names=3, details=True, terms=terms)


def _best(summary: Summary, task: str) -> set[tuple[str, str]]:
    """Pairs of an encoder and its best probe."""
    overlap = where(summary.of(Portability).overlap, task=task)
    return set(zip(overlap["encoder"], overlap["probe"], strict=True))


def _level(fits: float) -> str:
    unit = " fit" if fits == 1 else " fits" if fits > 0 else ""
    return "still rising" if fits == np.inf else number(fits, 0) + unit


def _spread(mean: float, sd: float) -> str:
    return number(mean) + ("" if pd.isna(sd) else f" ± {number(sd)}")


def pair_table(summary: Summary, task: str) -> Table:
    """Every probe and pair of data sets."""
    chosen = _best(summary, task)
    found = [
        _row(
            row.labels,
            named(row.encoder, row.labels),
            Cell(row.probe, strong=(row.encoder, row.probe) in chosen),
            summary.shown(row.dataset),
            summary.shown(row.other),
            number(row.share),
            *_against(row),
            number(row.jaccard),
            number(row.rbo),
            p_text(row.p_permutation),
            p_text(row.p_value),
            *(number(getattr(row, name)) for name in ("group_share", "group_corrected")),
        )
        for row in rows(summary.of(Scores).ranking.sorted(where(summary.of(Portability).matrix, task=task)))
    ]
    columns = (
        "encoder", "probe", "data set", "other", "share", *AGAINST, "Jaccard", "RBO", "p", "p, independent",
        "share, groups", "corrected, groups",
    )  # fmt: skip
    caption = "Every probe and pair of data sets. Marked: the best probe."
    terms = (
        ("p", "under permuted labels"),
        ("p, independent", "of two independent choices (hypergeometric)"),
        ("RBO", "rank-biased overlap"),
    )
    title = summary.heading("Feature overlap of all pairs", task)
    return Table(title, columns, tuple(found), caption, n_names=4, details=True, terms=terms)


def curve_table(summary: Summary, task: str) -> Table:
    """Overlap above chance at every cut-off, and its area."""
    table = where(summary.of(Portability).curve, task=task)
    ks = sorted(table["k"].unique())
    found = []
    for mean in rows(summary.of(Scores).ranking.sorted(where(summary.of(Portability).means, task=task))):
        line = where(table, encoder=mean.encoder, labels=mean.labels).set_index("k")
        heights = [*line["excess"].reindex(ks), line["area"].max()]
        found.append(_row(mean.labels, named(mean.encoder, mean.labels), *map(number, heights)))
    columns = ("encoder", *(f"top {k:.0f}" for k in ks), "area")
    caption = (
        "(share - independent) / (1 - independent), best probe, mean over data sets against the reference. Area: mean "
        "height over the logarithm of the cut-off, where all curves have a value."
    )
    return Table(summary.heading("Overlap by cut-off", task), columns, tuple(found), caption, details=True)


def cutoff_table(summary: Summary, task: str) -> Table:
    """Kendall's tau of the order of encoders between pairs of cut-offs."""
    table = where(summary.of(Portability).taus, task=task)
    ks = sorted(table["k"].unique())
    found = [
        _row(labels, named(f"top {k:.0f}", labels), *map(number, part.set_index("other_k")["kendall_tau"].reindex(ks)))
        for (labels, k), part in groups(table, ["labels", "k"])
    ]
    columns = ("cut-off", *(f"top {k:.0f}" for k in ks))
    verdict = summary.of(Portability).cutoffs.get(task)
    caption = f"Kendall's tau-b of the encoders' overlap beyond chance. {verdict.sentence if verdict else ''}".strip()
    title = summary.heading("Agreement between cut-offs", task)
    return Table(title, columns, tuple(found), caption, details=True)
