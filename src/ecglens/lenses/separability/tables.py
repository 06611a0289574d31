"""Tables of separability."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ecglens.lenses.separability.custom_tables import custom_tables
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
from ecglens.lenses.separability.table_cells import (
    BUILT_IN,
    PEOPLE,
    STRATUM_WORDS,
    as_term,
    beside_chance,
    by_encoder,
    cell,
    chance,
    with_interval,
)
from ecglens.report.frames import groups, rows, where
from ecglens.report.summary import Summary
from ecglens.report.table import Table, number, texts
from ecglens.status import DONE

SPACE_WORDS = {
    EMBEDDING: "embedding", "standardised": "standardised", "pca50": "50 components",
    "neighbour graph": "neighbour graph", "umap": "UMAP plane",
    "pca": "PCA plane",
}  # fmt: skip
MIXING = ("source_classifier", "ilisi", "pc_regression_source")
"""Metrics of the source, in addition to neighbours and clusters."""
OTHERS = ("bras", "pc_regression_label")
"""Metrics of source and label, in addition to clusters."""

SITE_COLUMNS = ("site kNN", "chance: site")
SITE_TERMS = (
    (
        "site",
        "the same for sites, which is high if data sets are apart; the strata show each data set",
    ),
)


def separability_tables(summary: Summary) -> list[Table]:
    """Tables of label and source level, source predictability, clusters and strata."""
    lead = [_separability(summary, task) for task in summary.grid.tasks]
    return [
        *lead,
        _source(summary),
        *(make(summary, task) for make in (_clusters, _strata) for task in summary.tasks),
        *(table for task in (*summary.tasks, "") for table in custom_tables(summary, task)),
    ]


def _separability(summary: Summary, task: str) -> Table:
    table = where(summary.of(Separability).table, task=task)
    index, label, dataset = (by_encoder(leading(table, *place)) for place in LEADING)
    raw = [by_encoder(leading(table, level, "knn_raw", NATURAL)) for level in LEVELS]
    site = _sites(table)
    most = max((row.value for row in label.values() if row.status == DONE), default=None)
    found = []
    for encoder in by_alignment(table, summary.grid.encoders):
        numbers = [
            with_interval(index.get(encoder)),
            cell(label.get(encoder), *PEOPLE, best=most),
            with_interval(dataset.get(encoder)),
        ]
        plain = [beside_chance(level.get(encoder)) for level in raw]
        plain += [show(part.get(encoder)) for part in site for show in (with_interval, chance)]
        found.append(texts(encoder, *numbers, chance(label.get(encoder)), chance(dataset.get(encoder)), *plain))
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
    columns = ("encoder", "alignment", "label kNN", "source kNN", "chance: label", "chance: source",
               "raw: label", "raw: source", *(SITE_COLUMNS if site else ()))  # fmt: skip
    return Table(summary.heading("Diagnosis or source", task), columns, tuple(found), caption, terms=terms)


def _source(summary: Summary) -> Table:
    table = where(summary.of(Separability).table, task="")
    purity, ari = (by_encoder(leading(table, "source", metric)) for metric in ("knn_rescaled", "ari"))
    site = _sites(table)
    mixing = {metric: by_encoder(leading(table, "mixing", metric, NATURAL)) for metric in MIXING}
    found = []
    for encoder in summary.grid.encoders:
        numbers = [show(part.get(encoder)) for part in (purity, ari) for show in (with_interval, chance)]
        mixed = [beside_chance(mixing[metric].get(encoder)) for metric in MIXING]
        mixed += [show(part.get(encoder)) for part in site for show in (with_interval, chance)]
        found.append(texts(encoder, *numbers, *mixed))
    caption = "Separability of data sets in the joint sample of all tasks, with 95 % intervals over patients."
    terms = (
        *((BUILT_IN[name].symbol, as_term(BUILT_IN[name].caption)) for name in MIXING),
        ("chance", "95th percentile under permutation of data sets (5th for iLISI), with p or in round brackets"),
        *(SITE_TERMS if site else ()),
    )
    title = summary.heading("Source predictability")
    names = (*(BUILT_IN[name].symbol for name in MIXING), *(SITE_COLUMNS if site else ()))
    columns = ("encoder", "source kNN", "chance: kNN", "source ARI", "chance: ARI", *names)
    return Table(title, columns, tuple(found if len(table) else ()), caption, terms=terms)


def _clusters(summary: Summary, task: str) -> Table:
    table = where(summary.of(Separability).table, task=task)
    index = by_encoder(leading(table, "alignment", "ari_index"))
    equal = [by_encoder(leading(table, level, "ari")) for level in LEVELS]
    natural = table[(table["counts"] == NATURAL) & (table["stratum"] == "all")]
    places = [(level, space) for space in SPACE_WORDS for level in LEVELS]
    spaces = [by_encoder(where(natural, metric="ari", level=level, space=space)) for level, space in places]
    others = [by_encoder(where(natural, metric=metric)) for metric in OTHERS]
    found = []
    for encoder in by_alignment(table, summary.grid.encoders):
        lead = [with_interval(index.get(encoder))]
        lead += [show(part.get(encoder)) for part in equal for show in (with_interval, chance)]
        found.append(texts(encoder, *lead, *(beside_chance(part.get(encoder)) for part in (*spaces, *others))))
    names = [f"{SPACE_WORDS[space]}: {LEVEL_WORDS[level]}" for level, space in places]
    lead_names = ("label ARI", "chance: label", "source ARI", "chance: source")
    columns = ("encoder", "alignment", *lead_names, *names, *(BUILT_IN[name].symbol for name in OTHERS))
    caption = (
        "ARI of k-means with as many clusters as classes: first on equal counts, then of all records, mean over "
        f"{summary.study['geometry']['seeds']} seeds. 95 % intervals over patients, too narrow where clusters overlap."
    )
    terms = (
        ("alignment", "label minus data set"),
        ("chance", "95th percentile under permutation inside the other factor (of BRAS the 5th); p or round brackets"),
        ("plane", "ARI in a picture; it depends on the settings of the picture"),
        *((BUILT_IN[name].symbol, as_term(BUILT_IN[name].caption)) for name in OTHERS),
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
        cells = [with_interval(lead), chance(lead), beside_chance(raw), with_interval(ari), chance(ari)]
        found.append(texts(encoder, LEVEL_WORDS[level], name, *cells, number(part["n"].max(), 0)))
    columns = (
        "encoder", "level", "among", "kNN", "chance: kNN", "raw", "ARI", "chance: ARI", "records"
    )  # fmt: skip
    title = summary.heading("Separability within data sets, within labels, and across data sets", task)
    caption = (
        "Neighbours within one data set or one label, or from other data sets only. kNN is rescaled, at equal counts; "
        "raw kNN and ARI use all records."
    )
    terms = (
        ("site", "a part of a data set"),
        ("chance", "95th percentile under permutation, and p; of raw in round brackets"),
    )
    return Table(title, columns, tuple(found), caption, n_names=3, details=True, terms=terms)


def _sites(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The site level by encoder; empty if no data set has several sites."""
    found = leading(table, "site", "knn_rescaled")
    return [] if found.empty else [by_encoder(found)]
