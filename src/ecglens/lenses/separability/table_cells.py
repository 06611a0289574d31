"""Cells of the tables of separability, and descriptions of metrics."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pandas as pd

from ecglens.errors import ConfigError
from ecglens.geometry.metrics import METRICS, load_metric, words_of
from ecglens.metric import Metric
from ecglens.report.frames import rows
from ecglens.report.table import Cell, gap_cell, number
from ecglens.status import DONE

STRATUM_WORDS = {
    ("source-within-label", "0"): "negatives",
    ("source-within-label", "1"): "positives",
    ("label-across-sources", "all"): "all data sets",
    ("site", "all"): "all data sets",
}
PEOPLE = ("patient_low", "patient_high")
BUILT_IN = words_of(METRICS.builtins)


def number_words(study: Mapping[str, Any]) -> Mapping[str, Metric]:
    """Words of the numbers of a study by their name in the column ``metric``; without the class of ``knn_class:af``.

    A third-party metric that is not installed is described by its name.
    """
    found = dict(words_of(METRICS.builtins))
    for name in study["geometry"].get("metrics", ()):
        if name not in METRICS.builtins:
            with suppress(ConfigError):
                metric = load_metric(name)
                found[metric.name] = metric
    return found


def words_for(metric: str, words: Mapping[str, Metric]) -> Metric:
    """Description of a metric; an unknown metric is described by its name.

    Examples
    --------
    >>> words_for("knn_class:af", words_of(["knn_purity"])).title, words_for("mine", {}).symbol
    ('kNN purity of one class', 'mine')
    """
    known = words.get(metric.partition(":")[0])
    return known or Metric(name=metric, title=metric, symbol=metric)


def as_term(caption: str) -> str:
    """Convert a sentence to a phrase for a legend.

    Examples
    --------
    >>> as_term("Share of neighbours.")
    'share of neighbours'
    """
    return caption[:1].lower() + caption[1:].removesuffix(".")


def by_encoder(table: pd.DataFrame) -> dict[str, Any]:
    return {row.encoder: row for row in rows(table)}


def cell(row: Any, *ends: str, best: float | None = None) -> Cell:
    """A value, with an interval if its columns are given."""
    if row is None:
        return Cell("–")
    if row.status != DONE:
        return gap_cell(row.status, row.reason)
    low_high = [getattr(row, end) for end in ends]
    spread = f" [{', '.join(map(number, low_high))}]" if ends and not any(map(pd.isna, low_high)) else ""
    return Cell(number(row.value) + spread, strong=row.value == best)


def with_interval(row: Any) -> Cell:
    return cell(row, *PEOPLE)


def beside_chance(row: Any, words: Mapping[str, Metric] = BUILT_IN) -> Cell:
    """A value with its interval and, in round brackets, its chance level."""
    cell = with_interval(row)
    if row is None or row.status != DONE or pd.isna(row.null_high):
        return cell
    falls = words_for(row.metric, words).falls
    return replace(cell, text=f"{cell.text} ({number(row.null_low if falls else row.null_high)})")


def chance(row: Any) -> Cell:
    """Chance level and p."""
    if row is None or row.status != DONE or pd.isna(row.p_value):
        return Cell("–")
    return Cell(f"{number(row.null_high)} (p {number(row.p_value, 3)})")
