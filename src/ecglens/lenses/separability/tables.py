"""Tables of separability."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from ecglens.lenses.separability.summary import (
    EMBEDDING,
    EQUAL,
    LEADING,
    LEVEL_WORDS,
    LEVELS,
    NATURAL,
    Separability,
    by_alignment,
    leading,
)
from ecglens.report.frames import groups, rows, where
from ecglens.report.gaps import DONE
from ecglens.report.summary import Summary
from ecglens.report.table import Cell, Table, gap_cell, number, texts

STRATUM_WORDS = {
    ("dataset-within-label", "0"): "negatives",
    ("dataset-within-label", "1"): "positives",
    ("label-across-datasets", "all"): "all data sets",
    ("site", "all"): "all data sets",
}
SPACE_WORDS = {
    EMBEDDING: "embedding", "standardised": "standardised", "pca50": "50 components",
    "neighbour graph": "neighbour graph", "umap": "UMAP plane",
    "pca": "PCA plane",
}  # fmt: skip
PEOPLE = ("patient_low", "patient_high")
FALLING = ("ilisi", "bras")
"""Structure makes these smaller."""
MIXING_WORDS = {"leakage": "source classifier", "ilisi": "iLISI", "variance_of_dataset": "variance by data set"}

SITE_COLUMNS = ("site kNN", "chance: site")
SITE_TERMS = (
    (
        "site",
        "the same for the parts of data sets, high wherever data sets lie apart; see the strata for each data set",
    ),
)


def separability_tables(summary: Summary) -> list[Table]:
    """Label level beside data set level, the source alone, then clusters and strata, task by task."""
    lead = [_separability(summary, task) for task in summary.grid.tasks]
    return [
        *lead,
        _source(summary),
        *(make(summary, task) for make in (_clusters, _strata) for task in summary.tasks),
    ]


def _separability(summary: Summary, task: str) -> Table:
    table = where(summary.of(Separability).table, task=task)
    index, label, dataset = (_by_encoder(leading(table, *place)) for place in LEADING)
    raw = [_by_encoder(leading(table, level, "knn_raw", NATURAL)) for level in LEVELS]
    site = _sites(table)
    most = max((row.value for row in label.values() if row.status == DONE), default=None)
    found = []
    for encoder in by_alignment(table, summary.grid.encoders):
        numbers = [
            _with_interval(index.get(encoder)),
            _cell(label.get(encoder), *PEOPLE, best=most),
            _with_interval(dataset.get(encoder)),
        ]
        plain = [_beside_chance(level.get(encoder)) for level in raw]
        plain += [show(part.get(encoder)) for part in site for show in (_with_interval, _chance)]
        found.append(texts(encoder, *numbers, _chance(label.get(encoder)), _chance(dataset.get(encoder)), *plain))
    geometry = summary.study["geometry"]
    caption = (
        f"Share of the {geometry['k']} nearest neighbours with the same label, or from the same data set, rescaled so "
        "that 0 is chance and 1 is perfect. 95 % intervals over patients; marked: the highest of the label."
    )
    terms = (
        ("alignment", "label minus data set; below 0 the embedding follows the source more than the diagnosis"),
        ("kNN", f"equal counts of every class in every data set ({geometry['repeats']} subsamples), mean over classes; "
         "other records of the patient are no neighbours"),
        ("chance", "95th percentile under permutation inside the other factor, and p"),
        ("raw", "all records, not rescaled, as in the paper; chance in round brackets"),
        *(SITE_TERMS if site else ()),
    )  # fmt: skip
    columns = ("encoder", "alignment", "label kNN", "data set kNN", "chance: label", "chance: data set",
               "raw: label", "raw: data set", *(SITE_COLUMNS if site else ()))  # fmt: skip
    return Table(summary.heading("Diagnosis or source", task), columns, tuple(found), caption, terms=terms)


def _source(summary: Summary) -> Table:
    table = where(summary.of(Separability).table, task="")
    purity, ari = (_by_encoder(leading(table, "dataset", metric)) for metric in ("knn_rescaled", "ari"))
    site = _sites(table)
    mixing = {metric: _by_encoder(leading(table, "mixing", metric, NATURAL)) for metric in MIXING_WORDS}
    found = []
    for encoder in summary.grid.encoders:
        numbers = [show(part.get(encoder)) for part in (purity, ari) for show in (_with_interval, _chance)]
        mixed = [_beside_chance(mixing[metric].get(encoder)) for metric in MIXING_WORDS]
        mixed += [show(part.get(encoder)) for part in site for show in (_with_interval, _chance)]
        found.append(texts(encoder, *numbers, *mixed))
    caption = "How well the source can be read from the embedding: records of all tasks, 95 % intervals over patients."
    terms = (
        ("source classifier", "balanced accuracy of a linear classifier of the data set, on patients it has not seen"),
        ("iLISI", "1 where data sets mix, 0 where they lie apart"),
        ("variance", "share of the first 50 components' variance that the data set explains"),
        ("chance", "95th percentile if data sets are permuted (of iLISI, which falls, the 5th); p or round brackets"),
        *(SITE_TERMS if site else ()),
    )
    title = summary.heading("What the embedding knows of the source")
    columns = ("encoder", "data set kNN", "chance: kNN", "data set ARI", "chance: ARI", *MIXING_WORDS.values())
    columns += SITE_COLUMNS if site else ()
    return Table(title, columns, tuple(found if len(table) else ()), caption, terms=terms)


def _clusters(summary: Summary, task: str) -> Table:
    table = where(summary.of(Separability).table, task=task)
    index = _by_encoder(leading(table, "alignment", "ari_index"))
    equal = [_by_encoder(leading(table, level, "ari")) for level in LEVELS]
    natural = table[(table["counts"] == NATURAL) & (table["stratum"] == "all")]
    places = [(level, space) for space in SPACE_WORDS for level in LEVELS]
    spaces = [_by_encoder(where(natural, metric="ari", level=level, space=space)) for level, space in places]
    others = [_by_encoder(where(natural, metric=metric)) for metric in ("bras", "variance_of_label")]
    found = []
    for encoder in by_alignment(table, summary.grid.encoders):
        lead = [_with_interval(index.get(encoder))]
        lead += [show(part.get(encoder)) for part in equal for show in (_with_interval, _chance)]
        found.append(texts(encoder, *lead, *(_beside_chance(part.get(encoder)) for part in (*spaces, *others))))
    names = [f"{SPACE_WORDS[space]}: {LEVEL_WORDS[level]}" for level, space in places]
    lead_names = ("label ARI", "chance: label", "data set ARI", "chance: data set")
    columns = ("encoder", "alignment", *lead_names, *names, "BRAS", "variance by label")
    caption = (
        "ARI of k-means with as many clusters as classes: first on equal counts, then of all records, mean over "
        f"{summary.study['geometry']['seeds']} seeds. 95 % intervals over patients, too narrow where clusters overlap."
    )
    terms = (
        ("alignment", "label minus data set"),
        ("chance", "95th percentile under permutation inside the other factor (of BRAS the 5th); p or round brackets"),
        ("plane", "ARI in a picture; it depends on the settings of the picture"),
        ("BRAS", "1 where data sets overlap inside each label"),
        ("variance", "share that the label explains"),
    )
    title = summary.heading("Clusters and mixing", task)
    return Table(title, columns, tuple(found), caption, details=True, terms=terms)


def _strata(summary: Summary, task: str) -> Table:
    table = where(summary.of(Separability).table, task=task)
    table = table[table["level"].isin([level for level in LEVEL_WORDS if level not in LEVELS])]
    found = []
    for (encoder, level, stratum), part in groups(table, ["encoder", "level", "stratum"]):
        lead = next(rows(where(part, metric="knn_rescaled", counts=EQUAL)), None)
        raw, ari = (next(rows(where(part, metric=m, counts=NATURAL)), None) for m in ("knn_raw", "ari"))
        name = STRATUM_WORDS.get((level, stratum), stratum)
        cells = [_with_interval(lead), _chance(lead), _beside_chance(raw), _with_interval(ari), _chance(ari)]
        found.append(texts(encoder, LEVEL_WORDS[level], name, *cells, number(part["n"].max(), 0)))
    columns = (
        "encoder", "what neighbours share", "among", "kNN", "chance: kNN", "raw", "ARI", "chance: ARI", "records"
    )  # fmt: skip
    title = summary.heading("Separability within data sets, within labels, and across data sets", task)
    caption = (
        "Neighbours inside one data set or one label, and from other data sets only. kNN is rescaled, on equal counts; "
        "raw and ARI are of all records."
    )
    terms = (
        ("site", "a part of a data set"),
        ("chance", "95th percentile under permutation, and p; of raw in round brackets"),
    )
    return Table(title, columns, tuple(found), caption, n_names=3, details=True, terms=terms)


def _sites(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The site level by encoder; empty if no data set has several sites."""
    found = leading(table, "site", "knn_rescaled")
    return [] if found.empty else [_by_encoder(found)]


def _by_encoder(table: pd.DataFrame) -> dict[str, Any]:
    return {row.encoder: row for row in rows(table)}


def _cell(row: Any, *ends: str, best: float | None = None) -> Cell:
    """A value, with the ends of an interval where they are named."""
    if row is None:
        return Cell("–")
    if row.status != DONE:
        return gap_cell(row.status, row.reason)
    low_high = [getattr(row, end) for end in ends]
    spread = f" [{', '.join(map(number, low_high))}]" if ends and not any(map(pd.isna, low_high)) else ""
    return Cell(number(row.value) + spread, strong=row.value == best)


def _with_interval(row: Any) -> Cell:
    return _cell(row, *PEOPLE)


def _beside_chance(row: Any) -> Cell:
    """A value with its interval and, in round brackets, what chance seldom passes."""
    cell = _with_interval(row)
    if row is None or row.status != DONE or pd.isna(row.null_high):
        return cell
    return replace(cell, text=f"{cell.text} ({number(row.null_low if row.metric in FALLING else row.null_high)})")


def _chance(row: Any) -> Cell:
    """What permutation gives."""
    if row is None or row.status != DONE or pd.isna(row.p_value):
        return Cell("–")
    return Cell(f"{number(row.null_high)} (p {number(row.p_value, 3)})")
