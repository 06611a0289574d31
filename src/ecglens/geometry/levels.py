"""Levels: classes of records, and the records among which they are measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError

ACROSS = "label-across-sources"
SITE, WITHIN = "site", "site-within-source"
NATURAL, EQUAL = "natural", "equal"

FEWEST_OF_SITE = 10
"""Records of every label that a site needs, to be a class of its own."""


@dataclass(frozen=True)
class Question:
    """One level and stratum: classes of a subset of the records.

    Parameters
    ----------
    level, stratum
        As in `ecglens.geometry.measure_geometry`.
    members
        Positions of the records, ``[m]``.
    values
        Codes that neighbours or clusters may share, ``[m]``.
    names
        Names of the codes.
    within
        The other factor, ``[m]``: permutations stay inside it, and equal counts are equal over it too.
    parts
        Names of the data sets, if neighbours are looked for in other data sets only.
    """

    level: str
    stratum: str
    members: NDArray[np.int64]
    values: NDArray[np.int64]
    names: tuple[str, ...]
    within: NDArray[np.int64]
    parts: tuple[str, ...] = ()

    @property
    def apart(self) -> bool:
        """Whether neighbours are looked for in other data sets only."""
        return bool(self.parts)

    @property
    def of_source(self) -> bool:
        """Whether the values are data sets."""
        return self.level.startswith("source")

    def need_two_values(self) -> None:
        """Raise `CannotFillError` if there is nothing to tell apart.

        Examples
        --------
        >>> ask_sources(np.array(["chn", "chn"])).need_two_values()
        Traceback (most recent call last):
        ecglens.errors.CannotFillError: there is one data set only: chn
        """
        what, _, other = self.level.replace("source", "data set").partition("-within-")
        place = "" if self.stratum == "all" else f" in {other} {self.stratum}"
        if len(self.names) < 2:
            raise CannotFillError(f"there is one {what.partition('-')[0]} only{place}: {self.names[0]}")
        if len(self.parts) == 1:
            raise CannotFillError(f"there is one data set only: {self.parts[0]}")


def ask_sources(sources: NDArray[Any]) -> Question:
    """The source level without a task.

    Examples
    --------
    >>> ask_sources(np.array(["chn", "georgia"])).names
    ('chn', 'georgia')
    """
    names, source = np.unique(sources, return_inverse=True)
    everything = np.arange(len(source))
    return Question("source", "all", everything, source, tuple(map(str, names)), np.zeros(len(source), dtype=np.int64))


def ask(labels: NDArray[Any], sources: NDArray[Any], strata: bool) -> list[Question]:
    """The levels and strata of one task.

    Examples
    --------
    >>> for question in ask(np.array([0, 1, 0, 1]), np.array(["chn", "chn", "georgia", "georgia"]), strata=True):
    ...     print(question.level, question.stratum, question.members)
    label all [0 1 2 3]
    source all [0 1 2 3]
    label-across-sources all [0 1 2 3]
    label-within-source chn [0 1]
    label-within-source georgia [2 3]
    source-within-label 0 [0 2]
    source-within-label 1 [1 3]
    """
    everything = np.arange(len(labels))
    label_names, label = np.unique(labels, return_inverse=True)
    source_names, source = np.unique(sources, return_inverse=True)
    labelled, named = tuple(map(str, label_names)), tuple(map(str, source_names))
    found = [
        Question("label", "all", everything, label, labelled, source),
        Question("source", "all", everything, source, named, label),
        Question(ACROSS, "all", everything, label, labelled, source, parts=named),
    ]
    sides = (
        ("label-within-source", label, labelled, source, named),
        ("source-within-label", source, named, label, labelled),
    )
    for level, values, names, other, strata_names in sides if strata else ():
        for code, stratum in enumerate(strata_names):
            members = np.flatnonzero(other == code)
            held, inside = np.unique(values[members], return_inverse=True)
            own = tuple(names[value] for value in held)
            found.append(Question(level, stratum, members, inside, own, np.zeros(len(members), dtype=np.int64)))
    return found


def ask_sites(sources: NDArray[Any], sites: NDArray[Any] | None, labels: NDArray[Any] | None = None) -> list[Question]:
    """The site levels; none if no data set has two sites that are large enough.

    A site is a class if it holds at least `FEWEST_OF_SITE` records of every label of its data set. A data set with
    fewer than two such sites is one class; of the others, records of smaller sites are left out.

    Parameters
    ----------
    sources, sites
        Data set and site of each record, ``[n]``.
    labels
        Permutations stay inside them, and equal counts are equal over them, ``[n]``.

    Examples
    --------
    >>> sources, sites = np.repeat(["chn", "georgia"], 40), np.repeat(["Chapman", "Ningbo", "", ""], 20)
    >>> [(asked.level, asked.stratum, asked.names) for asked in ask_sites(sources, sites)]
    [('site', 'all', ('chn/Chapman', 'chn/Ningbo', 'georgia')), ('site-within-source', 'chn', ('Chapman', 'Ningbo'))]
    """
    if sites is None:
        return []
    label = np.zeros(len(sources), dtype=np.int64) if labels is None else np.unique(labels, return_inverse=True)[1]
    named = np.asarray(sources, dtype=str).astype(object)
    parts, kept = [], np.ones(len(named), dtype=bool)
    for source in np.unique(named):
        members = np.flatnonzero(named == source)
        inside = np.asarray(sites)[members].astype(str)
        large = _large(inside, label[members])
        if len(large) < 2:
            continue
        chosen = np.isin(inside, large)
        kept[members[~chosen]] = False
        parts.append(_question(WITHIN, source, members[chosen], inside[chosen], label))
        named[members] = [f"{source}/{site}" for site in inside]
    everything = np.flatnonzero(kept)
    return [_question(SITE, "all", everything, named[everything], label), *parts] if parts else []


def _large(site: NDArray[Any], label: NDArray[np.int64]) -> list[str]:
    """Sites that hold enough records of every label."""
    names, code = np.unique(site, return_inverse=True)
    held = np.unique(label, return_inverse=True)[1]
    counts = np.zeros((len(names), held.max(initial=0) + 1), dtype=np.int64)
    np.add.at(counts, (code, held), 1)
    return [str(name) for name in names[counts.min(axis=1) >= FEWEST_OF_SITE]]


def _question(
    level: str, stratum: str, members: NDArray[np.int64], values: NDArray[Any], label: NDArray[np.int64]
) -> Question:
    names, code = np.unique(values, return_inverse=True)
    within = np.unique(label[members], return_inverse=True)[1]
    return Question(level, str(stratum), members, code, tuple(map(str, names)), within)
