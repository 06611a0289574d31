"""Tables of scores: ranks, F1 of every cell, all metrics, paired comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecglens.lenses.scores.nested import NESTED
from ecglens.lenses.scores.summary import Scores
from ecglens.lenses.scores.verdicts import Headline
from ecglens.lenses.thresholds import Thresholds
from ecglens.probes.metrics import METRICS
from ecglens.report.frames import groups, rows, where
from ecglens.report.gaps import read_gaps
from ecglens.report.summary import Summary
from ecglens.report.table import (
    SHORT,
    SHUFFLED_LABELS,
    Cell,
    Table,
    cautions,
    gap_cell,
    interval,
    named,
    number,
    p_text,
    texts,
)
from ecglens.stats import ALPHA
from ecglens.status import DONE
from ecglens.study.draws import SHUFFLED, TRUE

EXPOSED = {
    "seen": "the encoder's pretraining saw this data set",
    "selection": "labels of this data set selected the encoder's checkpoint",
    "unknown": "whether the encoder's pretraining saw this data set is not known",
}
DEFINITION = "each fold scored with the probe that is best on the other folds"
"""Definition of "mean F1" in captions."""
AT_CHANCE = "the interval overlaps the one on shuffled labels"


def score_tables(summary: Summary) -> list[Table]:
    """Tables of ranks, F1, all metrics and comparisons."""
    of_a_task = (f1_of_encoders, f1_of_probes, every_metric, pairs_of_encoders)
    return [rank_table(summary), *(make(summary, task) for make in of_a_task for task in summary.grid.tasks)]


def verdict_table(summary: Summary, said: Sequence[Headline]) -> Table:
    """Answers to the questions of `ecglens.lenses.scores.verdicts.QUESTIONS`."""
    found = [texts(each.encoder, each.task, each.question, each.text) for each in said]
    caption = f"Corrected paired t-test of F1, Holm-adjusted, {ALPHA:.0%}."
    limit = number(summary.settings("thresholds", Thresholds).difference)
    terms = (
        ("detectable", "smallest difference that four of five such studies find"),
        (
            "no better",
            f"not significant, although a difference of {limit} is detectable, and the interval excludes it",
        ),
        ("cannot tell", "not significant, and a difference may have been missed"),
    )
    columns = ("encoder", "task", "question", "answer")
    title = summary.heading("Verdicts on scores")
    return Table(title, columns, tuple(found), caption, n_names=4, terms=terms, folded=True)


def rank_table(summary: Summary) -> Table:
    """Encoders by average rank, shuffled labels last."""
    ranking = summary.of(Scores).ranking
    found = [
        texts(
            row.encoder,
            f"{number(row.rank)} [{number(row.low)}, {number(row.high)}]",
            number(row.f1),
            number(row.n_blocks, 0),
            number(row.gain),
            f"{row.above_chance:.0f} of {row.compared:.0f}" if row.compared else "–",
            ", ".join(SHORT.get(probe, probe) for probe in row.probes) or "–",
        )
        for row in rows(ranking.table)
    ]
    if ranking.shuffled.n_blocks:
        chance = ranking.shuffled
        spread = f"{number(chance.rank)} [{number(chance.low)}, {number(chance.high)}]"
        row = (SHUFFLED_LABELS, spread, number(chance.f1), number(chance.n_blocks, 0), "–", "–", "–")
        found.append(texts(*(Cell(text, quiet=True) for text in row)))
    columns = (
        "encoder", "average rank", "mean F1", "data sets x tasks", "F1 above shuffled", "above chance", "probes chosen",
    )  # fmt: skip
    limit = number(ranking.critical_difference)
    told_apart = f"Differences in rank below {limit} are not significant (Nemenyi, 5 %)." if limit != "–" else ""
    left_out = f" ({ranking.left_out:.0%} of replicates without a score are left out)" if ranking.left_out > 0 else ""
    sizes = " and ".join(f"{size} for {task}" for task, size in ranking.sizes.items())
    caption = (
        f"Ranks over data sets and tasks{f' at size {sizes}' if sizes else ''}, 1 is best, with 95 % bootstrap "
        f"intervals over folds and patients{left_out}."
    )
    if not ranking.n_blocks:
        caption += " No ranks: no data set and task has scores of two encoders or more."
    tests = " ".join(filter(None, [ranking.friedman, told_apart]))
    terms = (
        ("mean F1", DEFINITION),
        ("above chance", f"corrected paired t-test against shuffled labels, Holm-adjusted over encoders, {ALPHA:.0%}"),
        (SHUFFLED_LABELS, "mean of the encoders that ran on them, and the rank that it would take"),
        *((("differences", tests),) if tests else ()),
    )
    title = summary.heading("Encoders by average rank")
    return Table(title, columns, tuple(found), caption, terms=terms)


def f1_of_encoders(summary: Summary, task: str) -> Table:
    """F1 of every cell: the probe that other folds choose, the best, and a fixed one."""
    table = where(summary.of(Scores).f1, task=task).merge(summary.exposure, on=["encoder", "dataset"])
    found: list[tuple[Cell, ...]] = []
    for (size, encoder, labels), part in groups(_by_size(summary, table), ["size", "encoder", "labels"]):
        found.append(texts(size, named(encoder, labels), NESTED, *map(_f1_cell, rows(part))))
        if labels == TRUE and part["best_mean"].notna().any():
            fixed = str(part["fixed_probe"].dropna().max())
            for kind, name in (("best", "best of the cell"), ("fixed", f"always {SHORT.get(fixed, fixed)}")):
                beside = (_beside(row, kind) for row in rows(part))
                found.append(texts(size, encoder, Cell(name, quiet=True), *beside))
    caption = (
        f"Mean F1 of the positive class with its 95 % interval, {DEFINITION}. Marked: the highest mean of a size and "
        "data set."
    )
    terms = (
        ("best of the cell", "the probe with the highest mean, which is too high because the same score chose it"),
        ("always", "one fixed probe, which involves no choice"),
        (
            "probes",
            "XGB XGBoost, DT decision tree, RF random forest, LR logistic regression, MLP multilayer perceptron",
        ),
    )
    columns = ("size", "encoder", "probe", *map(summary.shown, summary.grid.datasets))
    return Table(summary.heading("F1", task), columns, tuple(found), caption, n_names=3, terms=terms)


def _by_size(summary: Summary, table: pd.DataFrame) -> pd.DataFrame:
    """Rows by size, and by rank of the encoder inside a size."""
    ranking = summary.of(Scores).ranking
    return pd.concat([ranking.sorted(where(table, size=size)) for size in summary.grid.sizes])


def _f1_cell(row: Any) -> Cell:
    if row.status != DONE:
        return gap_cell(row.status, row.reason)
    at_chance = (AT_CHANCE,) if pd.notna(row.overlaps_shuffled) and row.overlaps_shuffled else ()
    known = (EXPOSED[row.seen],) if row.seen in EXPOSED and row.labels == TRUE else ()
    return Cell(interval(row), at_chance + cautions(row) + known, strong=row.best, quiet=row.labels == SHUFFLED)


def _beside(row: Any, kind: str) -> Cell:
    """F1 of the best or of the fixed probe, without interval, because it is not for comparisons."""
    probe, mean = getattr(row, f"{kind}_probe"), getattr(row, f"{kind}_mean")
    return Cell(
        f"{number(mean)} {SHORT.get(probe, probe) if kind == 'best' and pd.notna(mean) else ''}".strip(), quiet=True
    )


def f1_of_probes(summary: Summary, task: str) -> Table:
    """F1 of every probe, with the best of each cell marked."""
    table = where(summary.of(Scores).scores, task=task, metric="f1")
    probes = [entry["name"] for entry in summary.study["probes"]]
    gaps, key, found = read_gaps(summary.results.failures), ["encoder", "dataset", "task", "size", "labels"], []
    shown = {cell: {row.probe: row for row in rows(part)} for cell, part in groups(table, key)}
    cells = where(summary.of(Scores).f1, task=task)
    for cell in rows(_by_size(summary, cells)):
        place = tuple(getattr(cell, name) for name in key)
        own = shown.get(place, {})
        best = max((row.mean for row in own.values() if pd.notna(row.mean)), default=np.nan)
        scores = (
            Cell(interval(own[probe]), cautions(own[probe]), strong=own[probe].mean == best)
            if probe in own
            else gap_cell(cell.status, cell.reason)
            if cell.status != DONE
            else gap_cell(*gaps.find("probe", (*place, probe), cell.encoder, [cell.dataset]))
            for probe in probes
        )
        found.append(texts(cell.size, cell.encoder, cell.labels, summary.shown(cell.dataset), *scores))
    columns = ("size", "encoder", "labels", "data set", *probes)
    caption = (
        "Mean F1 over folds with its 95 % interval, one probe in all folds. Marked: the best of the row, which "
        "overestimates the encoder."
    )
    return Table(summary.heading("F1 of every probe", task), columns, tuple(found), caption, 4, details=True)


def every_metric(summary: Summary, task: str) -> Table:
    """All metrics, one row per cell with values; the table of F1 gives the reasons of missing cells."""
    key = ("encoder", "dataset", "task", "size", "labels")
    shown = {
        (*(getattr(row, name) for name in key), row.metric): Cell(interval(row), cautions(row))
        for row in rows(where(summary.of(Scores).scores, probe=NESTED))
    }
    table = where(summary.of(Scores).f1, task=task, status=DONE)
    found = [
        texts(
            row.size, row.encoder, summary.shown(row.dataset), row.labels, row.chosen,
            *(shown[*(getattr(row, name) for name in key), metric] for metric in METRICS),
            number(row.n_train, 0), number(row.n_test, 0), number(row.n_positive, 0), f"{row.n_folds:.0f}",
        )
        for row in rows(_by_size(summary, table))
    ]  # fmt: skip
    names = ("size", "encoder", "data set", "labels", "probe of most folds")
    columns = (*names, *(metric.symbol for metric in METRICS.values()), "trained on", "tested on", "positive", "folds")
    title = summary.heading("All metrics", task)
    caption = (
        f"Means over folds with 95 % intervals, {DEFINITION}; no value if fewer than half of the folds define the "
        "metric. Cells without numbers are left out; the table of F1 gives the reasons."
    )
    return Table(title, columns, tuple(found), caption, n_names=len(names), details=True)


def _difference(row: Any) -> Cell:
    significant = row.p_holm < ALPHA
    lower = ("significantly lower",) if significant and row.value < 0 else ()
    shown = f"{number(row.value)} [{number(row.low)}, {number(row.high)}]"
    return Cell(shown, lower, strong=significant and row.value > 0)


def pairs_of_encoders(summary: Summary, task: str) -> Table:
    """All pairs of encoders on every data set, and each encoder against its own score on shuffled labels."""
    chance = summary.of(Scores).ranking.chance.assign(other=SHUFFLED_LABELS)
    pairs = where(pd.concat([summary.of(Scores).ranking.pairs, chance], ignore_index=True), task=task)
    table = pd.concat([summary.of(Scores).ranking.sorted(where(pairs, dataset=name)) for name in summary.grid.datasets])
    found = [
        texts(
            summary.shown(row.dataset), row.size, row.encoder, row.other, _difference(row),
            p_text(row.p_value), p_text(row.p_holm), "> 1" if row.detectable > 1 else number(row.detectable),
            " / ".join(number(chance) for chance in (row.worse, row.equal, row.better)),
            number(row.n, 0), number(row.n_records, 0),
        )
        for row in rows(table)
    ]  # fmt: skip
    columns = (
        "data set", "size", "encoder", "minus", "difference in F1", "p", "p (Holm)", "detectable",
        "worse / equal / better", "folds", "records",
    )  # fmt: skip
    caption = f"Corrected paired t-test of F1 on the same folds. Marked: significantly higher ({ALPHA:.0%})."
    rope = f"{summary.settings('thresholds', Thresholds).rope:g}"
    terms = (
        ("p (Holm)", "adjusted over the pairs, and over the comparisons with shuffled labels, of a data set and task"),
        ("detectable", "smallest difference found with 80 % power; more `repeats` make it smaller"),
        ("worse / equal / better", f"posterior of the Bayesian correlated t-test; equal is within {rope}"),
    )
    title = summary.heading("Pairwise comparisons of encoders", task)
    return Table(title, columns, tuple(found), caption, n_names=4, details=True, terms=terms)
