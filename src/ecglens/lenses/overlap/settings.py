"""Settings of feature overlap in a study file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ecglens.study.field_types import whole
from ecglens.study.fields import Strict


class AttributionSettings(Strict):
    """Which features count as important, and how well that is known.

    Parameters
    ----------
    top_k
        The features with the largest mean absolute SHAP value that are compared.
    cutoffs
        Further sizes of the top, for the curve.
    seeds
        Fits of each fold that differ in the probe's seed, where a probe has one.
    halves
        Splits of a data set into two patient-disjoint halves: what their tops share is the ceiling of any overlap.
    permutations
        Permutations of the labels of each data set whose overlap is the chance level; of ``m`` permutations the
        smallest p is ``1 / (m + 1) ** 2``. None for encoders that do not run on shuffled labels.
    probes
        ``all``, or only each encoder's ``best``.
    """

    top_k: int = whole(50, 1, 100_000)
    cutoffs: tuple[Annotated[int, Field(strict=True, ge=1, le=100_000)], ...] = (10, 25, 50, 100, 200)
    seeds: int = whole(3, 1, 1000)
    halves: int = whole(5, 0, 1000)
    permutations: int = whole(5, 0, 1000)
    probes: Literal["all", "best"] = "all"
