"""What is asked of a geometry, and what to compute for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.rows import Metric

Space = Literal["embedding", "standardised", "pca50"]

ACROSS = "label-across-datasets"
NATURAL, EQUAL = "natural", "equal"


@dataclass(frozen=True)
class GeometryPlan:
    """What to compute.

    Parameters
    ----------
    k
        Neighbours whose labels are compared.
    metric
        Distance of neighbours. With ``"cosine"`` every other number is of the embeddings' directions too.
    seeds, n_init
        k-means clusterings, and starts of each.
    repeats
        Subsamples with equal class and data set counts; 0 leaves them out.
    most_per_cell
        Largest number of records per class and data set in a subsample: more cost time and tell little. None: no
        limit.
    permutations
        Permutations behind every p; 0 leaves them out.
    bootstraps
        Groups of patients, each left out once, behind every interval; 0 leaves them out.
    spaces
        Where k-means looks at the whole: the embedding, features of unit variance, the first 50 principal components.
        Strata and subsamples are clustered in the embedding.
    clusters, strata, mixing, sources
        Whether to compute them; `sources` are the numbers of the data sets alone, whatever the task.
    spectral_up_to
        Largest number of records for which the neighbour graph is clustered too; 0 leaves it out.
    seed
        Of everything that is drawn.
    device
        Torch device of the neighbour search; None uses NumPy.
    """

    k: int = 10
    metric: Metric = "euclidean"
    seeds: int = 10
    n_init: int = 10
    repeats: int = 20
    most_per_cell: int | None = 1000
    permutations: int = 200
    bootstraps: int = 50
    spaces: tuple[Space, ...] = ("embedding", "standardised", "pca50")
    clusters: bool = True
    strata: bool = True
    mixing: bool = True
    sources: bool = True
    spectral_up_to: int = 5000
    seed: int = 0
    device: str | None = None


@dataclass(frozen=True)
class Question:
    """One question at one part of the records.

    Parameters
    ----------
    level, stratum
        As in `ecglens.geometry.measure_geometry`.
    members
        Positions of the records, ``[m]``.
    values
        Codes that neighbours or clusters may share, ``[m]``.
    names
        What the codes mean.
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
        return self.level.startswith("dataset")

    def need_two_values(self) -> None:
        """Raise `CannotFillError` if there is nothing to tell apart.

        Examples
        --------
        >>> ask_sources(np.array(["chn", "chn"])).need_two_values()
        Traceback (most recent call last):
        ecglens.errors.CannotFillError: there is one data set only: chn
        """
        what, _, other = self.level.replace("dataset", "data set").partition("-within-")
        place = "" if self.stratum == "all" else f" in {other} {self.stratum}"
        if len(self.names) < 2:
            raise CannotFillError(f"there is one {what.partition('-')[0]} only{place}: {self.names[0]}")
        if len(self.parts) == 1:
            raise CannotFillError(f"there is one data set only: {self.parts[0]}")


def ask_sources(sources: NDArray[Any]) -> Question:
    """The question that needs no task: do neighbours and clusters share the data set?

    Examples
    --------
    >>> ask_sources(np.array(["chn", "georgia"])).names
    ('chn', 'georgia')
    """
    names, source = np.unique(sources, return_inverse=True)
    everything = np.arange(len(source))
    return Question("dataset", "all", everything, source, tuple(map(str, names)), np.zeros(len(source), dtype=np.int64))


def ask(labels: NDArray[Any], sources: NDArray[Any], strata: bool) -> list[Question]:
    """The questions of one task.

    Examples
    --------
    >>> for question in ask(np.array([0, 1, 0, 1]), np.array(["chn", "chn", "georgia", "georgia"]), strata=True):
    ...     print(question.level, question.stratum, question.members)
    label all [0 1 2 3]
    dataset all [0 1 2 3]
    label-across-datasets all [0 1 2 3]
    label-within-dataset chn [0 1]
    label-within-dataset georgia [2 3]
    dataset-within-label 0 [0 2]
    dataset-within-label 1 [1 3]
    """
    everything = np.arange(len(labels))
    label_names, label = np.unique(labels, return_inverse=True)
    source_names, source = np.unique(sources, return_inverse=True)
    labelled, named = tuple(map(str, label_names)), tuple(map(str, source_names))
    found = [
        Question("label", "all", everything, label, labelled, source),
        Question("dataset", "all", everything, source, named, label),
        Question(ACROSS, "all", everything, label, labelled, source, parts=named),
    ]
    sides = (
        ("label-within-dataset", label, labelled, source, named),
        ("dataset-within-label", source, named, label, labelled),
    )
    for level, values, names, other, strata_names in sides if strata else ():
        for code, stratum in enumerate(strata_names):
            members = np.flatnonzero(other == code)
            held, inside = np.unique(values[members], return_inverse=True)
            own = tuple(names[value] for value in held)
            found.append(Question(level, stratum, members, inside, own, np.zeros(len(members), dtype=np.int64)))
    return found
