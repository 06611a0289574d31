"""Geometry: what lies near what in the space of embeddings."""

from ecglens.geometry.alignment import Alignment
from ecglens.geometry.calibration import Planted, calibration_table
from ecglens.geometry.clusters import cluster_agreement, spectral_clusters
from ecglens.geometry.faithfulness import Faithfulness, faithfulness
from ecglens.geometry.leakage import leakage
from ecglens.geometry.lisi import ilisi, lisi
from ecglens.geometry.measure import measure_geometry
from ecglens.geometry.neighbours import Neighbours, find_neighbours
from ecglens.geometry.partitions import PartitionAgreement, compare_partitions
from ecglens.geometry.picture import measure_picture
from ecglens.geometry.pool import Pool, build_pool
from ecglens.geometry.projection import project_pca, project_umap
from ecglens.geometry.purity import Purity, agreement, per_record
from ecglens.geometry.questions import GeometryPlan
from ecglens.geometry.silhouette import bras
from ecglens.geometry.variance import explained_variance

__all__ = [
    "Alignment",
    "Faithfulness",
    "GeometryPlan",
    "Neighbours",
    "PartitionAgreement",
    "Planted",
    "Pool",
    "Purity",
    "agreement",
    "bras",
    "build_pool",
    "calibration_table",
    "cluster_agreement",
    "compare_partitions",
    "explained_variance",
    "faithfulness",
    "find_neighbours",
    "ilisi",
    "leakage",
    "lisi",
    "measure_geometry",
    "measure_picture",
    "per_record",
    "project_pca",
    "project_umap",
    "spectral_clusters",
]
