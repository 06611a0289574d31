"""What to compute of a geometry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ecglens.geometry.neighbours.matrix import Distance

Space = Literal["embedding", "standardised", "pca50"]


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
    metric: Distance = "euclidean"
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
