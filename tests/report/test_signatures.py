from dataclasses import replace

import numpy as np
import pytest
from ecglens.report.signatures import FACTS, RULES, SIGNS, judge
from ecglens.study.thresholds import Thresholds

from ecglens.report import summarise
from ecglens.report.formats import make_tables
from ecglens.report.frames import where


def test_planted_failures_are_found(summary) -> None:
    found = {(s.encoder, s.rule) for s in summary.signatures if s.state == "found" and s.task == "af"}
    assert found == {
        ("conv", "diagnosis stays within a source"),
        ("conv", "fits its training source"),
        ("age-sex", "the picture promises too much"),
        ("age-sex", "diagnosis stays within a source"),
    }


def test_what_is_not_known_is_not_judged(summary) -> None:
    unknown = {(s.encoder, s.rule): s.sentence for s in summary.signatures if s.state == "cannot be judged"}
    assert unknown["age-sex", "fits its training source"] == "not known: feature overlap between chance and its ceiling"


def test_sentences_carry_the_numbers_of_the_tables(summary) -> None:
    sentences = {(s.encoder, s.task, s.rule): s.sentence for s in summary.signatures}
    corrected = (0.3 - 20 / 200) / (0.95 - 20 / 200)
    assert f"chance and ceiling, is {corrected:.2f}" in sentences["conv", "af", "fits its training source"]


def test_the_gain_over_shuffled_labels_is_that_of_the_tests(summary) -> None:
    gain = where(summary.ranking.chance, encoder="conv", task="af")["value"].mean()
    (sentence,) = (
        s.sentence for s in summary.signatures if (s.encoder, s.task, s.rule) == ("conv", "af", RULES[-1].name)
    )
    assert f"by {gain:.2f}," in sentence


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_holds_at_its_thresholds_and_not_beyond(rule) -> None:
    step = {"<": -1e-6, "≥": 0.0}
    facts = dict.fromkeys(FACTS, 0.0)
    conditions = [(fact, sign, getattr(Thresholds(), limit)) for fact, sign, limit in rule.conditions]
    facts |= {fact: threshold + step[sign] for fact, sign, threshold in conditions}
    assert judge(rule, "e", "t", facts, Thresholds()).state == "found"
    for fact, sign, threshold in conditions:
        beyond = threshold + {"<": 0.0, "≥": -1e-6}[sign]
        assert not SIGNS[sign](beyond, threshold)
        assert judge(rule, "e", "t", facts | {fact: beyond}, Thresholds()).state == "not found"
        assert judge(rule, "e", "t", facts | {fact: float("nan")}, Thresholds()).state == "cannot be judged"


def test_a_study_sets_its_own_thresholds(results) -> None:
    strict = summarise(replace(results, study={**results.study, "thresholds": {"label_high": 0.7}}))
    words = {(each.encoder, each.words) for each in strict.alignments}
    assert ("features", "weakly follows the label") in words
    (definitions,) = (table for table in make_tables(strict) if table.title == "How signatures are defined")
    assert any("upper end of its interval < 0.7" in cell.text for row in definitions.rows for cell in row)
    assert "0.7: set by the study instead of 0.4" in definitions.notes


def test_every_encoder_and_task_has_one_verdict_with_its_numbers(summary) -> None:
    words = {(each.encoder, each.task): each.words for each in summary.alignments}
    assert len(words) == len(summary.alignments) == len(summary.grid.encoders) * len(summary.grid.tasks)
    assert words["conv", "af"] == "follows the source"
    assert words["features", "af"] == "follows the label"
    assert words["age-sex", "af"] == "follows neither"
    place = {"encoder": "conv", "task": "cd", "metric": "knn_rescaled", "counts": "equal", "stratum": "all"}
    knn = where(summary.separability, **place).set_index("level")
    (sentence,) = (each.sentence for each in summary.alignments if (each.encoder, each.task) == ("conv", "cd"))
    assert f"label kNN {knn.loc['label', 'value']:.2f} [" in sentence
    assert f"source kNN {knn.loc['source', 'value']:.2f} [" in sentence
    assert f"n = {knn.loc['label', 'n']:.0f} could show a label kNN of " in sentence


def test_a_gap_that_the_intervals_do_not_show_is_not_found() -> None:
    """On 12 records, 0.45 within and -0.25 across data sets say nothing."""
    (rule,) = (rule for rule in RULES if rule.name == "diagnosis stays within a source")
    facts = {"label_within": 0.45, "label_across": -0.25, "within_gap": -0.4}
    assert judge(rule, "e", "t", facts, Thresholds()).state == "not found"
    assert judge(rule, "e", "t", facts | {"within_gap": 0.1}, Thresholds()).state == "found"
    assert judge(rule, "e", "t", facts | {"within_gap": np.nan}, Thresholds()).state == "cannot be judged"
