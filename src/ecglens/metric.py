"""What a metric is: a number that ecglens reports, with everything that is said about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A number that ecglens reports, with everything that is said about it.

    Parameters
    ----------
    name
        Its value in the column ``metric`` of results: ``"ari"``.
    title
        Its name in a sentence or a caption: ``"adjusted Rand index"``.
    symbol
        Its name where space is short, such as the heading of a column: ``"ARI"``.
    low, high
        Its range.
    better
        Whether more structure makes it ``"higher"`` or ``"lower"``.
    chance
        Its value without structure, in words: ``"0"``, or ``"the share of the largest class"``.
    caption
        How to read it, in one sentence.
    source
        Where it is defined: paper and equation.

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
    better: Literal["higher", "lower"] = "higher"
    chance: str = ""
    caption: str = ""
    source: str = ""

    @property
    def falls(self) -> bool:
        """Whether more structure makes the number smaller."""
        return self.better == "lower"
