"""Labelled records of a task, and the sites of a data set that give negatives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from ecglens.records import sites
from ecglens.tasks import Task, labels

UNNAMED = "records without a site"
NAMED = 4
"""Largest number of sites that a sentence lists by name."""


@dataclass(frozen=True)
class NegativeSites:
    """The sites of a data set that give negatives to a task, and those that do not.

    Parameters
    ----------
    used, barred
        Names. None is barred if the label occurs at every site, or if there is one site only.
    """

    used: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()

    def __str__(self) -> str:
        """A phrase for the report; empty if negatives come from everywhere.

        Examples
        --------
        >>> str(NegativeSites(("Chapman-Shaoxing",), ("Ningbo",)))
        'negatives from Chapman-Shaoxing only (Ningbo holds no positive)'
        """
        if not self.barred:
            return ""
        verb = "hold" if len(self.barred) > 1 else "holds"
        return f"negatives from {_listed(self.used)} only ({_listed(self.barred)} {verb} no positive)"

    def explain(self, reason: str, label: pd.Series[int]) -> str:
        """The reason why a size cannot be filled; where negatives are the fewer, with what would give more of them."""
        if not self.barred or not reason or label.mean() <= 0.5:
            return reason
        return f"{reason} The study takes {self}; with `negatives: any` it takes those of all sites."


def labelled(
    records: pd.DataFrame, task: Task, vocabulary: str, negatives: Literal["site", "any"] = "any"
) -> tuple[pd.DataFrame, NegativeSites]:
    """Records that the task calls positive or negative, and the sites that give negatives.

    Parameters
    ----------
    records, task, vocabulary
        The record table, and how its codes are read.
    negatives
        ``any`` record that is not positive, or those of a ``site`` at which positives occur, too.

    Returns
    -------
    candidates
        Columns record_id, patient_id, label; empty if the task has no codes in the vocabulary.
    sites
        Which sites give negatives.
    """
    unknown: pd.Series[int] = pd.Series(pd.NA, records.index, dtype="Int8")
    label = labels(task, records["codes"], vocabulary) if task.positive.get(vocabulary) else unknown
    known = records[label.notna().to_numpy()]
    candidates = known[["patient_id"]].reset_index().assign(label=label.dropna().to_numpy(dtype="int64"))
    if negatives == "any":
        return candidates, NegativeSites()
    found = negative_sites(candidates["label"], sites(known))
    return drop_barred(candidates, sites(known), found).reset_index(drop=True), found


def without_codes(task: Task, vocabulary: str, dataset: str) -> str:
    """Why a data set has no labels for a task at all; empty if it can have some.

    Examples
    --------
    >>> from ecglens.tasks import get_task
    >>> without_codes(get_task("af"), "my-codes", "mine")
    "task 'af' has no codes in the vocabulary 'my-codes' of data set 'mine'"
    """
    if task.positive.get(vocabulary):
        return ""
    return f"task {task.name!r} has no codes in the vocabulary {vocabulary!r} of data set {dataset!r}"


def negative_sites(label: pd.Series[int], site: pd.Series[str]) -> NegativeSites:
    """Find the sites whose negatives can be told from positives by the label alone.

    A site without any positive gives no negatives, if at least one positive would be expected there at the prevalence
    of the sites that hold some. Its records would otherwise be negatives that a classifier knows by their site. A site
    so small that it may lack positives by chance stays.

    Parameters
    ----------
    label
        0 or 1, ``[n]``.
    site
        Name of each record's site, ``[n]``.

    Examples
    --------
    >>> label, site = pd.Series([1, 0, 1, 0, 0, 0, 0]), pd.Series([*"aaaabbb"])
    >>> negative_sites(label, site)
    NegativeSites(used=('a',), barred=('b',))
    """
    counts = label.groupby(site.to_numpy()).agg(["sum", "size"])
    holding = counts["sum"] > 0
    prevalence = counts.loc[holding, "sum"].sum() / max(1, counts.loc[holding, "size"].sum())
    barred = ~holding & (counts["size"] * prevalence >= 1)
    used, left = (tuple(name or UNNAMED for name in counts.index[chosen]) for chosen in (~barred, barred))
    return NegativeSites(used, left)


def drop_barred(candidates: pd.DataFrame, site: pd.Series[str], sites: NegativeSites) -> pd.DataFrame:
    """Candidates without the negatives of barred sites."""
    return candidates[(candidates["label"] == 1).to_numpy() | ~site.replace("", UNNAMED).isin(sites.barred).to_numpy()]


def with_sites(candidates: pd.DataFrame, records: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Records with a column site, if any of their data sets names sites."""
    known = pd.concat({name: sites(table) for name, table in records.items()})
    if (known == "").all():
        return candidates
    places = list(zip(candidates["dataset"], candidates["record_id"], strict=True))
    return candidates.assign(site=known.loc[places].to_numpy())


def _listed(names: tuple[str, ...]) -> str:
    shown = [f"site {name}" if name.isdecimal() else name for name in names[:NAMED]]
    rest = [f"{len(names) - NAMED:,} more"] if len(names) > NAMED else []
    *first, last = shown + rest
    return f"{', '.join(first)} and {last}" if first else last
