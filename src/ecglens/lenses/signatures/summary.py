"""Signatures of a run as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from ecglens.lenses.overlap.summary import Portability
from ecglens.lenses.scores.summary import Scores
from ecglens.lenses.separability.summary import Separability
from ecglens.lenses.signatures.rules import Signature, find_signatures
from ecglens.lenses.thresholds import Thresholds
from ecglens.report.frames import where
from ecglens.report.summary import Summary
from ecglens.study.draws import TRUE


@dataclass(frozen=True)
class Signatures:
    """Results of all rules for every encoder and task."""

    every: tuple[Signature, ...]


def read_signatures(summary: Summary) -> Signatures:
    """Apply every rule to the numbers of the other lenses."""
    overlap = where(summary.of(Portability).overlap, labels=TRUE)
    chance, table = summary.of(Scores).ranking.chance, summary.of(Separability).table
    thresholds = summary.settings("thresholds", Thresholds)
    return Signatures(find_signatures(chance, overlap, table, summary.grid, thresholds))
