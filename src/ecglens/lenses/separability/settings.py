"""Settings of separability in a study file."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ecglens.geometry.metrics import METRICS
from ecglens.study.field_types import MOST_RECORDS, Number, whole
from ecglens.study.fields import Strict


class GeometrySettings(Strict):
    """Settings of separability; see `ecglens.geometry.GeometryPlan`.

    Parameters
    ----------
    metrics
        Metrics to compute, by name or ``package.module:attribute``.
    k
        Number of neighbours per record.
    metric
        Distance between embeddings.
    features
        Scaling of features: ``raw`` (none), or ``standardised`` to unit variance.
    seeds
        Number of k-means clusterings, each with another seed.
    repeats
        Number of subsamples with equal class counts.
    permutations
        Number of permutations for chance levels and p values.
    bootstraps
        Number of patient groups of the jackknife intervals.
    most_per_cell
        Largest number of records per class and data set in a subsample.
    spectral_up_to
        Largest number of records for spectral clustering of the neighbour graph.
    max_records
        Largest number of records of a data set that fills no size.
    device
        PyTorch device of the neighbour search, such as ``cuda``; by default NumPy on the CPU. Results do not depend on
        it.
    """

    metrics: tuple[str, ...] = Field(default=tuple(METRICS.builtins), min_length=1)
    k: int = whole(10, 1, 10_000)
    metric: Literal["euclidean", "cosine"] = "euclidean"
    features: Literal["raw", "standardised"] = "raw"
    seeds: int = whole(10, 1, 1000)
    repeats: int = whole(20, 1, 100_000)
    permutations: int = whole(200, 1, 100_000)
    bootstraps: int = whole(50, 1, 100_000)
    most_per_cell: int = whole(1000, 2, MOST_RECORDS)
    spectral_up_to: int = whole(5000, 0, 100_000)
    max_records: int = whole(1000, 2, MOST_RECORDS)
    device: str | None = None

    @property
    def plan(self) -> dict[str, Any]:
        """The fields of a `GeometryPlan`."""
        return self.model_dump(exclude={"features", "max_records", "device"})


class ProjectionSettings(Strict):
    """Settings of UMAP.

    Parameters
    ----------
    n_neighbors
        Number of neighbours per record in UMAP.
    min_dist
        Smallest distance between points in the plane.
    """

    n_neighbors: int = whole(15, 2, 10_000)
    min_dist: Number = Field(default=0.1, ge=0, le=1)
