"""Where the report's signatures begin, each with its reason; a study may set its own."""

from __future__ import annotations

from pydantic import Field

from ecglens.study.fields import Strict


class Thresholds(Strict):
    """Thresholds of the signatures: conventions, not tests.

    The reason of each is its description; distances are those of `ecglens reference-scale`, between the means of groups
    in standard deviations of the noise.
    """

    label_high: float = Field(
        0.40,
        strict=True,
        description="Rescaled label kNN of groups about 2.5 standard deviations apart: most neighbours agree.",
    )
    label_low: float = Field(
        0.10,
        strict=True,
        description="Rescaled label kNN of groups about 1.2 standard deviations apart: hardly more than chance.",
    )
    dataset_high: float = Field(
        0.40,
        strict=True,
        description="Rescaled data set kNN of four groups 3 standard deviations apart: as much as of the label.",
    )
    dataset_low: float = Field(
        0.20,
        strict=True,
        description="Of four groups 2.2 standard deviations apart: places differ in patients too, so some is fair.",
    )
    within_high: float = Field(0.20, strict=True, description="Twice what counts as absent.")
    across_low: float = Field(0.10, strict=True, description="As for the label: hardly more than chance.")
    plane_high: float = Field(
        0.25,
        strict=True,
        description="k-means jumps from 0 to 1 where groups part: a quarter shows as groups in the picture.",
    )
    gain_high: float = Field(0.15, strict=True, description="F1 above shuffled labels that passes for fair.")
    overlap_low: float = Field(
        0.25, strict=True, description="A quarter of the way from chance to what one data set repeats."
    )
    margin_low: float = Field(0.01, strict=True, description="A difference in F1 that nobody would act on.")
    at_chance: float = Field(1.0, strict=True, description="One data set without signal is enough to say so.")
