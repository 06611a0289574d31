"""Geometry: what lies near what in the space of embeddings."""

from ecglens.geometry.clusters import cluster_agreement
from ecglens.geometry.neighbours import Neighbours, find_neighbours
from ecglens.geometry.projection import project_pca, project_umap
from ecglens.geometry.purity import Purity, agreement
from ecglens.geometry.separability import separability

__all__ = [
    "Neighbours",
    "Purity",
    "agreement",
    "cluster_agreement",
    "find_neighbours",
    "project_pca",
    "project_umap",
    "separability",
]
