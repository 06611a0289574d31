"""One summary: does the geometry follow the label more than the data set?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Alignment:
    """Label level minus data set level, of numbers on one scale where 0 is chance and 1 is perfect.

    Parameters
    ----------
    label, dataset
        Rescaled kNN purity, or ARI, at the two levels. An index without them says little: 0.5 - 0.5 is
        as much as 0 - 0.

    Examples
    --------
    >>> Alignment(label=0.25, dataset=0.75).index
    -0.5
    """

    label: float
    dataset: float

    @property
    def index(self) -> float:
        """From about -1, all recorder, to 1, all diagnosis."""
        return self.label - self.dataset
