from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from ecglens.report import summarise
from ecglens.report.formats import make_tables
from ecglens.report.frames import where
from ecglens.report.signatures import FACTS, RULES, SIGNS, judge
from ecglens.study.thresholds import Thresholds


def test_planted_failures_are_found(summary) -> None:
    found = {(s.encoder, s.rule) for s in summary.signatures if s.state == "found" and s.task == "af"}
    assert found == {
        ("conv", "encodes acquisition"),
        ("conv", "diagnosis stays within a recorder"),
        ("conv", "fits its training source"),
        ("features", "encodes diagnosis"),
        ("age-sex", "encodes neither"),
        ("age-sex", "the picture promises too much"),
        ("age-sex", "diagnosis stays within a recorder"),
    }


def test_what_is_not_known_is_not_judged(summary) -> None:
    unknown = {(s.encoder, s.rule): s.sentence for s in summary.signatures if s.state == "cannot be judged"}
    assert unknown["age-sex", "fits its training source"] == "not known: feature overlap between chance and its ceiling"


def test_sentences_carry_the_numbers_of_the_tables(summary) -> None:
    sentences = {(s.encoder, s.task, s.rule): s.sentence for s in summary.signatures}
    place = {"encoder": "conv", "task": "cd", "metric": "knn_rescaled", "counts": "equal", "stratum": "all"}
    knn = where(summary.separability, **place).set_index("level")["value"]
    expected = f"(rescaled kNN {knn['dataset']:.2f}) and not the label ({knn['label']:.2f})"
    assert sentences["conv", "cd", "encodes acquisition"].endswith(expected)
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


def test_what_an_embedding_encodes_is_one_thing(summary) -> None:
    """For every pair of numbers at most one of the four rules about neighbours holds."""
    four = [rule for rule in RULES if rule.name.startswith("encodes")]
    assert len(four) == 4
    for label, dataset in product(np.linspace(-0.1, 1, 23), repeat=2):
        facts = {"label_knn": label, "dataset_knn": dataset}
        assert sum(judge(rule, "e", "t", facts, Thresholds()).state == "found" for rule in four) <= 1


def test_a_study_sets_its_own_thresholds(results) -> None:
    strict = summarise(replace(results, study={**results.study, "thresholds": {"label_high": 0.7}}))
    assert not [s for s in strict.signatures if s.rule == "encodes diagnosis" and s.state == "found"]
    (definitions,) = (table for table in make_tables(strict) if table.title == "How signatures are defined")
    assert any("rescaled label kNN ≥ 0.7" in cell.text for row in definitions.rows for cell in row)
    assert "0.7: set by the study instead of 0.4" in definitions.notes
