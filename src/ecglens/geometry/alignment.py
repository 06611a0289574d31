"""Alignment index: separability by label minus separability by data set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ecglens.geometry.inference.estimate import Row, averaged, estimate
from ecglens.geometry.levels import EQUAL, NATURAL
from ecglens.metric import Metric
from ecglens.status import CANNOT_FILL, DONE

INDICES = {
    of: Metric(
        name=name,
        title="alignment index",
        symbol="alignment",
        low=-2.0,
        high=2.0,
        chance="0",
        caption=f"{symbol} of the label minus {symbol} of the data set; below 0 the embedding follows the source more.",
    )
    for of, name, symbol in (("knn_rescaled", "knn_index", "rescaled kNN"), ("ari", "ari_index", "ARI"))
}
"""Metric to the words of its difference between the levels."""


@dataclass(frozen=True)
class Alignment:
    """Label level minus source level, of numbers on one scale where 0 is chance and 1 is perfect.

    Parameters
    ----------
    label, source
        Rescaled kNN purity, or ARI, at the two levels. An index without them says little: 0.5 - 0.5 is
        as much as 0 - 0.

    Examples
    --------
    >>> Alignment(label=0.25, source=0.75).index
    -0.5
    """

    label: float
    source: float

    @property
    def index(self) -> float:
        """Alignment index, from about -1 (fully source-driven) to 1 (fully label-driven)."""
        return self.label - self.source


def alignment_rows(rows: list[Row]) -> Iterator[Row]:
    """Label level minus source level; under equal counts on the same subsamples and patients."""
    for metric, index in INDICES.items():
        for counts in (NATURAL, EQUAL):
            sides = [
                row
                for level in ("label", "source")
                for row in rows
                if (row["level"], row["counts"], row["metric"]) == (level, counts, metric)
                and row.get("space", "embedding") in ("embedding", "")
            ]
            if len(sides) < 2:
                continue
            yield _alignment_row(index, *sides)


def _alignment_row(metric: Metric, label: Row, source: Row) -> Row:
    row = {key: label.get(key) for key in ("stratum", "counts", "space", "n")} | {"level": "alignment"}
    value = Alignment(label["value"], source["value"]).index
    reasons = {label["reason"], source["reason"]} - {""}
    if reasons:
        return row | {
            "metric": metric.name,
            "value": value,
            "status": CANNOT_FILL,
            "reason": "; ".join(sorted(reasons)),
        }
    within = label["range"][0] - source["range"][1], label["range"][1] - source["range"][0]
    replicates, null = (label[part] - source[part] for part in ("replicates", "null"))
    row |= estimate(metric, value, replicates, null, within=within)
    if "repeats" in label:
        row = averaged(row, np.subtract(label["repeats"], source["repeats"]), label["spread_over"])
    return row | {"status": DONE, "reason": ""}
