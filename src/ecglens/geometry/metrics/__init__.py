"""Metrics of separability, one per file: a description and a pure function of arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ecglens.errors import ConfigError, printable
from ecglens.geometry.metrics.base import GeometryMetric, Part
from ecglens.metric import Metric
from ecglens.registry import Registry

__all__ = ["METRICS", "GeometryMetric", "Part", "load_metric", "words_of"]

METRICS = Registry(
    "metric",
    {
        "knn_purity": "ecglens.geometry.metrics.knn_purity:KNN_PURITY",
        "ari": "ecglens.geometry.metrics.partitions:ARI",
        "ami": "ecglens.geometry.metrics.partitions:AMI",
        "v_measure": "ecglens.geometry.metrics.partitions:V_MEASURE",
        "ilisi": "ecglens.geometry.metrics.lisi:ILISI",
        "bras": "ecglens.geometry.metrics.bras:BRAS",
        "pc_regression": "ecglens.geometry.metrics.pc_regression:PC_REGRESSION",
        "source_classifier": "ecglens.geometry.metrics.source_classifier:SOURCE_CLASSIFIER",
        "trustworthiness": "ecglens.geometry.metrics.trustworthiness:TRUSTWORTHINESS",
        "continuity": "ecglens.geometry.metrics.trustworthiness:CONTINUITY",
    },
)
"""Metrics by name; other packages add theirs under the entry point group ``ecglens.metric``."""


def load_metric(name: str) -> GeometryMetric:
    """The metric of a name, or of ``package.module:attribute``.

    Raises
    ------
    ConfigError
        There is none of that name; the message lists the legal ones. Or the object is not a `GeometryMetric`, cannot
        be measured, or has the name of a built-in number.

    Examples
    --------
    >>> load_metric("ilisi").better
    'lower'
    """
    found = METRICS.load(name)
    if not isinstance(found, GeometryMetric):
        raise ConfigError(
            f"metric '{printable(name)}' is {type(found).__name__}, not an ecglens.geometry.metrics.GeometryMetric"
        )
    if name not in METRICS.builtins:
        check_metric(found)
    return found


def check_metric(metric: GeometryMetric) -> None:
    """Raise `ConfigError` if a metric from outside cannot be measured, or has the name of a built-in number."""
    if metric.measure is None:
        raise ConfigError(f"metric '{printable(metric.name)}' has no function: give GeometryMetric(measure=...)")
    if metric.name in words_of(METRICS.builtins):
        raise ConfigError(
            f"a metric from outside has the name of a built-in one: '{printable(metric.name)}'. Rename it."
        )


def words_of(names: Iterable[str]) -> Mapping[str, Metric]:
    """Words of every number of some metrics, by its name in the column ``metric`` of results.

    Examples
    --------
    >>> list(words_of(["pc_regression", "ari"]))
    ['pc_regression_label', 'pc_regression_source', 'ari']
    """
    loaded = [METRICS.load(name) for name in names]
    return {number.name: number for metric in loaded for number in metric.reports or (metric,)}
