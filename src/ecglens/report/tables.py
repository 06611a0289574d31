"""Tables of text, built from the summary alone: what the terminal, Markdown, LaTeX and HTML show."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import pandas as pd

from ecglens.report.alignment import LEVELS
from ecglens.report.frames import groups, rows, where
from ecglens.report.gaps import CANNOT_FILL, DONE, FAILED, MISSING
from ecglens.report.scores import METRICS
from ecglens.report.signatures import FOUND, RULES
from ecglens.report.summary import Summary
from ecglens.study.plan import SHUFFLED, TRUE

GAP_WORDS = {CANNOT_FILL: "cannot fill", FAILED: "failed", MISSING: "not computed"}
METRIC_WORDS = {"knn_raw": "kNN", "knn_rescaled": "kNN rescaled", "ari": "ARI", "ami": "AMI"}
LEVEL_WORDS = {
    "label": "label", "dataset": "data set", "label-within-dataset": "label within a data set",
    "dataset-within-label": "data set within a label", "label-across-datasets": "label across data sets",
}  # fmt: skip
STRATUM_WORDS = {
    ("dataset-within-label", "0"): "negatives",
    ("dataset-within-label", "1"): "positives",
    ("label-across-datasets", "all"): "all data sets",
}
SHORT = {
    "xgboost": "XGB",
    "decision-tree": "DT",
    "random-forest": "RF",
    "logistic-regression": "LR",
    "mlp": "MLP",
}
EXPOSED = {
    "seen": "the encoder's pretraining saw this data set",
    "selection": "labels of this data set selected the encoder's checkpoint",
    "unknown": "whether the encoder's pretraining saw this data set is not known",
}
AT_CHANCE = "the interval overlaps the one on shuffled labels"


@dataclass(frozen=True)
class Cell:
    """One place in a table.

    Parameters
    ----------
    text
        What stands there.
    notes
        What is said about it below the table.
    strong, quiet
        It stands out (the best of its column, a signature that was found), or steps back.
    """

    text: str
    notes: tuple[str, ...] = ()
    strong: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Table:
    """A table ready to be shown.

    Parameters
    ----------
    section
        ``"scores"``, ``"overlap"``, ``"separability"``, ``"signatures"`` or ``"records"``.
    title, caption
        What it shows, and how to read it.
    columns
        Headings; the first `n_names` columns name the row, the others hold numbers.
    rows
        As many cells as columns each.
    details
        For those who look closer: left out on the terminal.
    """

    section: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    n_names: int = 1
    details: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes of all cells, each once, in the order in which they appear."""
        return tuple(dict.fromkeys(note for row in self.rows for cell in row for note in cell.notes))

    def marks(self, cell: Cell) -> str:
        """Letters of a cell's notes: ``a,c``."""
        return ",".join(_letters(self.notes.index(note)) for note in cell.notes)

    def legend(self) -> list[tuple[str, str]]:
        """Letter and text of every note."""
        return [(_letters(number), note) for number, note in enumerate(self.notes)]


def number(value: Any, digits: int = 2) -> str:
    """A number as text; one that does not exist is a dash, and zero has no sign.

    Examples
    --------
    >>> number(-0.001), number(float("nan")), number(1234, 0)
    ('0.00', '–', '1,234')
    """
    return "–" if pd.isna(value) else f"{value:z,.{digits}f}"


def interval(row: Any) -> str:
    """A mean with its interval, ``0.83 [0.79, 0.87]``."""
    return f"{number(row.mean)} [{number(row.low)}, {number(row.high)}]"


def _letters(position: int) -> str:
    return (_letters(position // 26 - 1) if position >= 26 else "") + "abcdefghijklmnopqrstuvwxyz"[position % 26]


def gap_cell(row: Any) -> Cell:
    return Cell(GAP_WORDS[row.status], (row.reason,), quiet=True)


def texts(*values: Any) -> tuple[Cell, ...]:
    return tuple(value if isinstance(value, Cell) else Cell(str(value)) for value in values)


def result_tables(summary: Summary) -> list[Table]:
    """Scores, overlap, separability and signatures, task by task."""
    makers = (_f1, _metrics, _overlap, _separability, _strata)
    return [make(summary, task) for make in makers for task in summary.grid.tasks] + [_signatures(summary)]


def _f1(summary: Summary, task: str) -> Table:
    table = where(summary.f1, task=task).merge(summary.contamination, on=["encoder", "dataset"])
    found = [
        texts(size, encoder if labels == TRUE else f"{encoder}, shuffled labels", *map(_f1_cell, rows(part)))
        for (size, encoder, labels), part in groups(table, ["size", "encoder", "labels"])
    ]
    caption = (
        "Mean F1 of the positive class over folds with its 95 % interval (corrected for the overlap of training sets) "
        "and the best probe of the cell: XGB XGBoost, DT decision tree, RF random forest, LR logistic regression, MLP "
        "multilayer perceptron. Best: the highest mean of a size and data set."
    )
    names = tuple(map(summary.shown, summary.grid.datasets))
    return Table("scores", summary.heading("F1", task), ("size", "encoder", *names), tuple(found), caption, n_names=2)


def _f1_cell(row: Any) -> Cell:
    if row.status != DONE:
        return gap_cell(row)
    at_chance = (AT_CHANCE,) if pd.notna(row.overlaps_shuffled) and row.overlaps_shuffled else ()
    undefined = (f"{row.n_undefined:.0f} folds are not defined and left out",) if row.n_undefined else ()
    known = (EXPOSED[row.seen],) if row.seen in EXPOSED and row.labels == TRUE else ()
    shown = f"{interval(row)} {SHORT.get(row.probe, row.probe)}"
    return Cell(shown, at_chance + undefined + known, strong=row.best, quiet=row.labels == SHUFFLED)


def _metrics(summary: Summary, task: str) -> Table:
    """Every metric of the best probe, one row per cell that has numbers."""
    key = ("encoder", "dataset", "task", "size", "labels", "probe")
    shown = {(*(getattr(row, name) for name in key), row.metric): interval(row) for row in rows(summary.scores)}
    found = [
        texts(
            row.size, row.encoder, summary.shown(row.dataset), row.labels, row.probe,
            *(shown[*(getattr(row, name) for name in key), metric] for metric in METRICS),
            number(row.n, 0), number(row.n_positive, 0), f"{row.n_folds:.0f}",
        )
        for row in rows(where(summary.f1, task=task, status=DONE))
    ]  # fmt: skip
    names = ("size", "encoder", "data set", "labels", "best probe")
    columns = (*names, *METRICS.values(), "records", "positive", "folds")
    title = summary.heading("All metrics of the best probe", task)
    return Table("scores", title, columns, tuple(found), n_names=len(names), details=True)


def _overlap(summary: Summary, task: str) -> Table:
    found = []
    for encoder, part in groups(where(summary.overlap, task=task), "encoder"):
        first = next(rows(part))
        cells = {row.dataset: _share_cell(row) for row in rows(part)}
        cells[first.reference] = Cell("reference", quiet=True)
        shares = (cells[name] for name in summary.grid.datasets)
        means = (number(part[column].mean()) for column in ("share", "chance"))
        found.append(texts(encoder, first.probe or "–", first.size or "–", *shares, *means))
    caption = (
        f"Share of the top {summary.study['attribution']['top_k']} features (mean absolute SHAP value, best probe) "
        "that a data set has in common with the reference, the one on which the probe scores highest. Chance is what "
        "two independent choices share; it falls with the width of the encoder."
    )
    columns = ("encoder", "probe", "size", *map(summary.shown, summary.grid.datasets), "mean", "chance")
    return Table("overlap", summary.heading("Feature overlap", task), columns, tuple(found), caption, n_names=3)


def _share_cell(row: Any) -> Cell:
    if row.status != DONE:
        return gap_cell(row)
    used = f"the probes use {row.n_reference:.0f} and {row.n_other:.0f} features: at most {number(row.most)} is shared"
    return Cell(number(row.share), (used,) if row.most < 1 else ())


def _separability(summary: Summary, task: str) -> Table:
    table = where(summary.separability, task=task)
    table = table[table["level"].isin(LEVELS)]
    most = table[table["level"] == "label"].groupby("metric")["mean"].max().to_dict()
    places = list(product(LEVELS, METRIC_WORDS))
    found = []
    for encoder, part in groups(table, "encoder"):
        cells = {
            (row.level, row.metric): _separability_cell(row, best=row.level == "label" and row.mean == most[row.metric])
            for row in rows(part)
        }
        found.append(texts(encoder, *(cells.get(place, "–") for place in places)))
    geometry = summary.study["geometry"]
    caption = (
        f"kNN: share of the {geometry['k']} nearest neighbours that carry the same label (label) or come from the same "
        "data set (data set), other records of the patient excluded; rescaled: macro-averaged, chance 0, perfect 1. "
        "ARI and AMI: k-means against label or data set, mean ± standard deviation over seeds. Features are taken "
        f"{geometry['space']}. Best: the highest at label level. At data set level a high number means that the "
        "embedding shows the recorder."
    )
    columns = ("encoder", *(f"{LEVEL_WORDS[level]}: {METRIC_WORDS[metric]}" for level, metric in places))
    return Table("separability", summary.heading("Separability", task), columns, tuple(found), caption)


def _strata(summary: Summary, task: str) -> Table:
    table = where(summary.separability, task=task)
    table = table[~table["level"].isin(LEVELS)]
    found = []
    for (encoder, level, stratum), part in groups(table, ["encoder", "level", "stratum"]):
        cells = {row.metric: _separability_cell(row) for row in rows(part)}
        first = next(rows(part))
        name = STRATUM_WORDS.get((level, stratum), stratum)
        metrics = (cells.get(metric, "–") for metric in METRIC_WORDS)
        found.append(texts(encoder, LEVEL_WORDS[level], name, *metrics, number(first.n, 0)))
    columns = ("encoder", "what neighbours share", "among", *METRIC_WORDS.values(), "records")
    title = summary.heading("Separability within data sets, within labels, and across data sets", task)
    caption = "A stratum holds one recorder, or one label; across data sets, neighbours come from other recorders only."
    return Table("separability", title, columns, tuple(found), caption, n_names=3, details=True)


def _separability_cell(row: Any, *, best: bool = False) -> Cell:
    if row.status != DONE:
        return gap_cell(row)
    spread = f" ± {number(row.sd)}" if row.n_repeats > 1 else ""
    return Cell(number(row.mean) + spread, strong=best)


def _signatures(summary: Summary) -> Table:
    states = groups(pd.DataFrame(summary.signatures), ["encoder", "task"])
    found = [texts(encoder, task, *map(_signature_cell, rows(part))) for (encoder, task), part in states]
    columns = ("encoder", "task", *(rule.name for rule in RULES))
    caption = "Patterns with fixed thresholds, which are conventions and not tests."
    return Table("signatures", "Failure signatures", columns, tuple(found), caption, n_names=2)


def _signature_cell(signature: Any) -> Cell:
    notes = (signature.sentence,) if signature.sentence else ()
    return Cell(signature.state, notes, strong=signature.state == FOUND, quiet=signature.state != FOUND)
