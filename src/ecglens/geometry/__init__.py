"""Geometry: separability of embeddings by label and by data set."""

from ecglens.geometry.alignment import Alignment
from ecglens.geometry.measure import measure_geometry
from ecglens.geometry.metrics import METRICS, GeometryMetric, Part
from ecglens.geometry.metrics.bras import bras
from ecglens.geometry.metrics.clustering import cluster_agreement, spectral_clusters
from ecglens.geometry.metrics.knn_purity import Purity, knn_purity, per_record
from ecglens.geometry.metrics.lisi import ilisi, lisi
from ecglens.geometry.metrics.pc_regression import pc_regression
from ecglens.geometry.metrics.source_classifier import source_classifier
from ecglens.geometry.metrics.trustworthiness import Trustworthiness, trustworthiness
from ecglens.geometry.neighbours.index import NeighbourIndex, build_index
from ecglens.geometry.neighbours.knn import Neighbours, find_neighbours
from ecglens.geometry.plan import GeometryPlan
from ecglens.geometry.planted import Planted, reference_scale
from ecglens.geometry.projection import project_pca, project_umap
from ecglens.geometry.projection_quality import measure_projection

__all__ = [
    "METRICS",
    "Alignment",
    "GeometryMetric",
    "GeometryPlan",
    "NeighbourIndex",
    "Neighbours",
    "Part",
    "Planted",
    "Purity",
    "Trustworthiness",
    "bras",
    "build_index",
    "cluster_agreement",
    "find_neighbours",
    "ilisi",
    "knn_purity",
    "lisi",
    "measure_geometry",
    "measure_projection",
    "pc_regression",
    "per_record",
    "project_pca",
    "project_umap",
    "reference_scale",
    "source_classifier",
    "spectral_clusters",
    "trustworthiness",
]
