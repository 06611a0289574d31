"""Geometry: what lies near what in the space of embeddings."""

from ecglens.geometry.clusters import cluster_agreement, spectral_clusters
from ecglens.geometry.faithfulness import Faithfulness, faithfulness
from ecglens.geometry.leakage import leakage
from ecglens.geometry.lisi import ilisi, lisi
from ecglens.geometry.neighbours import Neighbours, find_neighbours
from ecglens.geometry.partitions import PartitionAgreement, compare_partitions
from ecglens.geometry.projection import project_pca, project_umap
from ecglens.geometry.purity import Purity, agreement
from ecglens.geometry.separability import separability
from ecglens.geometry.silhouette import bras
from ecglens.geometry.variance import explained_variance

__all__ = [
    "Faithfulness",
    "Neighbours",
    "PartitionAgreement",
    "Purity",
    "agreement",
    "bras",
    "cluster_agreement",
    "compare_partitions",
    "explained_variance",
    "faithfulness",
    "find_neighbours",
    "ilisi",
    "leakage",
    "lisi",
    "project_pca",
    "project_umap",
    "separability",
    "spectral_clusters",
]
