"""Metrics of out-of-fold probabilities and their descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from types import MappingProxyType

from ecglens.metric import Metric
from ecglens.probes.calibration import CLIP

_RIJSBERGEN = "van Rijsbergen (1979), Information retrieval, chapter 7"

_METRICS = (
    Metric(
        name="f1",
        title="F1 score",
        symbol="F1",
        chance="twice the prevalence over one plus the prevalence, if every record is called positive",
        caption="Harmonic mean of precision and recall at a threshold of 0.5.",
        source=_RIJSBERGEN,
    ),
    Metric(
        name="auroc",
        title="area under the ROC curve",
        symbol="AUROC",
        chance="0.5",
        caption="Probability that a positive record ranks above a negative one.",
        source="Hanley and McNeil (1982), Radiology 143:29-36",
    ),
    Metric(
        name="auprc",
        title="average precision",
        symbol="AUPRC",
        chance="the prevalence",
        caption="Mean precision over the ranks at which recall rises.",
        source="Davis and Goadrich (2006), ICML",
    ),
    Metric(
        name="balanced_accuracy",
        title="balanced accuracy",
        symbol="balanced accuracy",
        chance="0.5",
        caption="Mean of recall and specificity at a threshold of 0.5.",
        source="Brodersen et al. (2010), ICPR",
    ),
    Metric(
        name="mcc",
        title="Matthews correlation coefficient",
        symbol="MCC",
        low=-1.0,
        chance="0",
        caption="Correlation of labels and predictions at a threshold of 0.5.",
        source="Matthews (1975), Biochimica et Biophysica Acta 405:442-451",
    ),
    Metric(
        name="brier",
        title="Brier score",
        symbol="Brier score",
        better="lower",
        chance="the variance of the label, if every record has the prevalence as its probability",
        caption="Mean squared difference of probability and label.",
        source="Brier (1950), Monthly Weather Review 78:1-3",
    ),
    Metric(
        name="precision",
        title="precision",
        symbol="precision",
        chance="the prevalence",
        caption="Share of positives among the records called positive.",
        source=_RIJSBERGEN,
    ),
    Metric(
        name="recall",
        title="recall",
        symbol="recall",
        chance="the share of records called positive",
        caption="Share of the positives that are called positive.",
        source=_RIJSBERGEN,
    ),
    Metric(
        name="f1_tuned",
        title="F1 score at the tuned threshold",
        symbol="F1, tuned threshold",
        chance="twice the prevalence over one plus the prevalence, if every record is called positive",
        caption="F1 at the threshold that is best on the other folds.",
        source=_RIJSBERGEN,
    ),
    Metric(
        name="threshold_tuned",
        title="tuned threshold",
        symbol="tuned threshold",
        better="neither",
        # A record of probability 0 is called positive only above a threshold below 0.
        low=-CLIP,
        caption="Threshold with the highest F1 on the other folds.",
    ),
    Metric(
        name="calibration_slope",
        title="calibration slope",
        symbol="calibration slope",
        better="neither",
        low=-inf,
        high=inf,
        chance="0",
        caption="Slope of the label on the predicted log-odds: 1 is calibrated, below 1 is overconfident.",
        source="Cox (1958), Biometrika 45:562-565",
    ),
    Metric(
        name="ece",
        title="expected calibration error",
        symbol="calibration error",
        better="lower",
        caption="Mean difference of predicted and observed frequency, over 10 bins of equal width.",
        source="Naeini, Cooper and Hauskrecht (2015), AAAI",
    ),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _METRICS})
"""Every metric of `ecglens.probes.fold_metrics`, by name, in the order of tables."""
