"""The contract of separability metrics: a description and a function of arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.geometry.neighbours.knn import Neighbours
from ecglens.metric import Metric


@dataclass(frozen=True)
class Part:
    """Records that a metric is asked about: all of them, one stratum, or those that are left without some patients.

    Parameters
    ----------
    coordinates
        Embeddings, ``[n, d]``; under cosine distance of norm 1.
    codes
        Class of each record, ``[n]``, from 0 to ``n_classes - 1``: its label at level ``"label"``, its data set at
        level ``"source"``. Permuted, where the metric is measured under chance.
    n_classes
        Classes there are; one of them may be held by no record of this part.
    within
        Class of the other factor, ``[n]``: the data set where `codes` are labels, the label where they are data sets.
        Permutations stay inside it.
    patients
        Patient of each record, ``[n]``.
    search
        Finds the neighbours; see `neighbours`.
    """

    coordinates: NDArray[Any]
    codes: NDArray[np.int64]
    n_classes: int
    within: NDArray[np.int64]
    patients: NDArray[np.int64]
    search: Callable[[], Neighbours]

    @property
    def neighbours(self) -> Neighbours:
        """The nearest records of other patients, ``indices`` and ``distances`` ``[n, k]``; searched once, if asked for.

        Raises
        ------
        CannotFillError
            A record has fewer than `k` of them.
        """
        return self.search()


@dataclass(frozen=True, kw_only=True)
class GeometryMetric(Metric):
    """A metric that the setting ``geometry: {metrics: [...]}`` of a study can name.

    To add one, write such an object in a module of your own and name it ``package.module:attribute``, or register it
    under the entry point group ``ecglens.metric``. ecglens measures it at its levels and adds the 95 % interval over
    patients (measured again without one group of patients at a time), the value and p under permuted classes, and its
    words in tables. `measure` has to be a pure function: same part, same value.

    Parameters
    ----------
    measure
        Value for a `Part`, between ``low`` and ``high``. It may raise `ecglens.errors.CannotFillError` with a reason;
        NaN stands for "not defined". None: built in.
    levels
        Levels at which it is measured, such as ``"label"``, ``"source"``, ``"label-within-source"``,
        ``"source-within-label"``, ``"site"``; see `ecglens.geometry.measure_geometry`.
    reports
        Numbers that a built-in metric reports under names of their own.
    **words
        Those of `ecglens.metric.Metric`: ``name``, ``title``, ``symbol``, ``low``, ``high``, ``better``, ``chance``,
        ``caption``, ``source``.

    Examples
    --------
    The share of records whose nearest neighbour is of the same class:

    >>> def measure(part: Part) -> float:
    ...     nearest = part.neighbours.indices[:, 0]
    ...     return float((part.codes[nearest] == part.codes).mean())
    >>> NEAREST = GeometryMetric(
    ...     name="nearest", title="nearest neighbour", symbol="1-NN", chance="the share of the class",
    ...     caption="Share of records whose nearest neighbour is of the same class.", measure=measure,
    ... )
    >>> from ecglens.geometry import GeometryPlan, measure_geometry
    >>> labels, sources = np.tile([0, 1], 30), np.repeat(["georgia", "chn"], 30)
    >>> X = np.random.default_rng(0).normal(size=(60, 3)) + 20 * labels[:, None]
    >>> plan = GeometryPlan(metrics=(NEAREST,), permutations=99)
    >>> table = measure_geometry(X, {"af": labels}, sources, np.arange(60), plan)
    >>> table[["level", "metric", "value", "p_value"]].round(2).query("level == 'label'").to_numpy().tolist()
    [['label', 'nearest', 1.0, 0.01]]
    """

    measure: Callable[[Part], float] | None = None
    levels: tuple[str, ...] = ("label", "source")
    reports: tuple[Metric, ...] = ()
