"""Signatures of a run: judged under true labels, by the thresholds of the study."""

import pandas as pd
import pytest
from tests.made_up.small import GRID, small_results, summary_of
from tests.made_up.small_overlap import between, overlap_of
from tests.made_up.small_scores import row, scores_of
from tests.made_up.small_separability import geometry

from ecglens.lenses.separability.summary import Separability
from ecglens.lenses.signatures.rules import RULES
from ecglens.lenses.signatures.summary import Signatures, read_signatures
from ecglens.report.gaps import Grid

FITS = RULES[-1].name
THREE = Grid(("a", "b", "c"), GRID.encoders, GRID.tasks, ("S",), ("conv",))


def states(shuffled: float = 0.1, **thresholds: float) -> dict[str, str]:
    """State of the last rule by encoder: conv gains 0.2, and its overlap is 0.2 of the way to its ceiling."""
    scores = scores_of(row("against shuffled labels", "conv", "a", value=0.2), grid=THREE)
    rows = between(0.3, corrected=0.2) + between(0.3, labels="shuffled", corrected=shuffled)
    separability = Separability(geometry(), pd.DataFrame())
    results = small_results({"thresholds": thresholds})
    found = read_signatures(summary_of(scores, overlap_of(rows), separability, grid=THREE, results=results))
    assert isinstance(found, Signatures)
    assert len(found.every) == len(RULES) * 2
    return {each.encoder: each.state for each in found.every if each.rule == FITS}


def test_signatures_are_judged_under_true_labels() -> None:
    assert states() == states(shuffled=0.9) == {"conv": "found", "features": "cannot be judged"}


@pytest.mark.parametrize("thresholds", [{"gain_high": 0.21}, {"overlap_low": 0.2}])
def test_thresholds_are_those_of_the_study(thresholds) -> None:
    assert states(**thresholds)["conv"] == "not found"
