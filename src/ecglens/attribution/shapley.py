"""Moved to `ecglens.attribution.shap.explain`; this name goes with 0.3."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from ecglens.attribution.shap.explain import Explanation, explain

__all__ = ["explain_checked"]


class _Explanation(Explanation):
    @property
    def gap(self) -> float:
        """Former name of `additivity_error`."""
        return self.additivity_error


def explain_checked(model: Any, background: NDArray[Any], X: NDArray[Any]) -> _Explanation:
    """Call `ecglens.attribution.shap.explain.explain`."""
    found = explain(model, background, X)
    return _Explanation(found.values, found.base, found.additivity_error)
