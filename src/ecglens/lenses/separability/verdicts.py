"""Verdicts on separability: do neighbours follow the label, the source, both or neither?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pandas as pd

from ecglens.geometry.verdict import Limits, judge_separability
from ecglens.lenses.separability.summary import EQUAL, leading_measured
from ecglens.lenses.thresholds import Thresholds
from ecglens.report.frames import where
from ecglens.report.gaps import Grid


@dataclass(frozen=True)
class Alignment:
    """Verdict for one encoder and task, with its numbers.

    Parameters
    ----------
    encoder, task
        Encoder and task of the verdict.
    words
        As in `ecglens.geometry.verdict.judge_separability`.
    sentence
        Numbers of the verdict, and the number of records.
    """

    encoder: str
    task: str
    words: str
    sentence: str


def judge_alignment(separability: pd.DataFrame, grid: Grid, thresholds: Thresholds) -> tuple[Alignment, ...]:
    """Judge every encoder and task.

    Parameters
    ----------
    separability
        Table of separability.
    grid
        Grid of the study.
    thresholds
        Thresholds of the study.
    """
    limits = Limits(thresholds.label_low, thresholds.label_high, thresholds.source_low, thresholds.source_high)
    found = []
    for task, encoder in product(grid.tasks, grid.encoders):
        own = where(separability, task=task, encoder=encoder)
        lead = where(own, level="label", metric="knn_rescaled", counts=EQUAL)
        n = int(lead["n"].max()) if lead["n"].notna().any() else 0
        verdict = judge_separability(leading_measured(own, "label"), leading_measured(own, "source"), n, limits)
        found.append(Alignment(encoder, task, verdict.words, verdict.sentence))
    return tuple(found)
