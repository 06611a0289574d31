"""Thresholds of verdicts and signatures, each with its reason. A study can set its own."""

from __future__ import annotations

from pydantic import Field

from ecglens.study.field_types import Number
from ecglens.study.fields import Strict


class Thresholds(Strict):
    """Thresholds of verdicts and signatures: conventions, not tests.

    The description of each field is its reason. Distances are between group means, in standard deviations (SD) of the
    noise, on the synthetic reference scale (`ecglens reference-scale`).
    """

    label_high: Number = Field(
        0.40, description="Equals the rescaled label kNN of two classes about 2.5 SD apart: most neighbours agree."
    )
    label_low: Number = Field(
        0.10, description="Equals the rescaled label kNN of two classes about 1.2 SD apart: hardly above chance."
    )
    source_high: Number = Field(
        0.40, description="Equals the rescaled data set kNN of four sources 3 SD apart: as high as for the label."
    )
    source_low: Number = Field(
        0.20,
        description="Equals the rescaled data set kNN of four sources 2.2 SD apart: sources differ in patients, too.",
    )
    within_high: Number = Field(0.20, description="Twice `label_low`: clearly above chance inside one data set.")
    across_low: Number = Field(0.10, description="Equals `label_low`; hardly above chance.")
    gap: Number = Field(0.0, description="Gap between two intervals; 0 means that they do not overlap.")
    plane_high: Number = Field(
        0.25, description="ARI in the plane; from a quarter on, groups are visible in the figure."
    )
    gain_high: Number = Field(0.15, description="Gain in F1 over shuffled labels that counts as fair.")
    overlap_low: Number = Field(0.25, description="A quarter of the way from chance to the noise ceiling.")
    rope: Number = Field(0.01, ge=0, description="Differences in F1 up to this value count as practically equal.")
    difference: Number = Field(
        0.10,
        ge=0,
        description="Difference in F1 that a study must be able to detect before it calls a score no better.",
    )
