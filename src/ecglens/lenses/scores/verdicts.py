"""Verdicts on scores: is an encoder above chance, and above the best baseline?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecglens.lenses.scores.ranking import Ranking
from ecglens.report.frames import groups, rows, where
from ecglens.report.table import SHUFFLED_LABELS, number
from ecglens.stats import ALPHA

CHANCE, BASELINE = "above chance", "above the best baseline"
QUESTIONS: Mapping[str, str] = {
    CHANCE: "F1 against that of the same encoder on shuffled labels.",
    BASELINE: "F1 against the best of the encoders that were never trained: hand-made features, random weights, "
    "age and sex.",
}
"""Questions and their comparisons."""

ANSWERS = YES, LOWER, NO_BETTER, CANNOT_TELL = "yes", "lower", "no better", "cannot tell"
UNTESTED = "not tested: no score at the size of the comparison, or none on shuffled labels"
CERTAIN = 0.95
"""Posterior probability from which two scores are called practically equal."""


@dataclass(frozen=True)
class Verdict:
    """Verdict on one paired test of one encoder.

    Parameters
    ----------
    question
        `CHANCE` or `BASELINE`.
    encoder, task, dataset, size, other
        Comparison; `other` is a baseline or shuffled labels.
    answer
        `YES` (significantly higher), `LOWER` (significantly lower), `NO_BETTER` (not significant, although the study
        could have shown the difference that its thresholds name, which the interval rules out), or `CANNOT_TELL`.
    f1, other_f1, difference, low, high
        Means over folds, and their difference with its 95 % interval.
    p_holm
        p-value, adjusted for all tests of the same kind on the data set.
    detectable
        Smallest difference that the study detects with 80 % power; NaN if all folds differ by the same amount.
    equal
        Posterior probability that the scores are practically equal.
    n
        Number of tested records.
    """

    question: str
    encoder: str
    task: str
    dataset: str
    size: str
    other: str
    answer: str
    f1: float
    other_f1: float
    difference: float
    low: float
    high: float
    p_holm: float
    detectable: float
    equal: float
    n: int

    @property
    def power(self) -> str:
        """Detectable difference in words.

        Examples
        --------
        >>> facts = dict.fromkeys(Verdict.__dataclass_fields__, "") | {"n": 20, "detectable": 0.4}
        >>> Verdict(**facts).power
        'a difference of 0.40 is detectable with n = 20'
        """
        n = f"n = {number(self.n, 0)}"
        if np.isnan(self.detectable):
            return f"all folds of {n} differ by the same amount, so the power is unknown"
        if self.detectable > 1:
            return f"not even a difference of 1 is detectable with {n}"
        return f"a difference of {number(self.detectable)} is detectable with {n}"

    @property
    def numbers(self) -> str:
        """The numbers of the test."""
        of = "" if self.question == CHANCE else f" of {self.other}"
        equal = f", practically equal with probability {number(self.equal)}" if self.equal >= CERTAIN else ""
        return f"F1 {number(self.f1)} against {number(self.other_f1)}{of}, {self.power}{equal}"


@dataclass(frozen=True)
class Headline:
    """Verdicts on one question for an encoder and a task, as a sentence."""

    question: str
    encoder: str
    task: str
    text: str


def headlines(
    verdicts: Sequence[Verdict], shown: Callable[[str], str], asked: Iterable[tuple[str, str]] = ()
) -> list[Headline]:
    """Verdicts in sentences, the clear answers first.

    Parameters
    ----------
    verdicts
        From `judge_scores`.
    shown
        Function that returns the display name of a data set.
    asked
        Encoders and tasks of the study; those that were not tested against shuffled labels are named.
    """
    found: dict[tuple[str, str, str], dict[str, list[str]]] = {}
    for one in verdicts:
        answers = found.setdefault((one.question, one.encoder, one.task), {answer: [] for answer in ANSWERS})
        answers[one.answer].append(f"on {shown(one.dataset)}: {one.numbers}")
    tested = {(one.encoder, one.task) for one in verdicts if one.question == CHANCE}
    return [
        Headline(
            *place,
            "; ".join(f"{_said(place[0], answer)} {'; '.join(told)}" for answer, told in answers.items() if told),
        )
        for place, answers in found.items()
    ] + [Headline(CHANCE, *each, UNTESTED) for each in asked if each not in tested]


def _said(question: str, answer: str) -> str:
    target = question.removeprefix("above ")
    return {YES: question, LOWER: f"below {target}", NO_BETTER: f"no better than {target}"}.get(answer, answer)


def judge_scores(ranking: Ranking, baselines: Sequence[str], difference: float) -> tuple[Verdict, ...]:
    """Answer both questions for every tested encoder, task and data set.

    Parameters
    ----------
    ranking
        Paired comparisons of the study.
    baselines
        Encoders without trained parameters; they are not compared with each other.
    difference
        Difference in F1 that a study must be able to show before it may say "no better".
    """
    found: list[Verdict] = []
    for (task, dataset), scores in groups(ranking.scores, ["task", "dataset"]):
        f1 = scores.set_index("encoder")["value"]
        chance, pairs = (where(table, task=task, dataset=dataset) for table in (ranking.chance, ranking.pairs))
        found += [_verdict(CHANCE, row, row.encoder, SHUFFLED_LABELS, f1, difference) for row in rows(chance)]
        known = f1[f1.index.isin(baselines)]
        best = str(known.idxmax()) if len(known) else ""
        found += [
            _verdict(BASELINE, row, encoder, best, f1, difference)
            for row in rows(pairs)
            for encoder in (row.encoder, row.other)
            if encoder not in baselines and best in (row.encoder, row.other)
        ]
    order = [*ranking.order, *ranking.scores["encoder"]]
    return tuple(sorted(found, key=lambda one: (one.question, one.task, order.index(one.encoder), one.dataset)))


def _verdict(question: str, row: Any, encoder: str, other: str, f1: pd.Series[float], difference: float) -> Verdict:
    sign = 1 if row.encoder == encoder else -1
    value, low, high = sign * row.value, *sorted((sign * row.low, sign * row.high))
    answer = CANNOT_TELL
    if row.p_holm < ALPHA:
        answer = YES if value > 0 else LOWER
    elif row.detectable <= difference and high < difference:
        answer = NO_BETTER
    return Verdict(
        question, encoder, row.task, row.dataset, row.size, other, answer, f1[encoder], f1[encoder] - value,
        value, low, high, row.p_holm, row.detectable, row.equal, round(row.n_records),
    )  # fmt: skip
