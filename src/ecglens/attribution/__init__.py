"""Attribution: which embedding features a probe relies on, and whether two data sets agree on them."""

from ecglens.attribution.overlap import Overlap, overlap, top_k
from ecglens.attribution.shapley import explain, mean_absolute_shap

__all__ = ["Overlap", "explain", "mean_absolute_shap", "overlap", "top_k"]
