"""Settings of feature overlap in a study file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ecglens.study.field_types import whole
from ecglens.study.fields import Strict


class AttributionSettings(Strict):
    """Settings of attribution and feature overlap.

    Parameters
    ----------
    top_k
        Number of top features (largest mean absolute SHAP value) that are compared.
    cutoffs
        Numbers of top features of the overlap curve.
    seeds
        Number of fits per fold with different seeds, for probes that have a seed.
    halves
        Number of splits of each data set into two patient-disjoint halves, whose overlap is the noise ceiling.
    permutations
        Number of label permutations per data set for the chance level; the smallest p of ``m`` permutations is
        ``1 / (m + 1) ** 2``. Encoders that are not evaluated on shuffled labels have none.
    probes
        Probes that are explained: ``all``, or only the ``best`` of each encoder.
    """

    top_k: int = whole(50, 1, 100_000)
    cutoffs: tuple[Annotated[int, Field(strict=True, ge=1, le=100_000)], ...] = (10, 25, 50, 100, 200)
    seeds: int = whole(3, 1, 1000)
    halves: int = whole(5, 0, 1000)
    permutations: int = whole(5, 0, 1000)
    probes: Literal["all", "best"] = "all"
