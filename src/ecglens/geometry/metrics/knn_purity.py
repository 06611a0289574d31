"""kNN purity: share of neighbours with the same label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.geometry.metrics.base import GeometryMetric
from ecglens.geometry.neighbours.knn import Neighbours
from ecglens.metric import Metric

KNN_RESCALED = Metric(
    name="knn_rescaled",
    title="rescaled kNN purity",
    symbol="kNN",
    # The lower end is `Purity.lowest`, or -1: what lies farther below chance tells no more.
    low=-1.0,
    chance="0",
    caption="Share of neighbours of the own class, rescaled so that 0 is chance and 1 is perfect; mean over classes.",
)
KNN_RAW = Metric(
    name="knn_raw",
    title="kNN purity",
    symbol="raw kNN",
    chance="the sum of the squared shares of the classes",
    caption="Share of neighbours of the own class; mean over records.",
)
KNN_MACRO = Metric(
    name="knn_macro",
    title="kNN purity, mean over classes",
    symbol="macro kNN",
    chance="1 / classes",
    caption="Share of neighbours of the own class; mean over classes.",
)
KNN_CLASS = Metric(
    name="knn_class",
    title="kNN purity of one class",
    symbol="kNN of a class",
    chance="the share of the class",
    caption="Share of neighbours of the own class, for the records of one class.",
)
KNN_PURITY = GeometryMetric(
    name="knn_purity",
    title="kNN purity",
    symbol="kNN",
    low=-1.0,
    chance="0",
    caption="Share of neighbours of the own class: raw, rescaled, and by class.",
    reports=(KNN_RESCALED, KNN_RAW, KNN_MACRO, KNN_CLASS),
)

ROUNDING = 1e-12


@dataclass(frozen=True)
class Purity:
    """Share of neighbours that carry the record's own label.

    Parameters
    ----------
    raw
        Mean over records. At a prevalence of 5 % it is about 0.9 for pure noise.
    per_class
        Mean over the records of each class.
    expected
        The same under chance: the share of each class among a record's legal neighbours.
    macro
        Mean of `per_class`.
    attainable
        The most that a class can have: less than 1 where it has fewer legal records than there are neighbours.
    rescaled
        Mean over classes of ``(per_class - expected) / (attainable - expected)``: 0 is chance, 1 is perfect. A class
        that cannot have more than chance, because one group holds it, does not count.
    """

    raw: float
    per_class: Mapping[Any, float]
    expected: Mapping[Any, float]
    attainable: Mapping[Any, float]
    macro: float
    rescaled: float

    @property
    def lowest(self) -> float:
        """`rescaled` where no neighbour is of the own class."""
        expected, attainable = (np.array(list(part.values())) for part in (self.expected, self.attainable))
        return float(rescale(np.zeros(len(expected)), expected, attainable))


def knn_purity(neighbours: Neighbours, labels: NDArray[Any], groups: NDArray[Any] | None = None) -> Purity:
    """Compare the labels of records with those of their neighbours.

    Parameters
    ----------
    neighbours
        All of them are used; take ``neighbours.first(k)`` for fewer.
    labels
        Label or data set of each record, ``[n]``.
    groups
        The groups that the neighbours were searched with, ``[n]``: chance is what the legal neighbours hold.

    Raises
    ------
    CannotFillError
        There is one class only, or a neighbourhood holds everybody.

    Examples
    --------
    >>> from ecglens.geometry import find_neighbours
    >>> X = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2]])
    >>> knn_purity(find_neighbours(X, 2), np.array(["af", "af", "af", "no", "no", "no"])).rescaled
    1.0
    """
    names, label = np.unique(labels, return_inverse=True)
    group = np.arange(len(label)) if groups is None else np.unique(groups, return_inverse=True)[1]
    return purity_of_codes(neighbours, names, label, group)


def purity_of_codes(
    neighbours: Neighbours, names: NDArray[Any], label: NDArray[np.int64], group: NDArray[np.int64]
) -> Purity:
    """`agreement` where labels, of which each is held, and groups are known as codes."""
    if len(names) < 2:
        raise CannotFillError(f"agreement needs two classes, there is one only: {names[0]}")
    share = per_record(neighbours, label)
    n_label = np.bincount(label)
    per_class = np.bincount(label, share) / n_label
    alike = legal_alike(label, group)
    expected = np.bincount(label, alike / (len(label) - np.bincount(group)[group])) / n_label
    attainable = np.bincount(label, attainable_per_record(alike, neighbours.k)) / n_label
    if (attainable - expected <= ROUNDING).all():
        raise CannotFillError(
            f"{neighbours.k} neighbours are all of the {len(label)} records that may be one: whatever the embedding, a "
            "class has the same share of them. Use a smaller k or more records."
        )
    return Purity(
        raw=float(share.mean()),
        per_class=dict(zip(names.tolist(), per_class.tolist(), strict=True)),
        expected=dict(zip(names.tolist(), expected.tolist(), strict=True)),
        attainable=dict(zip(names.tolist(), attainable.tolist(), strict=True)),
        macro=float(per_class.mean()),
        rescaled=float(rescale(per_class, expected, attainable)),
    )


def per_record(neighbours: Neighbours, labels: NDArray[Any]) -> NDArray[np.float64]:
    """Share of each record's neighbours that carry its own label, ``[n]``.

    Examples
    --------
    >>> nearest = Neighbours(np.array([[1, 2], [0, 2], [1, 0]]), np.array([[1.0, 2.0], [1.0, 1.0], [1.0, 2.0]]))
    >>> per_record(nearest, np.array(["af", "no", "af"]))
    array([0.5, 0. , 0.5])
    """
    labels = np.asarray(labels)
    return np.asarray((labels[neighbours.indices] == labels[:, None]).mean(axis=1))


def legal_alike(label: NDArray[np.int64], group: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many records of other groups carry each record's label; both are codes, ``[n]``."""
    cell = group * (label.max() + 1) + label
    return np.asarray(np.bincount(label)[label] - np.bincount(cell)[cell])


def attainable_per_record(alike: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    """The largest share of `k` neighbours that can carry a record's label, ``[n]``."""
    return np.asarray(np.minimum(alike, k) / k)


def rescale(
    per_class: NDArray[np.float64], expected: NDArray[np.float64], attainable: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean over classes, the last axis, so that chance is 0 and perfect is 1.

    Classes for which chance is all that there can be do not count, such as one that a single patient holds; NaN where
    a class is not known or none counts.
    """
    gain, room = per_class - expected, attainable - expected
    counts = ~(room <= ROUNDING)
    size = counts.sum(axis=-1)
    total = np.where(counts, gain / np.where(counts, room, 1), 0).sum(axis=-1)
    return np.asarray(np.where(size > 0, total / np.maximum(size, 1), np.nan))
