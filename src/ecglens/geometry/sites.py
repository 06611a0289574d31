"""What is asked of the sites that data sets consist of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.geometry.questions import Question

SITE, WITHIN = "site", "site-within-dataset"

FEWEST_OF_SITE = 10
"""Records of every label that a site needs, to be a class of its own."""


def ask_sites(sources: NDArray[Any], sites: NDArray[Any] | None, labels: NDArray[Any] | None = None) -> list[Question]:
    """Do neighbours and clusters share the site? None is asked if no data set has two sites that can be told apart.

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
    [('site', 'all', ('chn/Chapman', 'chn/Ningbo', 'georgia')), ('site-within-dataset', 'chn', ('Chapman', 'Ningbo'))]
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
