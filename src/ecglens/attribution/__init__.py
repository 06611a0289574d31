"""Attribution: importance of embedding features to a probe, and its overlap between data sets."""

from ecglens.attribution.compare import compare_importances
from ecglens.attribution.cutoffs import CutoffAgreement, curve_area, cutoff_agreement
from ecglens.attribution.feature_groups import correlated_groups, group_importance
from ecglens.attribution.importance import Importance, measure_importance
from ecglens.attribution.null import NullOverlap, null_overlap
from ecglens.attribution.overlap import Overlap, overlap, rank_biased_overlap, top_k
from ecglens.attribution.reliability import (
    Reliability,
    SharedHalves,
    corrected_overlap,
    levels_off,
    measure_ceiling,
    reliability,
    reliability_growth,
    share_of_halves,
)
from ecglens.attribution.shap.explain import (
    Explanation,
    explain,
    has_method,
)
from ecglens.attribution.shap.permutation import permutation_by_fold, permutation_shap

__all__ = [
    "CutoffAgreement",
    "Explanation",
    "Importance",
    "NullOverlap",
    "Overlap",
    "Reliability",
    "SharedHalves",
    "compare_importances",
    "corrected_overlap",
    "correlated_groups",
    "curve_area",
    "cutoff_agreement",
    "explain",
    "group_importance",
    "has_method",
    "levels_off",
    "measure_ceiling",
    "measure_importance",
    "null_overlap",
    "overlap",
    "permutation_by_fold",
    "permutation_shap",
    "rank_biased_overlap",
    "reliability",
    "reliability_growth",
    "share_of_halves",
    "top_k",
]
