"""What the neighbours of every encoder follow: the label, the source, both, neither, or that it cannot be told."""

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
    """One encoder and task in a few words, and the sentence with its numbers.

    Parameters
    ----------
    encoder, task
        What was judged.
    words
        As in `ecglens.geometry.verdict.judge_separability`.
    sentence
        The numbers, and the records behind them.
    """

    encoder: str
    task: str
    words: str
    sentence: str


def judge_alignment(separability: pd.DataFrame, grid: Grid, thresholds: Thresholds) -> tuple[Alignment, ...]:
    """A verdict for every encoder and task.

    Parameters
    ----------
    separability
        Table of the summary.
    grid
        What the study asks for.
    thresholds
        Those of the study.
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
