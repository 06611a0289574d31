"""Values at which verdicts and signatures begin, each with its reason; a study may set its own."""

from __future__ import annotations

from pydantic import Field

from ecglens.study.field_types import Number
from ecglens.study.fields import Strict


class Thresholds(Strict):
    """Thresholds of the signatures: conventions, not tests.

    The reason of each is its description; distances are those of `ecglens reference-scale`, between the means of groups
    in standard deviations of the noise.
    """

    label_high: Number = Field(
        0.40, description="Rescaled label kNN of groups about 2.5 standard deviations apart: most neighbours agree."
    )
    label_low: Number = Field(
        0.10, description="Rescaled label kNN of groups about 1.2 standard deviations apart: hardly more than chance."
    )
    dataset_high: Number = Field(
        0.40, description="Rescaled data set kNN of four groups 3 standard deviations apart: as much as of the label."
    )
    dataset_low: Number = Field(
        0.20,
        description="Of four groups 2.2 standard deviations apart: places differ in patients too, so some is fair.",
    )
    within_high: Number = Field(0.20, description="Twice what counts as absent.")
    across_low: Number = Field(0.10, description="As for the label: hardly more than chance.")
    gap: Number = Field(0.0, description="Intervals that do not overlap.")
    plane_high: Number = Field(
        0.25, description="k-means jumps from 0 to 1 where groups part: a quarter shows as groups in the picture."
    )
    gain_high: Number = Field(0.15, description="F1 above shuffled labels that passes for fair.")
    overlap_low: Number = Field(0.25, description="A quarter of the way from chance to what one data set repeats.")
    rope: Number = Field(0.01, ge=0, description="Differences in F1 up to this are practically equal.")
    difference: Number = Field(
        0.10, ge=0, description="A score is no better only if the study could have shown this difference in F1."
    )
