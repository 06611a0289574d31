"""All separability metrics from one neighbour search: values, intervals and chance levels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import CannotFillError, InputError
from ecglens.geometry.alignment import alignment_rows
from ecglens.geometry.arrays import check_values
from ecglens.geometry.bench import Bench, Moved, permutations, prepare_bench
from ecglens.geometry.custom import CustomMetricError, custom_metric
from ecglens.geometry.evaluate import (
    draw_sample,
    equal_clusters,
    equal_purity,
    graph_clusters,
    natural_clusters,
    natural_purity,
)
from ecglens.geometry.inference.estimate import Row
from ecglens.geometry.levels import ACROSS, EQUAL, NATURAL, SITE, Question, ask, ask_sites, ask_sources
from ecglens.geometry.mixing import label_mixing, source_mixing
from ecglens.geometry.neighbours.index import NeighbourIndex, build_index
from ecglens.geometry.neighbours.lists import Progress
from ecglens.geometry.plan import GeometryPlan
from ecglens.status import CANNOT_FILL, DONE, FAILED
from ecglens.threads import one_thread

COLUMNS = [
    "task", "level", "stratum", "counts", "space", "metric", "value", "low", "high", "spread_over", "patient_low",
    "patient_high", "null_mean", "null_low", "null_high", "p_value", "n", "n_classes", "n_repeats", "repeats",
    "status", "reason",
]  # fmt: skip
GRAPH = "neighbour graph"
KNN = "knn_rescaled"
"""Number whose row gives the reason if a purity cannot be filled."""


def measure_geometry(
    X: NDArray[Any],
    tasks: Mapping[str, NDArray[Any]],
    sources: NDArray[Any],
    patients: NDArray[Any],
    plan: GeometryPlan = GeometryPlan(),  # noqa: B008
    progress: Progress | None = None,
    index: NeighbourIndex | None = None,
    sites: NDArray[Any] | None = None,
) -> pd.DataFrame:
    """Measure separability of embeddings by label and by data set.

    ======================  =================  =====================================================
    level                   stratum            question
    ======================  =================  =====================================================
    label                   all                do neighbours and clusters share the label?
    source                  all                ... the source?
    label-within-source     each data set      ... the label, where the source is the same?
    source-within-label     each label         ... the data set, where the label is the same?
    site                    all                ... the part of a data set, where one has several?
    site-within-source      each such one      ... the site, where the data set is the same?
    label-across-sources    all                do the nearest records of other data sets share the label?
                                               (neighbours only)
    alignment               all                how much more of the label than of the data set is there?
    mixing                  all                how well do the data sets mix?
    ======================  =================  =====================================================

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``, in memory or memory-mapped.
    tasks
        Labels of each task, ``[n]``. Without any, only the source level is measured.
    sources, patients
        Data set and patient of each record, ``[n]``. Records of one patient are never neighbours.
    plan
        What to compute.
    progress
        Called after each block of the neighbour search.
    index
        The neighbour search of `X`, if it is known: from `build_index`, with these sources and patients.
    sites
        Part of the data set that each record comes from, ``[n]``, empty where there are none.

    Returns
    -------
    DataFrame
        One row per number. ``task``, empty for numbers of the data sets alone; ``level`` and ``stratum``; ``counts``:
        ``"natural"``, or ``"equal"`` for the mean over subsamples with equal class and data set counts;
        ``space`` of the clusters; ``metric``; ``value``; ``low`` and ``high``, the central 95 % over what
        ``spread_over`` names (``"repeats"`` or ``"seeds"``); ``patient_low`` and ``patient_high``, the 95 % interval
        over patients (`ecglens.geometry.inference.estimate.patient_interval`), within its range; ``null_mean``,
        ``null_low``, ``null_high`` (5th and 95th percentile) and ``p_value`` under permutation within the other factor,
        towards more structure: the lower side of ``ilisi`` and ``bras``, the upper of all others; ``n`` records (of one
        subsample), ``n_classes``, ``n_repeats``; ``repeats``, the values that were averaged; ``status`` (``"done"``, or
        ``"cannot-fill"`` or, of a metric from outside, ``"failed"`` with value NaN) and ``reason``.

    Raises
    ------
    InputError
        A value of `X` is not finite; a label, data set or patient is missing; or there is not one per record.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels, sources = np.tile([0, 1], 60), np.repeat(["georgia", "chn"], 60)
    >>> X = rng.normal(size=(120, 4)) + 20 * labels[:, None]
    >>> table = measure_geometry(X, {"af": labels}, sources, np.arange(120), GeometryPlan(repeats=3, seeds=2))
    >>> table.query("metric == 'knn_index' and counts == 'equal'").value.item() > 0.9
    True
    """
    sources, patients = np.asarray(sources), np.asarray(patients)
    tasks = {task: np.asarray(labels) for task, labels in tasks.items()}
    named = {f"labels of {task!r}": labels for task, labels in tasks.items()}
    named |= {} if sites is None else {"sites": sites}
    for what, values in {"sources": sources, "patients": patients, **named}.items():
        check_values(what, values, len(X))
    index = index or build_index(
        X, patients, sources, metric=plan.metric, seed=plan.seed, progress=progress, device=plan.device
    )
    if (len(index.patient), index.metric) != (len(X), plan.metric):
        raise InputError(
            f"the index holds {len(index.patient)} records under {index.metric} distance, asked for are {len(X)} under "
            f"{plan.metric} distance. Build one of these."
        )
    bench = prepare_bench(index, plan)
    rows: list[Row] = []
    for task, labels in tasks.items():
        asked = ask(labels, sources, plan.strata) + ask_sites(sources, sites, labels)
        rows += [{"task": task} | row for row in _of_task(bench, asked)]
    alone = _asked(bench, [ask_sources(sources), *ask_sites(sources, sites)])
    if not tasks:
        with one_thread():
            rows += [{"task": ""} | row for row in _rows(bench, alone)]
    if plan.sources:
        rows += [{"task": ""} | row for row in source_mixing(bench, alone[0])]
    return pd.DataFrame(rows).reindex(columns=COLUMNS)


def _of_task(bench: Bench, questions: list[Question]) -> list[Row]:
    asked = _asked(bench, questions)
    with one_thread():
        rows = _rows(bench, asked)
    del asked[2:]  # with their permutations
    return rows + label_mixing(bench, *asked)


def _asked(bench: Bench, questions: list[Question]) -> list[tuple[Question, Moved]]:
    """Each question with its permutations, which are made where the first number needs them.

    Across data sets the labels are those of all records.
    """
    asked: list[tuple[Question, Moved]] = []
    for question in questions:
        moved: Moved = cache(partial(permutations, bench.index.patient, bench.plan, question))
        asked.append((question, asked[0][1] if question.level == ACROSS else moved))
    return asked


def _rows(bench: Bench, asked: list[tuple[Question, Moved]]) -> list[Row]:
    rows: list[Row] = []
    plan, purity = bench.plan, "knn_purity" in bench.plan.metrics
    for question, moved in asked:
        apart, clusters = question.level == ACROSS, plan.of_clusters
        whole = question.stratum == "all" and question.level != SITE
        # Purity and clusters are of the same subsamples.
        draw = cache(partial(draw_sample, bench, question))
        if purity:
            rows += _or_reason(question, NATURAL, KNN, partial(natural_purity, bench, question, moved))
        if clusters and not apart:
            spaces = plan.spaces if whole else ("embedding",)
            measure = partial(natural_clusters, bench, question, spaces, moved)
            rows += _or_reason(question, NATURAL, clusters[0], measure)
        if clusters and not apart and whole and len(question.members) <= plan.spectral_up_to:
            measure = partial(graph_clusters, bench, question, moved)
            rows += [row | {"space": GRAPH} for row in _or_reason(question, NATURAL, clusters[0], measure)]
        if purity and plan.repeats:
            rows += _or_reason(question, EQUAL, KNN, partial(equal_purity, bench, question, draw))
        if clusters and not apart and plan.repeats:
            rows += _or_reason(question, EQUAL, clusters[0], partial(equal_clusters, bench, question, draw))
        for metric in bench.custom:
            if question.level in metric.levels:
                measure = partial(custom_metric, metric, bench, question, moved)
                rows += _or_reason(question, NATURAL, metric.name, measure)
    return rows + list(alignment_rows(rows))


def _or_reason(question: Question, counts: str, metric: str, measure: Callable[[], list[Row]]) -> list[Row]:
    place = {
        "level": question.level, "stratum": question.stratum, "counts": counts, "n": len(question.members),
        "n_classes": len(question.names), "status": DONE, "reason": "",
    }  # fmt: skip
    try:
        question.need_two_values()
        return [place | row for row in measure()]
    except CannotFillError as error:
        reason = f"on equal counts: {error}" if counts == EQUAL else str(error)
        return [place | {"metric": metric, "value": np.nan, "status": CANNOT_FILL, "reason": reason}]
    except CustomMetricError as error:
        return [place | {"metric": metric, "value": np.nan, "status": FAILED, "reason": str(error)}]
