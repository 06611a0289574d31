"""Synthetic embeddings of known structure, for the reference scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import InputError
from ecglens.geometry.measure import measure_geometry
from ecglens.geometry.plan import GeometryPlan

DIALS = tuple(np.linspace(0, 1, 11).round(2).tolist())


@dataclass(frozen=True)
class Planted:
    """Settings of Gaussian embeddings in which label and data set shift the mean.

    Parameters
    ----------
    n
        Records.
    dim
        Dimensions: one for the label, one for each data set, the others noise.
    n_sources
        Data sets, of equal size.
    prevalence
        Share of records with the label, the same in every data set.
    strength
        Distance between the means of two groups that the dial is turned to, in standard deviations of the noise.
    seed
        Of labels and noise.
    """

    n: int = 2000
    dim: int = 32
    n_sources: int = 4
    prevalence: float = 0.3
    strength: float = 10.0
    seed: int = 0

    def draw(self, dial: float) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
        """Embeddings ``[n, dim]``, labels and data sets ``[n]``: the same records and noise for every setting.

        Parameters
        ----------
        dial
            0: data sets are `strength` apart, labels are not; 1: labels are, data sets are not; linear between.

        Examples
        --------
        >>> X, labels, sources = Planted(n=1000, strength=100).draw(dial=1)
        >>> (X[labels == 1].mean(axis=0) - X[labels == 0].mean(axis=0)).round(-1)[:2]
        array([100.,   0.])
        """
        if self.dim <= self.n_sources:
            raise InputError(f"{self.n_sources} data sets and a label need more than {self.dim} dimensions")
        rng = np.random.default_rng(self.seed)
        source = np.arange(self.n) % self.n_sources
        label = np.empty(self.n, dtype=np.int64)
        for s in range(self.n_sources):
            inside = np.flatnonzero(source == s)
            label[inside] = rng.permutation(len(inside)) < round(self.prevalence * len(inside))
        X = rng.normal(size=(self.n, self.dim))
        X[:, 0] += dial * self.strength * label
        # Along axes of their own, means are the root of 2 farther from each other than from the origin.
        X[np.arange(self.n), 1 + source] += (1 - dial) * self.strength / np.sqrt(2)
        return X, label, source


def reference_scale(
    planted: Planted = Planted(),
    dials: Sequence[float] = DIALS,
    plan: GeometryPlan = GeometryPlan(),  # noqa: B008
) -> pd.DataFrame:
    """Measure synthetic embeddings, from fully source-driven to fully label-driven.

    Parameters
    ----------
    planted
        Size and strength of what is planted.
    dials
        Settings from 0 (data sets apart) to 1 (labels apart).
    plan
        What to compute.

    Returns
    -------
    DataFrame
        Columns ``dial``, ``label_distance`` and ``source_distance`` (between means, in standard deviations), and those
        of `ecglens.geometry.measure_geometry`.

    Examples
    --------
    >>> table = reference_scale(Planted(n=240), [0, 1], GeometryPlan(repeats=2, seeds=2, strata=False))
    >>> lead = table.query("metric == 'knn_rescaled' and counts == 'equal'")
    >>> lead.pivot(index="dial", columns="level", values="value")[["source", "label"]].round().abs().to_numpy()
    array([[1., 0.],
           [0., 1.]])
    """
    parts = []
    for dial in dials:
        X, label, source = planted.draw(dial)
        found = measure_geometry(X, {"planted": label}, source, np.arange(planted.n), plan)
        facts: dict[str, Any] = {
            "dial": dial, "label_distance": dial * planted.strength, "source_distance": (1 - dial) * planted.strength,
        }  # fmt: skip
        parts.append(pd.DataFrame({name: [value] * len(found) for name, value in facts.items()}).join(found))
    return pd.concat(parts, ignore_index=True)
