"""Rules of signatures, and their application."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from ecglens.lenses.separability.summary import leading_measured
from ecglens.lenses.thresholds import Thresholds
from ecglens.report.frames import where
from ecglens.report.gaps import Grid

FOUND, NOT_FOUND, UNKNOWN = "found", "not found", "cannot be judged"

SIGNS: Mapping[str, Callable[[float, float], bool]] = {"<": operator.lt, "≥": operator.ge}

FACTS: Mapping[str, str] = {
    "label_knn": "rescaled label kNN",
    "label_knn_upper": "upper end of its interval",
    "plane_ari": "label-level ARI in the UMAP plane",
    "label_within": "rescaled label kNN within data sets",
    "label_across": "rescaled label kNN across data sets",
    "within_gap": "gap between the intervals within and across data sets",
    "overlap_corrected": "corrected feature overlap",
    "f1_gain": "F1 above shuffled labels",
}
"""Numbers that rules read, per encoder and task.

kNN is computed at equal class and data set counts; F1 is that of the paired tests.
"""


@dataclass(frozen=True)
class Rule:
    """A named pattern.

    Parameters
    ----------
    name
        Name of the signature.
    conditions
        Triples of a fact of `FACTS`, a sign and a field of `ecglens.lenses.thresholds.Thresholds`; all must hold.
    why
        Interpretation of the pattern.
    sentence
        Template of the finding, filled with the facts.
    """

    name: str
    conditions: tuple[tuple[str, str, str], ...]
    why: str
    sentence: str

    @property
    def needs(self) -> frozenset[str]:
        """Facts that the rule reads."""
        return frozenset(fact for fact, _, _ in self.conditions)

    def describe(self, thresholds: Thresholds) -> str:
        """The conditions in words."""
        return " and ".join(
            f"{FACTS[fact]} {sign} {getattr(thresholds, limit):g}" for fact, sign, limit in self.conditions
        )


RULES = (
    Rule(
        "UMAP overstates separation",
        (("plane_ari", "≥", "plane_high"), ("label_knn", "<", "label_low"), ("label_knn_upper", "<", "label_high")),
        "Classes look separated in UMAP, but neighbours in the embedding do not share the label. Rely on the numbers.",
        "clusters in the UMAP plane follow the label (ARI {plane_ari:z.2f}), neighbours in the embedding do not "
        "(rescaled kNN {label_knn:z.2f})",
    ),
    Rule(
        "label structure stays within sources",
        (("label_within", "≥", "within_high"), ("label_across", "<", "across_low"), ("within_gap", "≥", "gap")),
        "Neighbours share the diagnosis only within the same data set (0 is chance, 1 is perfect).",
        "rescaled label kNN is {label_within:z.2f} within data sets, but {label_across:z.2f} across them; their "
        "intervals lie {within_gap:z.2f} apart",
    ),
    Rule(
        "relies on source-specific features",
        (("f1_gain", "≥", "gain_high"), ("overlap_corrected", "<", "overlap_low")),
        "A fair score that depends on other features in every data set will hardly transfer (0 is chance, 1 is the "
        "overlap of two halves of one data set).",
        "F1 beats shuffled labels by {f1_gain:z.2f}, but feature overlap, corrected for chance and ceiling, is "
        "{overlap_corrected:z.2f}",
    ),
)


@dataclass(frozen=True)
class Signature:
    """Result of a rule for an encoder and a task.

    Parameters
    ----------
    encoder, task, rule
        Encoder, task and name of the rule.
    state
        ``"found"``, ``"not found"`` or ``"cannot be judged"``.
    sentence
        Finding with its numbers, or the missing facts; empty if the pattern was not found.
    """

    encoder: str
    task: str
    rule: str
    state: str
    sentence: str


def find_signatures(
    chance: pd.DataFrame, overlap: pd.DataFrame, separability: pd.DataFrame, grid: Grid, thresholds: Thresholds
) -> tuple[Signature, ...]:
    """Apply every rule to every encoder and task.

    Parameters
    ----------
    chance, overlap, separability
        Tables of the summary; `chance` is that of the ranking.
    grid
        Grid of the study.
    thresholds
        Thresholds of the study.
    """
    found = []
    for task, encoder in product(grid.tasks, grid.encoders):
        facts = {"f1_gain": float(where(chance, task=task, encoder=encoder)["value"].mean())}
        facts |= _alignment_facts(*(where(table, task=task, encoder=encoder) for table in (overlap, separability)))
        found += [judge(rule, encoder, task, facts, thresholds) for rule in RULES]
    return tuple(found)


def judge(rule: Rule, encoder: str, task: str, facts: Mapping[str, float], thresholds: Thresholds) -> Signature:
    """Apply one rule.

    Examples
    --------
    >>> facts = {"f1_gain": 0.3, "overlap_corrected": float("nan")}
    >>> judge(RULES[-1], "conv", "af", facts, Thresholds()).sentence
    'not known: corrected feature overlap'
    >>> judge(RULES[-1], "conv", "af", facts | {"overlap_corrected": 0.4}, Thresholds()).state
    'not found'
    """
    unknown = [FACTS[fact] for fact, _, _ in rule.conditions if np.isnan(facts[fact])]
    if unknown:
        return Signature(encoder, task, rule.name, UNKNOWN, f"not known: {', '.join(unknown)}")
    if all(SIGNS[sign](facts[fact], getattr(thresholds, limit)) for fact, sign, limit in rule.conditions):
        return Signature(encoder, task, rule.name, FOUND, rule.sentence.format_map(facts))
    return Signature(encoder, task, rule.name, NOT_FOUND, "")


def _alignment_facts(overlap: pd.DataFrame, separability: pd.DataFrame) -> dict[str, float]:
    return geometry_facts(separability) | {"overlap_corrected": float(overlap["corrected"].mean())}


def geometry_facts(separability: pd.DataFrame) -> dict[str, float]:
    """Facts from rows of `ecglens.geometry.measure_geometry` for one encoder and task; NaN if they are missing."""
    label, within, across = (
        leading_measured(separability, level) for level in ("label", "label-within-source", "label-across-sources")
    )
    plane = where(separability, level="label", metric="ari", space="umap")["value"]
    return {
        "label_knn": label.value,
        "label_knn_upper": label.high,
        "label_within": within.value,
        "label_across": across.value,
        "within_gap": within.low - across.high,
        "plane_ari": float(plane.mean()),
    }
