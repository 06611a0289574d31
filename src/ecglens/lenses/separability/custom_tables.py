"""Tables of third-party metrics."""

from __future__ import annotations

from ecglens.geometry.alignment import INDICES
from ecglens.lenses.separability.summary import LEVEL_WORDS, Separability, by_alignment
from ecglens.lenses.separability.table_cells import (
    BUILT_IN,
    STRATUM_WORDS,
    as_term,
    beside_chance,
    by_encoder,
    number_words,
    words_for,
)
from ecglens.report.frames import where
from ecglens.report.summary import Summary
from ecglens.report.table import Table, texts

INDEX_NAMES = frozenset(index.name for index in INDICES.values())
SMALLER = "; lower with more structure"


def custom_tables(summary: Summary, task: str) -> list[Table]:
    """Table of third-party metrics for one task, or for the source; empty without such metrics."""
    table = where(summary.of(Separability).table, task=task)
    words = number_words(summary.study)
    known = table["metric"].map(lambda name: name.partition(":")[0] in BUILT_IN or name in INDEX_NAMES).astype(bool)
    table = table[~known & (table["level"] != "picture")]
    if table.empty:
        return []
    places = list(dict.fromkeys(zip(table["metric"], table["level"], table["stratum"], strict=True)))
    columns, numbers = [], []
    for metric, level, stratum in places:
        among = "" if stratum == "all" else f" {STRATUM_WORDS.get((level, stratum), stratum)}"
        columns.append(f"{words_for(metric, words).symbol}: {LEVEL_WORDS[level]}{among}")
        numbers.append(by_encoder(where(table, metric=metric, level=level, stratum=stratum)))
    found = [
        texts(encoder, *(beside_chance(part.get(encoder), words) for part in numbers))
        for encoder in by_alignment(where(summary.of(Separability).table, task=task), summary.grid.encoders)
    ]
    shown = [words_for(metric, words) for metric in dict.fromkeys(table["metric"])]
    terms = [(each.symbol, as_term(each.caption) + SMALLER * each.falls) for each in shown if each.caption]
    terms.append(
        ("chance", "in round brackets: 95th percentile under permutation (5th if structure lowers the metric)")
    )
    caption = "Third-party metrics on all records, with 95 % intervals over patients."
    title = summary.heading("Further metrics", task) if task else "Further metrics of the source"
    return [Table(title, ("encoder", *columns), tuple(found), caption, details=True, terms=tuple(terms))]
