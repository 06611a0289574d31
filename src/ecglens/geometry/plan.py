"""The plan of a geometry: metrics and settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ecglens.geometry.metrics import METRICS, GeometryMetric, check_metric, load_metric
from ecglens.geometry.neighbours.matrix import Distance

Space = Literal["embedding", "standardised", "pca50"]

OF_CLUSTERS = ("ari", "ami", "v_measure")
"""Metrics that compare clusters with classes."""


@dataclass(frozen=True)
class GeometryPlan:
    """Metrics and settings of a geometry.

    Parameters
    ----------
    metrics
        Names of `ecglens.geometry.metrics.METRICS`, ``"package.module:attribute"``, or
        `ecglens.geometry.metrics.GeometryMetric` objects; by default all that are built in. Nothing else is computed.
    k
        Number of neighbours per record.
    metric
        Distance between embeddings. With ``"cosine"`` all metrics use embeddings of norm 1.
    seeds, n_init
        Number of k-means clusterings, and of starts of each.
    repeats
        Number of subsamples with equal class and data set counts; 0 for none.
    most_per_cell
        Largest number of records per class and data set in a subsample; ``None`` for no limit.
    permutations
        Number of permutations for chance levels and p values; 0 for none.
    bootstraps
        Number of patient groups of the jackknife intervals; 0 for none.
    spaces
        Spaces for k-means of all records: the embedding, features of unit variance, the first 50 principal components.
        Strata and subsamples are clustered in the embedding.
    strata
        Whether to measure within each data set and each label, too.
    sources
        Whether to measure metrics of the data sets without labels, too.
    spectral_up_to
        Largest number of records for spectral clustering of the neighbour graph; 0 for none.
    seed
        Random seed of clusterings, subsamples, permutations and groups of patients.
    device
        PyTorch device of the neighbour search; ``None`` uses NumPy.

    Raises
    ------
    ConfigError
        There is no metric of a name; the message lists the legal ones.

    Examples
    --------
    >>> GeometryPlan(metrics=("knn_purity", "ilisy"))
    Traceback (most recent call last):
    ecglens.errors.ConfigError: unknown metric 'ilisy'. Did you mean 'ilisi'? Known: knn_purity, ari, ...
    """

    metrics: Sequence[str | GeometryMetric] = tuple(METRICS.builtins)
    k: int = 10
    metric: Distance = "euclidean"
    seeds: int = 10
    n_init: int = 10
    repeats: int = 20
    most_per_cell: int | None = 1000
    permutations: int = 200
    bootstraps: int = 50
    spaces: tuple[Space, ...] = ("embedding", "standardised", "pca50")
    strata: bool = True
    sources: bool = True
    spectral_up_to: int = 5000
    seed: int = 0
    device: str | None = None

    def __post_init__(self) -> None:
        """Refuse metrics that there are not, before any work."""
        for each in self.metrics:
            load_metric(each) if isinstance(each, str) else check_metric(each)

    @property
    def custom(self) -> tuple[GeometryMetric, ...]:
        """Metrics that are not built in, each once."""
        loaded = [load_metric(each) if isinstance(each, str) else each for each in self.metrics]
        return tuple({metric.name: metric for metric in loaded if metric.measure}.values())

    @property
    def of_clusters(self) -> tuple[str, ...]:
        """Metrics of clusters that are asked for, in the order of `OF_CLUSTERS`."""
        return tuple(name for name in OF_CLUSTERS if name in self.metrics)
