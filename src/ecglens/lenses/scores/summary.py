"""Scores of a run as plain data."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ecglens.lenses.scores.means import f1_table, score_table
from ecglens.lenses.scores.ranking import Ranking, rank_encoders
from ecglens.lenses.scores.verdicts import Verdict, judge_scores
from ecglens.lenses.thresholds import Thresholds
from ecglens.report.summary import Summary


@dataclass(frozen=True)
class Scores:
    """Scores of probes on embeddings.

    Parameters
    ----------
    scores
        Every metric of every probe, see `ecglens.lenses.scores.means.score_table`.
    f1
        F1 of every cell, see `ecglens.lenses.scores.means.f1_table`.
    ranking
        Average ranks and paired comparisons of encoders.
    verdicts
        Every encoder against chance and against the best baseline, on every data set and task.
    """

    scores: pd.DataFrame
    f1: pd.DataFrame
    ranking: Ranking
    verdicts: tuple[Verdict, ...]


def read_scores(summary: Summary) -> Scores:
    """Read the scores of a run, finished or not."""
    scores = score_table(summary.results.probe)
    ranking = rank_encoders(summary.results.comparison, summary.grid)
    difference = summary.settings("thresholds", Thresholds).difference
    return Scores(
        scores,
        f1_table(summary.results, scores, summary.grid),
        ranking,
        judge_scores(ranking, summary.baselines, difference),
    )


def encoder_order(summary: Summary) -> tuple[str, ...]:
    """Encoders by average rank, the best first."""
    return summary.of(Scores).ranking.order
