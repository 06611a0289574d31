"""The best probe of an encoder, and its reference data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ecglens.status import DONE


def mean_f1(probe: pd.DataFrame) -> pd.DataFrame:
    """Mean F1 over folds and draws, columns encoder, dataset, task, size, labels, probe, value."""
    f1 = probe[(probe["metric"] == "f1") & (probe["status"] == DONE)]
    keys = ["encoder", "dataset", "task", "size", "labels", "probe"]
    return f1.groupby(keys)["value"].mean().reset_index()


@dataclass(frozen=True)
class Reference:
    """Score of a probe for one encoder and task, at the common size of the data sets.

    Parameters
    ----------
    encoder, task, size, probe
        Encoder, task, size and probe.
    dataset
        Reference: the data set on which the probe scores highest.
    mean, n
        Mean F1 over the `n` data sets with a score.
    """

    encoder: str
    task: str
    size: str
    probe: str
    dataset: str
    mean: float
    n: int


def references(probe: pd.DataFrame, sizes: Mapping[str, str | None]) -> list[Reference]:
    """Find the reference data set of every encoder, task and probe.

    Parameters
    ----------
    probe
        Rows of the probe stage.
    sizes
        Size at which data sets are compared, by task.
    """
    scores = mean_f1(probe).dropna(subset="value")
    scores = scores[(scores["labels"] == "true") & (scores["size"] == scores["task"].map(dict(sizes)))]
    found = []
    for key, part in scores.groupby(["encoder", "task", "size", "probe"]):
        encoder, task, size, name = map(str, key)
        values = dict(zip(part["dataset"], part["value"], strict=True))
        highest = max(values, key=lambda dataset: values[dataset])
        found.append(Reference(encoder, task, size, name, highest, float(part["value"].mean()), len(part)))
    return found


def best_probes(found: Sequence[Reference]) -> list[Reference]:
    """Find the best probe of every encoder and task: the highest mean F1 among those with most data sets."""
    best: dict[tuple[str, str], Reference] = {}
    for reference in found:
        current = best.setdefault((reference.encoder, reference.task), reference)
        if (reference.n, reference.mean) > (current.n, current.mean):
            best[reference.encoder, reference.task] = reference
    return list(best.values())
