"""One verdict for every encoder and task, from equal counts and the limits of the study."""

import numpy as np
import pandas as pd
import pytest
from tests.made_up.small import GRID
from tests.made_up.small_separability import geometry, row

from ecglens.lenses.separability.verdicts import Alignment, judge_alignment
from ecglens.lenses.thresholds import Thresholds


def judged(label: float, source: float, thresholds: dict | None = None, n: float = 600) -> Alignment:
    """The verdict on conv; its interval is 0.02 to either side, and features has the opposite numbers."""
    rows = []
    for encoder, values in (("conv", (label, source)), ("features", (source, label))):
        for level, value in zip(("label", "source"), values, strict=True):
            ends = {"patient_low": value - 0.02, "patient_high": value + 0.02, "n": n}
            rows.append(row(encoder, level, "knn_rescaled", value, **ends))
            rows.append(row(encoder, level, "knn_rescaled", 0.99, counts="natural", n=9999))
            rows.append(row(encoder, level, "ari", 0.99, n=9999))
    first, second = judge_alignment(geometry(*rows), GRID, Thresholds.model_validate(thresholds or {}))
    assert (first.encoder, second.encoder, first.task) == ("conv", "features", "af")
    return first


@pytest.mark.parametrize(
    ("label", "source", "words"),
    [
        (0.40, 0.19, "follows the label"),
        (0.39, 0.19, "weakly follows the label"),
        (0.40, 0.20, "mostly follows the label"),
        (0.40, 0.40, "follows label and source"),
        (0.10, 0.39, "mixed: weakly follows both"),
        (0.09, 0.40, "follows the source"),
        (0.10, 0.40, "mostly follows the source"),
        (0.02, 0.02, "follows neither"),
    ],
)
def test_limits_begin_where_they_say(label, source, words) -> None:
    assert judged(label, source).words == words


@pytest.mark.parametrize(
    ("thresholds", "words"),
    [
        ({"label_high": 0.51}, "weakly follows the label"),
        ({"label_high": 0.6, "label_low": 0.51}, "follows neither strongly"),
        ({"source_low": 0.05}, "mostly follows the label"),
        ({"source_low": 0.02, "source_high": 0.05}, "follows label and source"),
    ],
)
def test_limits_are_those_of_the_study(thresholds, words) -> None:
    assert judged(0.5, 0.06, thresholds).words == words


def test_the_sentence_carries_the_numbers_and_the_records() -> None:
    sentence = judged(0.5, 0.06).sentence
    assert (
        "label kNN 0.50 [0.48, 0.52], source kNN 0.06 [0.04, 0.08]; detectable with n = 600: a label kNN of" in sentence
    )


def test_what_was_not_measured_is_not_judged() -> None:
    assert judged(np.nan, 0.06, n=np.nan).words == "not measured"
    found = judge_alignment(pd.DataFrame(columns=geometry().columns), GRID, Thresholds())
    assert [each.words for each in found] == ["not measured"] * 2
