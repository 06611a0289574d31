"""What a probe is: a classifier with fixed settings, made anew for every fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray


class Estimator(Protocol):
    """A classifier as scikit-learn has them."""

    def fit(self, X: NDArray[Any], y: NDArray[Any]) -> Any:
        """Learn from features ``[n, d]`` and labels ``[n]``."""
        ...

    def predict_proba(self, X: NDArray[Any]) -> NDArray[Any]:
        """Probability of each class, ``[n, classes]``."""
        ...


@dataclass(frozen=True)
class Probe:
    """A classifier on frozen embeddings.

    Parameters
    ----------
    name, title
        For configurations, and for people.
    build
        Class or function that makes an unfitted estimator; takes `settings` and ``random_state``.
    settings
        Fixed for every encoder, data set and size; they go into the provenance of a result.

    Examples
    --------
    >>> from sklearn.naive_bayes import BernoulliNB
    >>> Probe("bayes", "Naive Bayes", lambda alpha, random_state: BernoulliNB(alpha=alpha), {"alpha": 0.5}).make(seed=0)
    BernoulliNB(alpha=0.5)
    """

    name: str
    title: str
    build: Callable[..., Estimator]
    settings: Mapping[str, Any]

    def make(self, seed: int) -> Estimator:
        """Make an unfitted estimator."""
        return self.build(**self.settings, random_state=seed)
