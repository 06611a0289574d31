"""Failure signatures: patterns in the numbers that have a name."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from ecglens.report.frames import groups, where
from ecglens.report.gaps import Grid
from ecglens.report.ranking import is_above
from ecglens.study.samples import SHUFFLED, TRUE

FOUND, NOT_FOUND, UNKNOWN = "found", "not found", "cannot be judged"

SIGNS: Mapping[str, Callable[[float, float], bool]] = {"<": operator.lt, "≥": operator.ge}

FACTS: Mapping[str, str] = {
    "label_ari": "label-level ARI",
    "dataset_ari": "data set-level ARI",
    "label_within": "rescaled label kNN within data sets",
    "label_across": "rescaled label kNN across data sets",
    "overlap_corrected": "feature overlap between chance and its ceiling",
    "f1_gain": "F1 above shuffled labels",
    "n_at_chance": "data sets not above shuffled labels by the paired test",
    "baseline_margin": "F1 above the best baseline",
}
"""What rules judge, per encoder and task. Numbers of a data set are those of the largest size it fills."""


@dataclass(frozen=True)
class Rule:
    """A pattern.

    Parameters
    ----------
    name
        The signature.
    conditions
        Fact of `FACTS`, sign, threshold; all have to hold. Thresholds are conventions of this report, not tests.
    why
        What makes it a failure.
    sentence
        What is said where it is found, filled with the facts.
    """

    name: str
    conditions: tuple[tuple[str, str, float], ...]
    why: str
    sentence: str

    def __str__(self) -> str:
        """The conditions in words."""
        return " and ".join(f"{FACTS[fact]} {sign} {threshold:g}" for fact, sign, threshold in self.conditions)


RULES = (
    Rule(
        "no better than chance",
        (("n_at_chance", "≥", 1.0),),
        "A probe that does not beat its own score on shuffled labels has found nothing that carries the diagnosis.",
        "on {n_at_chance:.0f} of {n_compared:.0f} data sets F1 is not above that on shuffled labels (corrected paired "
        "t-test, Holm, 5 %), {f1:.2f} against {f1_shuffled:.2f} in the mean",
    ),
    Rule(
        "no better than a baseline",
        (("baseline_margin", "<", 0.01),),
        "An encoder that was never trained, hand-made features or age and sex do as well.",
        "mean F1 differs by {baseline_margin:+z.2f} from that of the best baseline",
    ),
    Rule(
        "encodes acquisition, not diagnosis",
        (("dataset_ari", "≥", 0.25), ("label_ari", "<", 0.10)),
        "Clusters follow where a recording was made and not what it shows (ARI: 0 is chance, 1 is identity).",
        "clusters follow the data set (ARI {dataset_ari:z.2f}) and not the label (ARI {label_ari:z.2f})",
    ),
    Rule(
        "diagnosis stays within a recorder",
        (("label_within", "≥", 0.20), ("label_across", "<", 0.10)),
        "Neighbours share the diagnosis only as long as they come from the same data set (0 is chance, 1 is perfect).",
        "rescaled label kNN is {label_within:z.2f} within data sets, but {label_across:z.2f} across them",
    ),
    Rule(
        "fits its training source",
        (("f1_gain", "≥", 0.15), ("overlap_corrected", "<", 0.25)),
        "A fair score that rests on other features in every data set will not carry over (0 is chance, 1 is what two "
        "halves of one data set share).",
        "F1 beats shuffled labels by {f1_gain:z.2f}, but feature overlap, corrected for chance and ceiling, is "
        "{overlap_corrected:z.2f}",
    ),
)


@dataclass(frozen=True)
class Signature:
    """A rule applied to an encoder and a task.

    Parameters
    ----------
    encoder, task, rule
        What was judged; `rule` is its name.
    state
        ``"found"``, ``"not found"`` or ``"cannot be judged"``.
    sentence
        The finding with its numbers, or what is missing; empty where nothing was found.
    """

    encoder: str
    task: str
    rule: str
    state: str
    sentence: str


def find_signatures(
    f1: pd.DataFrame,
    chance: pd.DataFrame,
    overlap: pd.DataFrame,
    separability: pd.DataFrame,
    grid: Grid,
    baselines: Sequence[str],
) -> tuple[Signature, ...]:
    """Apply every rule to every encoder and task.

    Parameters
    ----------
    f1, chance, overlap, separability
        Tables of the summary; `chance` is that of the ranking.
    grid
        What the study asks for.
    baselines
        Encoders without trained parameters; they are not compared with each other.
    """
    found = []
    for task, encoder in product(grid.tasks, grid.encoders):
        facts = _score_facts(where(f1, task=task), encoder, baselines)
        facts |= _chance_facts(where(chance, task=task, encoder=encoder))
        facts |= _alignment_facts(*(where(table, task=task, encoder=encoder) for table in (overlap, separability)))
        found += [judge(rule, encoder, task, facts) for rule in RULES]
    return tuple(found)


def judge(rule: Rule, encoder: str, task: str, facts: Mapping[str, float]) -> Signature:
    """Apply one rule.

    Examples
    --------
    >>> judge(RULES[2], "conv", "af", {"dataset_ari": 0.71, "label_ari": 0.02}).sentence
    'conv, af: clusters follow the data set (ARI 0.71) and not the label (ARI 0.02).'
    >>> judge(RULES[2], "conv", "af", {"dataset_ari": 0.71, "label_ari": float("nan")}).sentence
    'not known: label-level ARI'
    """
    unknown = [FACTS[fact] for fact, _, _ in rule.conditions if np.isnan(facts[fact])]
    if unknown:
        return Signature(encoder, task, rule.name, UNKNOWN, f"not known: {', '.join(unknown)}")
    if all(SIGNS[sign](facts[fact], threshold) for fact, sign, threshold in rule.conditions):
        sentence = f"{encoder}, {task}: {rule.sentence.format_map(facts)}."
        return Signature(encoder, task, rule.name, FOUND, sentence)
    return Signature(encoder, task, rule.name, NOT_FOUND, "")


def _score_facts(f1: pd.DataFrame, encoder: str, baselines: Sequence[str]) -> dict[str, float]:
    filled = f1[f1["mean"].notna()]
    largest = filled.groupby(["encoder", "labels", "dataset"]).tail(1)
    scores = {key: part.set_index("dataset")["mean"] for key, part in groups(largest, ["encoder", "labels"])}
    nothing = pd.Series(dtype=float)
    own, chance = scores.get((encoder, TRUE), nothing), scores.get((encoder, SHUFFLED), nothing)
    others = [scores[name, TRUE] for name in baselines if (name, TRUE) in scores and encoder not in baselines]
    margins = [float((own - other).mean()) for other in others]
    return {
        "f1": float(own.mean()),
        "f1_shuffled": float(chance.mean()),
        "f1_gain": float((own - chance).mean()),
        "baseline_margin": min(margins, default=float("nan")),
    }


def _chance_facts(chance: pd.DataFrame) -> dict[str, float]:
    at_chance = float((~is_above(chance)).sum()) if len(chance) else float("nan")
    return {"n_at_chance": at_chance, "n_compared": float(len(chance))}


def _alignment_facts(overlap: pd.DataFrame, separability: pd.DataFrame) -> dict[str, float]:
    means = separability.groupby(["level", "metric"])["mean"].mean().to_dict()
    nan = float("nan")
    return {
        "label_ari": means.get(("label", "ari"), nan),
        "dataset_ari": means.get(("dataset", "ari"), nan),
        "label_within": means.get(("label-within-dataset", "knn_rescaled"), nan),
        "label_across": means.get(("label-across-datasets", "knn_rescaled"), nan),
        "overlap_corrected": float(overlap["corrected"].mean()),
    }
