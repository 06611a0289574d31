"""Descriptions of metrics: name, range, direction, caption and source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Metric:
    """Description of a number that ecglens reports.

    Parameters
    ----------
    name
        Value in the column ``metric`` of results, such as ``"ari"``.
    title
        Name in sentences and captions, such as ``"adjusted Rand index"``.
    symbol
        Short name for column headings, such as ``"ARI"``.
    low, high
        Range of the number.
    better
        Direction of better embeddings, or of more structure: ``"higher"``, ``"lower"``, or ``"neither"``.
    chance
        Value without structure, in words: ``"0"``, or ``"the share of the largest class"``.
    caption
        Interpretation in one sentence.
    source
        Reference of the definition: paper and equation.

    Examples
    --------
    >>> ari = Metric(
    ...     name="ari", title="adjusted Rand index", symbol="ARI", low=-0.5, high=1.0, better="higher", chance="0",
    ...     caption="Agreement of clusters and classes.", source="Hubert and Arabie (1985), eq. 5",
    ... )
    >>> ari.falls
    False
    """

    name: str
    title: str
    symbol: str
    low: float = 0.0
    high: float = 1.0
    better: Literal["higher", "lower", "neither"] = "higher"
    chance: str = ""
    caption: str = ""
    source: str = ""

    @property
    def falls(self) -> bool:
        """Whether more structure lowers the number."""
        return self.better == "lower"
