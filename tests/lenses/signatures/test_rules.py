"""Every rule at its thresholds and just beyond, and the facts that it judges."""

import numpy as np
import pandas as pd
import pytest
from tests.made_up.small import GRID

from ecglens.lenses.signatures.rules import FACTS, RULES, Rule, find_signatures, geometry_facts, judge
from ecglens.lenses.thresholds import Thresholds

PICTURE, WITHIN, FITS = RULES
HELD = {
    PICTURE.name: {"plane_ari": 0.25, "label_knn": 0.099, "label_knn_upper": 0.399},
    WITHIN.name: {"label_within": 0.2, "label_across": 0.099, "within_gap": 0.0},
    FITS.name: {"f1_gain": 0.15, "overlap_corrected": 0.249},
}
"""Every fact of a rule on the side of its default threshold where the rule holds, as close as can be."""
BEYOND = {
    "plane_ari": 0.249, "label_knn": 0.1, "label_knn_upper": 0.4, "label_within": 0.199, "label_across": 0.1,
    "within_gap": -0.001, "f1_gain": 0.149, "overlap_corrected": 0.25,
}  # fmt: skip
ALL = [(rule, fact) for rule in RULES for fact in HELD[rule.name]]


def state(rule: Rule, facts: dict[str, float], thresholds: Thresholds | None = None) -> str:
    return judge(rule, "e", "t", dict.fromkeys(FACTS, np.nan) | facts, thresholds or Thresholds()).state


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_holds_at_its_thresholds(rule) -> None:
    assert state(rule, HELD[rule.name]) == "found"
    assert rule.needs == set(HELD[rule.name])


@pytest.mark.parametrize(("rule", "fact"), ALL, ids=lambda each: getattr(each, "name", each))
def test_one_fact_beyond_its_threshold_is_enough(rule, fact) -> None:
    assert state(rule, HELD[rule.name] | {fact: BEYOND[fact]}) == "not found"


@pytest.mark.parametrize(("rule", "fact"), ALL, ids=lambda each: getattr(each, "name", each))
def test_a_fact_that_is_not_known_leaves_a_rule_unjudged(rule, fact) -> None:
    facts = {name: BEYOND[name] for name in HELD[rule.name]} | {fact: np.nan}
    found = judge(rule, "e", "t", facts, Thresholds())
    assert (found.state, found.sentence) == ("cannot be judged", f"not known: {FACTS[fact]}")


def test_thresholds_are_those_of_the_study() -> None:
    strict = Thresholds.model_validate({"gain_high": 0.2})
    assert state(FITS, HELD[FITS.name], strict) == "not found"
    assert state(FITS, HELD[FITS.name] | {"f1_gain": 0.2}, strict) == "found"
    assert FITS.describe(strict) == ("F1 above shuffled labels ≥ 0.2 and corrected feature overlap < 0.25")


def test_the_sentence_carries_the_numbers() -> None:
    found = judge(FITS, "conv", "af", {"f1_gain": 0.314, "overlap_corrected": -0.001}, Thresholds())
    assert "F1 beats shuffled labels by 0.31" in found.sentence
    assert found.sentence.endswith("is 0.00")
    assert (found.encoder, found.task, found.rule) == ("conv", "af", FITS.name)


def test_a_gap_that_the_intervals_do_not_show_is_not_found() -> None:
    """On 12 records, 0.45 within and -0.25 across data sets say nothing."""
    facts = {"label_within": 0.45, "label_across": -0.25}
    assert state(WITHIN, facts | {"within_gap": -0.4}) == "not found"
    assert state(WITHIN, facts | {"within_gap": 0.1}) == "found"


def knn(level: str, value: float, **facts) -> dict:
    place = {"level": level, "stratum": "all", "counts": "equal", "metric": "knn_rescaled", "space": "embedding"}
    return place | {"value": value, "patient_low": value - 0.1, "patient_high": value + 0.2} | facts


ROWS = [
    knn("label", 0.3),
    knn("label", 0.9, counts="natural"),
    knn("label-within-source", 0.5, stratum="a"),
    knn("label-within-source", 0.7, stratum="b"),
    knn("label-across-sources", 0.05),
    knn("source", 0.8),
    knn("label", 0.35, metric="ari", space="umap", counts="natural"),
    knn("label", 0.1, metric="ari", counts="natural"),
    knn("source", 0.6, metric="ari", space="umap", counts="natural"),
]


def test_facts_are_of_equal_counts_and_the_gap_is_between_facing_ends() -> None:
    assert geometry_facts(pd.DataFrame(ROWS)) == pytest.approx(
        {
            "label_knn": 0.3,
            "label_knn_upper": 0.5,
            "label_within": 0.6,
            "label_across": 0.05,
            "within_gap": (0.6 - 0.1) - (0.05 + 0.2),
            "plane_ari": 0.35,
        }
    )


def test_facts_that_were_not_measured_are_not_known() -> None:
    found = geometry_facts(pd.DataFrame(ROWS[-1:]))
    assert set(found) == set(FACTS) - {"overlap_corrected", "f1_gain"}
    assert np.isnan(list(found.values())).all()


def test_every_encoder_and_task_is_judged_by_its_own_numbers() -> None:
    """Means over data sets; those of another encoder would change the answer."""
    place = {"task": "af"}
    chance = pd.DataFrame(
        [place | {"encoder": e, "value": v} for e, v in (("conv", 0.1), ("conv", 0.3), ("features", 0.0))]
    )
    overlap = pd.DataFrame(
        [place | {"encoder": e, "corrected": v} for e, v in (("conv", 0.1), ("conv", 0.3), ("features", 0.9))]
    )
    separability = pd.DataFrame(
        [place | row | {"encoder": "conv"} for row in ROWS] + [place | knn("label", 0.9) | {"encoder": "features"}]
    )
    found = find_signatures(chance, overlap, separability, GRID, Thresholds())
    states = {(each.encoder, each.rule): each.state for each in found}
    assert len(found) == len(states) == 2 * 3
    assert states["conv", FITS.name] == "found"
    assert states["features", FITS.name] == "not found"
    assert states["conv", WITHIN.name] == "found"
    assert states["features", WITHIN.name] == "cannot be judged"
